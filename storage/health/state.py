"""What there is to know of the store at one moment."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from storage import home
from storage.backups import copies, emptied, loss, noted
from storage.backups.copies import Backup
from storage.backups.noted import Checked
from storage.database.connection import file_of
from storage.database.watch import Watch
from storage.engines import postgres, revisions
from storage.errors import StorageError
from storage.health import holders
from storage.health.holders import Holder

# Whoever asks wants to know now that a lock is held, not when it is given up.
PATIENCE_SECONDS = 1.0
SQLITE, POSTGRES = "SQLite", "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much room things take, and how much there is, in bytes."""

    database: int = 0
    log: int = 0
    runs: int = 0
    backups: int = 0
    set_aside: int = 0
    free: int = 0
    disk: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a database and of the folder that it lies in.

    ``problem`` says what is in the way of using it, and what helps; empty for nothing.
    ``filesystem`` is the kind of the one that the file lies on, as the system calls it.
    ``holders`` is None where the system does not tell. On a server there is no file, and hence
    no check, no backup and no log.
    """

    place: str
    engine: str
    version: str
    revision: str | None = None
    problem: str = ""
    sizes: Sizes = field(default_factory=Sizes)
    filesystem: str = ""
    checked: Checked | None = None
    backup: Backup | None = None
    verified: Checked | None = None
    changed_since: bool = False
    """Whether the database was changed after the newest backup was made."""
    holders: tuple[Holder, ...] | None = None
    loss: str = ""
    """What the log had lost when the database was opened, until somebody has read of it."""

    @property
    def newest(self) -> str:
        """Return the revision that this version of Whetstone works with."""
        return revisions.newest()


def look(barrier: StorageError | None = None) -> Health:
    """Return how the database in use is; it is not opened, made or brought up to date for that.

    ``barrier`` is what whoever has it open knows to be in the way. Raises StorageError where
    WHETSTONE_DB names no database.
    """
    path = file_of()
    return _of_file(path, barrier) if path else _of_server()


def _of_file(path: Path, barrier: StorageError | None) -> Health:
    loss.look(path)
    known = copies.known(path)
    newest = next((each for each in known if each.kind != copies.ASIDE), None)
    revision, problem = _opened(path)
    return Health(
        place=str(path),
        engine=SQLITE,
        version=sqlite3.sqlite_version,
        revision=revision,
        problem=str(barrier or problem or ""),
        sizes=_sizes(path),
        filesystem=_filesystem(path),
        checked=noted.of_database(path),
        backup=newest,
        verified=noted.of_copy(path, newest.path) if newest else None,
        changed_since=newest is not None and copies.is_changed_since(path, newest),
        holders=holders.of(path),
        loss=missing.complaint if (missing := noted.of_log(path)) else "",
    )


def _opened(path: Path) -> tuple[str | None, StorageError | None]:
    """Return a file's revision, and what keeps it from being used."""
    try:
        revision = revisions.of_file(path, PATIENCE_SECONDS)
        revisions.check(revision, str(path))
        if revision is None:
            emptied.ask(path)
            return None, None
        return revision, Watch(path, PATIENCE_SECONDS, lambda: None).barrier()
    except StorageError as error:
        return None, error


def _of_server() -> Health:
    place, version, revision, size = "", "", None, 0
    problem: StorageError | None = None
    try:
        place, version, revision, size = postgres.described(home.database_url())
    except StorageError as error:
        problem = error
    return Health(
        place=place,
        engine=POSTGRES,
        version=version,
        revision=revision,
        problem=str(problem or ""),
        sizes=_home_sizes(home.folder(), size),
    )


def _sizes(path: Path) -> Sizes:
    disk = shutil.disk_usage(path.parent)
    return Sizes(
        database=_size(path),
        log=_size(Path(f"{path}-wal")),
        runs=_tree(home.folder() / "runs"),
        backups=_tree(path.parent / copies.FOLDER),
        set_aside=_tree(path.parent / copies.ASIDE),
        free=disk.free,
        disk=disk.total,
    )


def _home_sizes(folder: Path, database: int) -> Sizes:
    disk = shutil.disk_usage(folder)
    return Sizes(database, runs=_tree(folder / "runs"), free=disk.free, disk=disk.total)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tree(folder: Path) -> int:
    return sum(_inside(folder))


def _inside(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        try:
            yield path.lstat().st_size
        except FileNotFoundError:
            # A run at work drops what it no longer needs.
            continue


def _filesystem(path: Path) -> str:
    """Return the kind of the filesystem that a file lies on; empty where nobody knows."""
    parts = psutil.disk_partitions(all=True)
    above = [part for part in parts if path.is_relative_to(part.mountpoint)]
    return max(above, key=lambda part: len(part.mountpoint)).fstype if above else ""
