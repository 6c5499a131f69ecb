"""The open database: who may read, who may write, and who runs the jobs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from json import JSONDecodeError
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, MultipleResultsFound, NoResultFound, StatementError
from sqlalchemy.orm import Session

from storage import files, home
from storage.backups import checking, copies, emptied, loss
from storage.database.watch import SECONDS, Watch
from storage.engines import driver_errors, file_swap, postgres, revisions, sqlite
from storage.engines.group_commit import GroupCommit
from storage.errors import BusyError, DamagedError, ReadOnlyError, StorageError, WhetstoneError

PATIENCE = 30.0


class RunnerLock(Protocol):
    """The right to claim runs, held by one process at a time. ``acquire`` also asks for it anew.

    Whoever holds it beats while it is busy: who is not heard of any more does not lead.
    """

    def acquire(self) -> bool: ...

    def beat(self) -> None: ...

    def release(self) -> None: ...


class Database:
    """A handle for many threads; several processes may each have their own.

    Writers take turns under a file lock (SQLite) or under row locks (PostgreSQL).
    """

    def __init__(
        self, reader: Engine, writer: Engine, hasty: Engine, path: Path | None, patience: float
    ):
        """Use ``Database.open`` instead."""
        self._reader = reader
        self._writer = writer
        # Writes what a power cut may take back. To a file everything is written so, for the disk
        # is waited for when the turn is over.
        self._hasty = hasty
        self._commits = GroupCommit(path) if path else None
        self._path = path
        self._patience = patience
        self._mutex = threading.Lock()
        # Counted so that of two threads that write at once neither is lost.
        self._writings = count(1)
        self._written = 0
        self._watch = Watch(path, patience, self.close) if path else None

    @classmethod
    def open(
        cls, url: str | None = None, *, patience: float = PATIENCE, anew: bool = False
    ) -> Database:
        """Open a database, made or brought up to date first where that is needed.

        ``patience`` is how many seconds a writer waits for its turn. A database that was
        emptied is made again only with ``anew``. Raises StorageError where the URL or the
        file cannot be used, EmptiedError, NewerDatabaseError where a newer version of
        Whetstone made it. One that is damaged, or that this user may not change, can be read
        as far as that goes: see ``barrier``.
        """
        parsed = _parse(url or home.database_url())
        if parsed.get_backend_name() == "postgresql":
            engine = postgres.engine(parsed)
            database = cls(engine, engine, postgres.hasty(engine), None, patience)
            with database._spoken():
                postgres.prepare(engine)
            return database
        path = _file(parsed.database)
        reader = sqlite.engine(path, patience=patience, writes=False)
        writer = sqlite.engine(path, patience=patience, writes=True)
        database = cls(reader, writer, writer, path, patience)
        sqlite.settle(path, patience)
        loss.look(path)
        database._prepare_file(path, anew)
        if database._watch:
            database._watch.look()
        if path == home.folder().resolve() / home.DATABASE:
            # One elsewhere may be meant for several people.
            home.close_to_others()
        return database

    @property
    def path(self) -> Path | None:
        """Return the database's file, None where it lies on a server."""
        return self._path

    @property
    def written(self) -> int:
        """Return a number that grows with each change that this process makes."""
        return self._written

    def barrier(self) -> StorageError | None:
        """Return why nothing can be changed at present, None where it can."""
        return self._watch.barrier() if self._watch else None

    def judge(self, found: DamagedError | None) -> None:
        """Take down what a look at the whole file found: that it is damaged, or whole."""
        if self._watch:
            self._watch.judge(found)

    @property
    def url(self) -> str:
        """Return the database's URL without its password."""
        return self._writer.url.render_as_string(hide_password=True)

    def is_copy_of(self, url: str) -> bool:
        """Tell whether an SQLite file at this URL is there and is another one than ours."""
        if self._path is None or not url.startswith(_SQLITE):
            return False
        other = Path(url.removeprefix(_SQLITE))
        return other.is_file() and self._path.is_file() and not other.samefile(self._path)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one moment of the database and cannot change it."""
        if self._watch:
            self._watch.look()
        with self._spoken(), Session(self._reader) as session:
            if self._path is None:
                session.connection(execution_options=postgres.ONE_MOMENT)
            yield session

    @contextmanager
    def write(
        self, other: sqlite3.Connection | None = None, *, durable: bool = True
    ) -> Iterator[Session]:
        """Yield a session whose changes are on disk when the block ends, or not made at all.

        What is not ``durable``, because it would be found again, has no disk waited for while
        others want their turn: a power cut may take it back, whole. Of a file, the session finds
        the tables of the database ``other``, too, to copy from.
        Raises BusyError where no turn came within the database's patience, ReadOnlyError and
        DamagedError where nothing may be changed.
        """
        self._refuse()
        with self._turn(), self._spoken():
            if self._path:
                self._refuse()
                sqlite.checkpoint(self._writer, self._path)
            beside = self._beside(other, self._writer if durable else self._hasty)
            with beside as writer, Session(writer) as session, session.begin():
                yield session
        self._written = next(self._writings)
        if durable and self._commits:
            self._commits.wait()

    def _beside(
        self, other: sqlite3.Connection | None, writer: Engine
    ) -> AbstractContextManager[Engine]:
        """Return what writes, with another database beside it where this is a file."""
        if other is None or self._path is None:
            return nullcontext(writer)
        return sqlite.beside(self._path, other, self._patience)

    def runner_lock(self) -> RunnerLock:
        """Return the lock whose holder claims runs and starts workers."""
        if self._path is None:
            return postgres.RunnerLock(self._writer)
        return home.FileLock(home.lock_file(self._path, "runner.lock"))

    def close(self) -> None:
        """Close every connection."""
        for each in (self._reader, self._writer, self._hasty):
            each.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the right to write."""
        if self._path is None:
            yield
            return
        # The threads of one process queue here, so that only one of them polls the file lock.
        if not self._mutex.acquire(timeout=self._patience):
            raise BusyError(driver_errors.BUSY)
        try:
            with home.lock(home.lock_file(self._path, "write.lock"), timeout=self._patience):
                file_swap.finish(self._path)
                yield
        finally:
            self._mutex.release()

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Turn the driver's errors into sentences."""
        try:
            yield
        except StatementError as error:
            found = driver_errors.explained(error, self.url)
            if self._watch and isinstance(found, DamagedError):
                self._watch.judge(found)
            raise found from error
        except WhetstoneError:
            raise
        except Exception as error:
            if damage := self._damage_behind(error):
                raise damage from error
            raise

    def _damage_behind(self, error: Exception) -> DamagedError | None:
        """Return the damage that an error comes from which the driver did not raise, if any."""
        if self._path is None or self._watch is None:
            return None
        if complaint := checking.quick(self._path, SECONDS):
            found = checking.damaged(self._path, complaint)
            self._watch.judge(found)
            return found
        if isinstance(error, _UNREADABLE):
            return DamagedError(_STRANGE.format(path=self._path, reason=type(error).__name__))
        return None

    def _refuse(self) -> None:
        if self._watch:
            self._watch.refuse()

    def _prepare_file(self, path: Path, anew: bool) -> None:
        """Bring the file to the newest revision; a copy of it is kept first."""
        revision = revisions.of_file(path, self._patience)
        if revision == revisions.newest():
            return
        if not files.is_writable(path):
            raise ReadOnlyError(_OLDER.format(path=path))
        with self._turn():
            # Another process may have done it while this one waited.
            revision = revisions.of_file(path, self._patience)
            if revision == revisions.newest():
                return
            revisions.check(revision, str(path))
            if revision is None and not anew:
                emptied.ask(path)
            copy = copies.make(path, revision) if revision else None
            with self._spoken(), driver_errors.of_file(path), revisions.named(str(path), copy):
                sqlite.migrate(path, self._patience)
            if self._commits:
                self._commits.wait()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Neither what was set nor what the driver says of it is repeated: it holds a password.
        raise StorageError(f"WHETSTONE_DB holds no database URL: {_URLS}") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StorageError(f"{parsed.drivername} is not a supported kind of database: {_URLS}")
    return parsed


