"""Another file in a database's place: all of it or nothing, whatever is killed in between.

The new file lies ready in a folder beside the database. A symbolic link to that folder is the
decision: from then on the change goes on to its end, done by whichever process comes next. The
file that was there and its log go into the folder, so nothing is lost; programs that have them
open keep them, and find out by ``identity`` that the database is another one now.

SQLite opens a database's log by its name, and deletes it by its name when the last one closes:
one that is opened or closed in the middle of a change would take the new file's log for its own.
So whoever opens or closes holds the files ``still``, and the change waits for that.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from pathlib import Path

from storage import files, home
from storage.atomic import sync

NEW = "new.db"
# The database goes first: without it nobody reads its log as that of another file.
PARTS = ("", "-wal", "-shm")
LOCK = "swap.lock"
# Opening takes milliseconds; of a long log that nobody has open, seconds.
PATIENCE = 30.0


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one at the same place; None where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_pending(path: Path) -> bool:
    """Tell whether a change of this database's file was decided and is not yet done."""
    # Asked before each look at the database: a Path takes ten times as long.
    return os.path.islink(_name(path))


def still(path: Path, patience: float = PATIENCE) -> AbstractContextManager[object]:
    """Return what keeps other files from coming into the database's place while it is held.

    Many may hold it at once. Where this user may not write nothing is held: such a connection
    makes and deletes no log. Raises BusyError where a change takes longer than ``patience``.
    """
    place = home.lock_file(path, LOCK)
    has_room = files.has_room(path) and files.takes_files(path.parent)
    if not files.is_writable(path) or not (place.exists() or has_room):
        return nullcontext()
    return home.lock(place, shared=True, timeout=patience)


def forget(path: Path) -> None:
    """Delete the lock of a file that nobody else knows."""
    home.lock_file(path, LOCK).unlink(missing_ok=True)


def swap(path: Path, folder: Path) -> None:
    """Put ``folder/new.db`` in the database's place; call it under the write lock.

    The folder lies below the database's own. What was there before is in it afterwards. Raises
    BusyError where somebody takes too long to open the database; nothing is decided then.
    """
    sync(folder / NEW)
    sync(folder)
    sync(folder.parent)
    with _while_nobody_opens(path):
        _plan(path).symlink_to(folder.relative_to(path.parent))
        sync(path.parent)
        _finish(path)


def finish(path: Path) -> None:
    """Bring a change that was decided to its end, if there is one; under the write lock.

    Raises BusyError likewise.
    """
    if is_pending(path):
        with _while_nobody_opens(path):
            _finish(path)


def _while_nobody_opens(path: Path) -> AbstractContextManager[object]:
    return home.lock(home.lock_file(path, LOCK), timeout=PATIENCE)


def _finish(path: Path) -> None:
    folder = path.parent / os.readlink(_plan(path))
    if (folder / NEW).exists():
        for part in PARTS:
            _move(Path(f"{path}{part}"), folder)
        sync(folder)
        (folder / NEW).rename(path)
        sync(path.parent)
    _plan(path).unlink()
    sync(path.parent)


def _move(path: Path, folder: Path) -> None:
    """Move a file into the folder, over nothing that lies there."""
    names = (folder / f"{path.name}{f'.{number}' if number else ''}" for number in count())
    if path.exists():
        path.rename(next(place for place in names if not place.exists()))


def _plan(path: Path) -> Path:
    return Path(_name(path))


def _name(path: Path) -> str:
    return f"{path}.restoring"
