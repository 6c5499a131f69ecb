"""Another file in a database's place: all of it or nothing, whatever is killed in between.

The new file lies ready in a folder beside the database. A symbolic link to that folder is the
decision: from then on the change goes on to its end, done by whichever process comes next. The
file that was there and its log go into the folder, so nothing is lost; programs that have them
open keep them, and find out by ``identity`` that the database is another one now.
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

from storage.atomic import sync

NEW = "new.db"
# The database goes first: without it nobody reads its log as that of another file.
PARTS = ("", "-wal", "-shm")


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one at the same place; None where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_pending(path: Path) -> bool:
    """Tell whether a change of this database's file was decided and is not yet done."""
    return _plan(path).is_symlink()


def swap(path: Path, folder: Path) -> None:
    """Put ``folder/new.db`` in the database's place; call it under the write lock.

    The folder lies below the database's own. What was there before is in it afterwards.
    """
    sync(folder / NEW)
    sync(folder)
    sync(folder.parent)
    _plan(path).symlink_to(folder.relative_to(path.parent))
    sync(path.parent)
    finish(path)


def finish(path: Path) -> None:
    """Bring a change that was decided to its end, if there is one; under the write lock."""
    if not is_pending(path):
        return
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
    return Path(f"{path}.restoring")
