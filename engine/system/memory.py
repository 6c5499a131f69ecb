"""How much memory is free: on this computer, in this container."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
FILES = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)
# The numbers of these parameters in glibc's malloc.h, and the most that the former takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _KEPT = -1, -3, 32 << 20
_LIBRARY = ctypes.CDLL(None)
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


@contextmanager
def giving_back(size: int) -> Iterator[None]:
    """Have what is larger than ``size`` bytes go back to the system when it is freed.

    glibc keeps it otherwise, and what is small comes to lie in it, so that it stays for ever.
    To have it given again takes time, so afterwards it is kept, as glibc does sooner or later.
    """
    _adjust(_MMAP_THRESHOLD, size)
    try:
        yield
    finally:
        keep()


def keep() -> None:
    """Have what is freed stay for what comes, in this process: up to 64 MB in one place.

    glibc otherwise gives back what lies at the end, and a model that asks for the same tables
    batch after batch waits for pages each time: a fifth of its time in int8.
    """
    _adjust(_MMAP_THRESHOLD, _KEPT)
    _adjust(_TRIM_THRESHOLD, 2 * _KEPT)


def _adjust(parameter: int, value: int) -> None:
    if sys.platform.startswith("linux") and (adjust := getattr(_LIBRARY, "mallopt", None)):
        adjust(parameter, value)


def _left_in_groups() -> list[int]:
    """Return what limits of containers leave: of control groups, version 2 and version 1."""
    found = [_left(GROUPS / limit, GROUPS / used) for limit, used in FILES]
    return [left for left in found if left is not None]


def _left(limit: Path, used: Path) -> int | None:
    if not (limit.is_file() and used.is_file()):
        return None
    most = limit.read_text().strip()
    return None if most == "max" else max(0, int(most) - int(used.read_text()))
