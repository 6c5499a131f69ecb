"""The lock of a run's folder: whoever holds it works there, and nobody else does."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from storage.errors import TrainingError

NAME = "worker.lock"


def take(folder: Path) -> int:
    """Return a descriptor that holds the folder's lock; raise TrainingError where it is taken."""
    descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        os.close(descriptor)
        raise TrainingError(
            f"Another process is already training in {folder}; wait for it or cancel it."
        ) from problem
    return descriptor
