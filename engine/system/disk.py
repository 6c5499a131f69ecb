"""Write where there may be too little space: wait, say what is needed, go on when it is there."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

GLANCE_SECONDS = 0.5
# Beside what is written, the folder's other files must not run dry.
RESERVE = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)


class Waiter(Protocol):
    """Who hears of a wait for disk space."""

    def pause(self) -> None:
        """Called twice a second while waiting; may raise."""

    def wait(self, message: str) -> None:
        """Hear, once, what is needed and what is there."""

    def go_on(self) -> None:
        """Hear that the wait is over."""


def write_patiently(folder: Path, need: int, write: Callable[[], object], waiter: Waiter) -> None:
    """Call ``write``, which takes about ``need`` bytes in ``folder``, when there is space for it.

    ``write`` is called again after it met a full disk, and must sweep away what it left then.
    """
    waited = False
    while True:
        free = shutil.disk_usage(folder).free
        if free >= need + RESERVE:
            try:
                write()
            except Exception as problem:
                if not is_full(problem):
                    raise
            else:
                if waited:
                    waiter.go_on()
                return
        if not waited:
            waiter.wait(
                f"The disk is full: the run needs {megabytes(need + RESERVE)} in its folder, has "
                f"{megabytes(free)}. It goes on by itself when there is space."
            )
            waited = True
        time.sleep(GLANCE_SECONDS)
        waiter.pause()


def is_full(problem: BaseException) -> bool:
    """Tell whether an error says that the disk is full; safetensors says it in words only."""
    if isinstance(problem, OSError) and problem.errno in FULL:
        return True
    return any(f"os error {number}" in str(problem) for number in FULL)


def megabytes(count: int) -> str:
    """Name a number of bytes for a person."""
    return f"{count / 1e6:,.1f} MB"
