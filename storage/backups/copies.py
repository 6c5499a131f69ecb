"""The copies of a database that there are, and how one is made.

They lie in ``backups`` beside the database. One a day is made by itself when something has
changed; the last seven are kept, and of the weeks before them the newest of each of four. One is
made before every upgrade, and whenever a person asks; those stay. Each is read back before it
gets its name. What was put aside by a restore lies in ``set-aside``, and can be gone back to as
well.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from storage import atomic, files, home
from storage.backups import checking, noted, rolling
from storage.engines import driver_errors, sqlite
from storage.engines.clock import now
from storage.errors import BusyError, NotFoundError, StorageError

FOLDER, ASIDE = "backups", "set-aside"
DAILY, ASKED = "daily", "asked"
DAY = timedelta(days=1)
# What a copy leaves free: of the disk, but no more than so many bytes.
SHARE, RESERVE = 0.05, 512 * 2**20


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a database: ``kind`` says why it was made, ``at`` when, in UTC."""

    name: str
    path: Path
    kind: str
    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What a database holds, as far as a person counts it."""

    documents: int
    edits: int


def known(path: Path) -> list[Backup]:
    """Return the copies of a database, the newest first."""
    found = [*_listed(path), *_set_aside(path)]
    return sorted(found, key=lambda backup: backup.at, reverse=True)


def find(path: Path, name: str) -> Backup:
    """Return the copy of this name; raises NotFoundError."""
    for backup in known(path):
        if backup.name == name:
            return backup
    raise NotFoundError(f"There is no backup {name!r} of {path}: choose one from the list.")


def make(path: Path, kind: str) -> Path:
    """Copy a database, open or not, and return the copy's path, whose name it gets when whole.

    Raises DamagedError where the database is damaged: a copy of that helps nobody. Raises
    StorageError where it cannot be written, or the disk would be full with it.
    """
    folder = files.make_folder(path.parent / FOLDER)
    _require_space(path, folder)
    copy = folder / f"{path.stem}-{kind}-{stamp()}.db"
    draft = copy.with_suffix(f".{os.getpid()}.part")
    with driver_errors.of_file(path):
        sqlite.copy(path, draft)
    begun = time.monotonic()
    if complaint := checking.quick(draft, mode=files.quiet(draft)):
        draft.unlink()
        raise checking.damaged(path, complaint)
    draft.rename(copy)
    atomic.sync(folder)
    noted.note(path, copy, noted.measured(copy, begun, ""))
    return copy


def check(path: Path, backup: Backup) -> str:
    """Read a copy through, keep what was found, and return it: empty where it is whole."""
    begun = time.monotonic()
    complaint = checking.quick(backup.path, mode=files.quiet(backup.path))
    noted.note(path, backup.path, noted.measured(backup.path, begun, complaint))
    return complaint


def drop(path: Path, name: str) -> None:
    """Delete a copy, with all that a restore put aside with it; raises NotFoundError."""
    file = find(path, name).path
    with driver_errors.of_file(file):
        if file.parent.parent.name == ASIDE:
            shutil.rmtree(file.parent)
        else:
            file.unlink()


def make_daily(path: Path) -> Path | None:
    """Make today's copy where one is due, and drop the eldest; return the new one, if any."""
    if not is_due(path):
        return None
    try:
        with home.lock(home.lock_file(path, "backup.lock"), timeout=0):
            if not is_due(path):
                return None
            _sweep(path)
            made = make(path, DAILY)
            _prune(path)
            return made
    except BusyError:
        # Another process is making it.
        return None


def is_due(path: Path) -> bool:
    """Tell whether the newest copy is a day old, and the database was changed since."""
    changed = _changed(path)
    if changed is None:
        return False
    newest = max((backup.at for backup in _listed(path)), default=None)
    if newest is None:
        held = present(path)
        return held is None or held.documents > 0
    # A copy from the future was made before somebody set the clock.
    return changed > newest and not timedelta(0) <= datetime.now(UTC) - newest < DAY


def is_changed_since(path: Path, backup: Backup) -> bool:
    """Tell whether a database was written to after this copy was made."""
    changed = _changed(path)
    return changed is not None and changed > backup.at


def counts(backup: Backup) -> Counts | None:
    """Return what a copy holds, None where it is too damaged to tell, or gone by now."""
    try:
        changed = backup.path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _counts(backup.path, changed)


def present(path: Path) -> Counts | None:
    """Return what the database itself holds, None where it is damaged or not there."""
    return _count(path, "") if path.exists() else None


def stamp() -> str:
    """Return the present moment as it stands in names of files."""
    return now().replace(":", "").replace("+0000", "Z")


def _listed(path: Path) -> Iterator[Backup]:
    name = re.compile(rf"{re.escape(path.stem)}-(\w+)-({_STAMP})\.db")
    for file in _inside(path.parent / FOLDER):
        if found := name.fullmatch(file.name):
            yield from _backup(file, file.name, found[1], found[2])


def _set_aside(path: Path) -> Iterator[Backup]:
    for folder in _inside(path.parent / ASIDE):
        file = folder / path.name
        if re.fullmatch(_STAMP, folder.name) and file.is_file():
            yield from _backup(file, f"{ASIDE}/{folder.name}", ASIDE, folder.name)


def _backup(file: Path, name: str, kind: str, at: str) -> Iterator[Backup]:
    moment = datetime.strptime(at, "%Y-%m-%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    try:
        yield Backup(name, file, kind, moment, file.stat().st_size)
    except FileNotFoundError:
        # Another process dropped it in between, for it was the eldest.
        return


_STAMP = r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z"


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _changed(path: Path) -> datetime | None:
    """Return when a database was last written to, None where it is not there."""
    files = [file for file in (path, Path(f"{path}-wal")) if file.exists()]
    # A log is made empty by whoever only looks.
    times = [file.stat().st_mtime for file in files if file.stat().st_size]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _sweep(path: Path) -> None:
    """Drop what somebody left who was killed while making a copy."""
    draft = re.compile(rf"{re.escape(path.stem)}-\w+-{_STAMP}\.(\d+)\.part")
    for file in _inside(path.parent / FOLDER):
        found = draft.fullmatch(file.name)
        if found and not _is_alive(int(found[1])):
            file.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Somebody else's.
        return True
    return True


def _prune(path: Path) -> None:
    daily = {backup.at: backup.path for backup in _listed(path) if backup.kind == DAILY}
    for moment in daily.keys() - rolling.kept(daily):
        daily[moment].unlink()


def _require_space(path: Path, folder: Path) -> None:
    """Raise StorageError where a copy would leave too little room to go on working."""
    size = sum(file.stat().st_size for file in (path, Path(f"{path}-wal")) if file.exists())
    disk = shutil.disk_usage(folder)
    need = size + min(RESERVE, int(disk.total * SHARE))
    if disk.free < need:
        raise StorageError(
            f"The disk of {folder} is too full for a backup (needs {need / 1e6:,.1f} MB free, has "
            f"{disk.free / 1e6:,.1f} MB): free some space, or delete older backups on Settings."
        )


@lru_cache(maxsize=256)
def _counts(path: Path, _changed: int) -> Counts | None:
    return _count(path, files.quiet(path))


def _count(path: Path, mode: str) -> Counts | None:
    try:
        with closing(sqlite.connect(path, patience=5.0, mode=mode)) as connection:
            query = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM journal)"
            return Counts(*connection.execute(query).fetchone())
    except sqlite3.DatabaseError:
        # Told apart from a whole one by having no numbers; what is wrong, a restore says.
        return None
