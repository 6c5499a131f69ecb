"""A look at every page of a database that goes on by itself, while somebody does other things."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from storage.backups import checking, noted
from storage.errors import DamagedError, StorageError

# Bytes a second, where no earlier look says how long it takes.
RATE = 50e6


class Check:
    """One look, in a thread of its own. ``judge`` hears what it found: damage, or nothing."""

    def __init__(self, path: Path, judge: Callable[[DamagedError | None], None]):
        self._path = path
        self._judge = judge
        self._stopping = threading.Event()
        self._begun = time.monotonic()
        self._thread = threading.Thread(target=self._look, name="check", daemon=True)
        self.expected = _expected(path)
        """Seconds that it will take, guessed by the last one or by the file's size."""
        self.trouble: StorageError | None = None
        """What the look found, or what was in its way."""

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end, so long at most."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """End without a result, and wait for that."""
        self._stopping.set()
        self._thread.join()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def stopped(self) -> bool:
        """Whether it was ended before it had seen everything."""
        return self._stopping.is_set()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    def _look(self) -> None:
        try:
            found = checking.full(self._path, self._stopping.is_set)
        except StorageError as error:
            self.trouble = error
            return
        self.trouble = found
        if not self.stopped:
            self._judge(found)


def _expected(path: Path) -> float:
    size, last = path.stat().st_size, noted.of_database(path)
    return last.seconds * size / last.size if last and last.size else size / RATE
