"""How much memory is free: on this computer, in this container."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
FILES = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)
# The number of this parameter in glibc's malloc.h.
_MMAP_THRESHOLD = -3
# Of what is free, one thing that only saves time may take so much.
SHARE = 4


def free() -> int:
    """Return how many bytes processes could still take before something is swapped or killed."""
    return min([psutil.virtual_memory().available, *_left_in_groups()])


def room(most: int, free: int) -> int:
    """Return how many bytes something may take that only saves time: ``most``, or its half, …

    It is no more than a quarter of what is free, in coarse steps: what is computed with more of
    it or less may differ in the last digits, and should not with every program that is open.
    """
    while most > 1 and most * SHARE > free:
        most //= 2
    return most


def give_back_at_once(size: int) -> bool:
    """Have what is larger than ``size`` bytes go back to the system when it is freed.

    glibc keeps it otherwise, and what is small comes to lie in it, so that it stays for ever.
    Return whether the C library knows that.
    """
    if not sys.platform.startswith("linux"):
        return False
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(adjust and adjust(_MMAP_THRESHOLD, size))


def _left_in_groups() -> list[int]:
    """Return what limits of containers leave: of control groups, version 2 and version 1."""
    found = [_left(GROUPS / limit, GROUPS / used) for limit, used in FILES]
    return [left for left in found if left is not None]


def _left(limit: Path, used: Path) -> int | None:
    if not (limit.is_file() and used.is_file()):
        return None
    most = limit.read_text().strip()
    return None if most == "max" else max(0, int(most) - int(used.read_text()))
