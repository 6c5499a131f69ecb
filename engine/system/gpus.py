"""The GPUs of this machine, counted without loading torch."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

DRIVER = Path("/proc/driver/nvidia/gpus")
VARIABLE = "CUDA_VISIBLE_DEVICES"
PATIENCE = 20.0


def present() -> tuple[str, ...]:
    """Name the GPUs that this process may use, as CUDA_VISIBLE_DEVICES takes them."""
    if (chosen := os.environ.get(VARIABLE)) is not None:
        return visible(chosen)
    try:
        listed = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        # No such program, or no driver behind it: then the driver's own folder counts.
        return tuple(str(i) for i, _ in enumerate(DRIVER.iterdir())) if DRIVER.is_dir() else ()
    return parse(listed.stdout)


def visible(chosen: str) -> tuple[str, ...]:
    """Read a CUDA_VISIBLE_DEVICES as CUDA does: up to the first entry that names nothing."""
    names: list[str] = []
    for name in (part.strip() for part in chosen.split(",")):
        if not re.fullmatch(r"\d+|(GPU|MIG)-[\w/-]+", name):
            break
        names.append(name)
    return tuple(names)


def parse(listed: str) -> tuple[str, ...]:
    """Read ``nvidia-smi -L``: a GPU's UUID, or those of the parts that it is divided into.

    UUIDs, because nvidia-smi and CUDA do not count GPUs in the same order.
    """
    found: list[list[str]] = []
    for line in listed.splitlines():
        if match := re.search(r"\(UUID: (GPU-[^)]+)\)", line):
            found.append([match[1]])
        elif match := re.search(r"\(UUID: (MIG-[^)]+)\)", line):
            found[-1].append(match[1])
    return tuple(name for gpu in found for name in (gpu[1:] or gpu))
