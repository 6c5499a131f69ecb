"""What bit-equal results need besides data, settings and seed. Set before torch is loaded.

The first attempt's worker pins threads, CPU capability, attention and versions in
``spec.json``; later attempts are given the same, and say where they cannot have it.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "safetensors", "peft")
# Threads that spin while they wait made training beside a busy process ten times slower.
FIXED = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "MKL_DYNAMIC": "FALSE",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "TOKENIZERS_PARALLELISM": "false",
}
ATTENTION = "sdpa"


def cores() -> int:
    """Count the CPU cores that this process may use, by affinity and by container quota."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    allowed = known or 1
    quota = Path("/sys/fs/cgroup/cpu.max")
    if quota.is_file():
        limit, period = quota.read_text().split()
        if limit != "max":
            allowed = min(allowed, max(1, int(limit) // int(period)))
    return allowed


def prepare(threads: int, pinned: Mapping[str, Any]) -> int:
    """Set the environment's variables, before torch is loaded; return the number of threads.

    ``threads`` is the wish of the settings (0: all cores, shared with the group's other
    processes on this machine), ``pinned`` an earlier attempt's.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    count = int(pinned.get("threads") or threads or max(1, cores() // here))
    os.environ.update(FIXED)
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(count)
    if capability := pinned.get("cpu_capability"):
        os.environ["ATEN_CPU_CAPABILITY"] = str(capability).lower()
    return count


def describe(threads: int, cpu_capability: str, attention: str = ATTENTION) -> dict[str, Any]:
    """Return what is pinned: the variables, threads, CPU capability, attention, versions."""
    return {
        "threads": threads,
        "cpu_capability": cpu_capability,
        "attention": attention,
        "variables": dict(FIXED),
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


def differences(pinned: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Say in sentences what differs from the first attempt's, and what that means."""
    return [
        f"This attempt has {name.replace('_', ' ')} {value}, the first had {pinned[name]}: "
        f"the last digits may differ."
        for name, value in found.items()
        if name in pinned and pinned[name] != value
    ]
