"""Whether an SQLite file's write-ahead log still holds all that was committed to it.

A log that was cut off, or whose bytes were changed, ends for SQLite at the last change that is
whole, and what came after is left out without a word. The index beside it, which a killed
process leaves behind, knows how many pages there were. After a power cut it may be ahead of the
log by what was committed in the last moment and acknowledged to nobody yet (``group_commit``): to
look whether the newest edits are there is right then, too.

Format: sqlite.org/walformat.html, of which the index's part is in the machine's own byte order.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage import files, home
from storage.errors import BusyError

# Version, unused, changes, two flags, page size, frames, pages, checksum, salt, checksum.
_HEADER = struct.Struct("=IIIBBHII8s8s8s")


@dataclass(frozen=True, slots=True)
class Index:
    """What the index says of a log: how many frames it has, and how many are in the file too."""

    frames: int
    copied: int
    salt: bytes


# Descriptors of indexes that others of this process may have open. POSIX takes all locks of a
# process from a file when it closes any descriptor of it (sqlite.org/howtocorrupt.html, 2.2).
_kept: dict[tuple[int, int], int] = {}


def lost(path: Path, keep: Callable[[Path], None]) -> int:
    """Return how many pages of committed changes the log has lost since it was last in use.

    Where there are any, ``keep`` is called with the log before it changes. Must be asked before
    anybody opens the file: whoever does makes the index anew. Where somebody is at work on it
    the index is true, and nothing is lost.
    """
    if not Path(f"{path}-shm").exists() or not files.is_writable(path):
        return 0
    try:
        with home.lock(home.lock_file(path, "write.lock"), timeout=0):
            return _lost(path, keep)
    except BusyError:
        return 0


def _lost(path: Path, keep: Callable[[Path], None]) -> int:
    index = _opened(path)
    if index is None:
        return 0
    before = _read(index)
    if before is None or before.frames <= before.copied:
        return 0
    with closing(sqlite3.connect(files.address(path), uri=True)) as connection:
        try:
            # The first look reads the log through and makes the index of what is whole in it.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error:
            # Whoever opens it next says what is wrong with it.
            return 0
        if not os.fstat(index).st_nlink:
            # The last one who had it open copied all of the log, and took it away.
            return 0
        after = _read(index)
        found = after.frames if after and after.salt == before.salt else 0
        missing = max(0, before.frames - max(found, before.copied))
        if missing:
            keep(Path(f"{path}-wal"))
    return missing


def _opened(path: Path) -> int | None:
    """Return a descriptor of the index that stays open; None where there is no index."""
    try:
        for key in [key for key, index in _kept.items() if not os.fstat(index).st_nlink]:
            os.close(_kept.pop(key))
        found = os.stat(f"{path}-shm")
        key = found.st_dev, found.st_ino
        if key not in _kept:
            _kept[key] = os.open(f"{path}-shm", os.O_RDONLY | os.O_CLOEXEC)
        return _kept[key]
    except OSError:
        return None


def _read(index: int) -> Index | None:
    """Read the index of a log; None where it is none yet, or is being written."""
    size = _HEADER.size
    start = os.pread(index, 2 * size + 4, 0)
    if len(start) < 2 * size + 4 or start[:size] != start[size : 2 * size]:
        return None
    fields = _HEADER.unpack_from(start)
    (copied,) = struct.unpack_from("=I", start, 2 * size)
    return Index(frames=fields[6], copied=copied, salt=fields[9]) if fields[3] else None
