"""Whether a database's file is still the one that was opened, and what forbids changing it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from storage import files
from storage.backups import checking
from storage.engines import driver_errors, sqlite
from storage.errors import DamagedError, FullError, ReadOnlyError, StorageError

# A look at every page of a file takes about a second for each gigabyte.
SECONDS = 0.5
# The pages of a file that nobody wrote to are looked at again after so many seconds.
AGAIN = 600.0


class Watch:
    """Looks at a file before it is used; ``renew`` lets go of what is known of another one."""

    def __init__(self, path: Path, patience: float, renew: Callable[[], None]):
        self._path = path
        self._patience = patience
        self._renew = renew
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._barrier: StorageError | None = None

    def look(self) -> None:
        """Find out about a file that has come into the place; raises DamagedError for none."""
        if not self._is_news(self._found()):
            return
        with self._lock:
            found = self._found()
            if self._is_news(found):
                self._barrier = _judged(self._path)
                # Before anybody takes the new file for known: a writer must not use the old one.
                self._renew()
                self._seen = found

    def barrier(self) -> StorageError | None:
        """Return why nothing can be changed, None where it can."""
        self.look()
        return self._barrier

    def refuse(self) -> None:
        """Raise what speaks against a change, if anything does."""
        if found := self.barrier():
            raise type(found)(str(found))

    def judge(self, error: StorageError | None) -> None:
        """Remember what was found out about the file: that it is damaged, or whole after all."""
        self._barrier = error

    def _found(self) -> tuple[int, int]:
        found = sqlite.identity(self._path, self._patience)
        if found is None:
            raise DamagedError(f"The database {self._path} is gone: restore a backup.")
        return found

    def _is_news(self, found: tuple[int, int]) -> bool:
        opened_up = isinstance(self._barrier, ReadOnlyError) and files.is_writable(self._path)
        has_room = isinstance(self._barrier, FullError) and files.has_room(self._path)
        return found != self._seen or opened_up or has_room


def _judged(path: Path) -> StorageError | None:
    if not files.is_writable(path):
        return ReadOnlyError(
            driver_errors.READ_ONLY.format(url=path, reason="it is read-only for you")
        )
    if not files.has_room(path):
        some = files.takes_files(path.parent)
        reason = "no room to open its log" if some else "of files: no more can be made"
        return FullError(driver_errors.FULL[1].format(url=path, reason=reason))
    found = path.stat()
    stamp = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
    if complaint := _complaint(path, stamp, int(time.monotonic() // AGAIN)):
        return DamagedError(driver_errors.DAMAGED.format(url=path, reason=complaint))
    return None


@lru_cache(maxsize=8)
def _complaint(path: Path, _stamp: tuple[int, ...], _turn: int) -> str:
    """Look at the pages of a file that stands as it stands, once in a while."""
    return checking.quick(path, SECONDS)