def file_of(url: str | None = None) -> Path | None:
    """Return the file of a database, else of the one in use; None where it lies on a server."""
    parsed = _parse(url or home.database_url())
    return _file(parsed.database) if parsed.get_backend_name() == "sqlite" else None


def probe(patience: float) -> None:
    """Look whether the database in use answers; raises BusyError where it is locked for longer.

    A server is asked when it is opened; of a file this says nothing but that.
    """
    path = file_of()
    if path and path.exists():
        loss.look(path)
        with driver_errors.of_file(path):
            sqlite.connect(path, patience).close()


def _file(name: str | None) -> Path:
    if not name or name == ":memory:":
        raise StorageError(f"A database in memory cannot be shared by processes: {_URLS}")
    # SQLite puts the log beside the file itself, not beside a link to it.
    path = Path(name).expanduser().resolve()
    if path.is_dir() or not path.parent.is_dir():
        raise StorageError(f"{path} is a folder or lies in none: {_URLS}")
    return path


_SQLITE = "sqlite:///"
# What reading a row raises whose bytes are not what was written: no code of ours asks for these.
_UNREADABLE = (NoResultFound, MultipleResultsFound, JSONDecodeError, UnicodeDecodeError)
_STRANGE = (
    "The database {path} holds something that cannot be read ({reason}), though its pages are "
    "whole: check it on Settings, and restore a backup where damage is found."
)
_OLDER = (
    "The database {path} is not of this version of Whetstone, and may not be changed: make the "
    "file and its folder writable for you."
)
_URLS = "set WHETSTONE_DB to sqlite:////path/to/file.db or postgresql://user@host/name."
