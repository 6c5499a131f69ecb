"""What SQLite needs beyond SQLAlchemy: connections and their settings, checkpoints, copies."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from storage import atomic, files, home
from storage.engines import driver_errors, file_swap, revisions
from storage.engines.queries import dumps
from storage.errors import StorageError

# Past this size the write-ahead log is copied into the database after a commit.
LOG_LIMIT = 4 * 2**20
# So many connections stay open: making one and its settings costs more than most reads.
KEPT = 20
# Many rows touch all of an index: less than it has would be written to the log again and again.
_WIDE = "home.cache_size=-32768"


class Connection(sqlite3.Connection):
    """A connection that knows which file it has open, and closes while that stays in its place."""

    path: Path | None = None
    file: tuple[int, int] | None = None

    def close(self) -> None:
        with file_swap.still(self.path) if self.path else nullcontext():
            self._close()

    def _close(self) -> None:
        super().close()


def settle(path: Path, patience: float) -> None:
    """Let a backup that somebody restores, or was killed over, come to be in its place."""
    if file_swap.is_pending(path):
        with home.lock(home.lock_file(path, "write.lock"), timeout=patience):
            file_swap.finish(path)


def identity(path: Path, patience: float) -> tuple[int, int] | None:
    """Return which file the database is, once a restore under way is done; None for none."""
    while True:
        settle(path, patience)
        found = file_swap.identity(path)
        # Between two files there is none, and somebody may be just there.
        if found or not (file_swap.is_pending(path) or file_swap.identity(path)):
            return found


def connect(path: Path, patience: float, mode: str = "") -> Connection:
    """Open a file that is there, and its log; a file that takes its place later is another one.

    Where this user may not change it, it can only be read. ``mode`` is ``files.quiet``'s.
    """
    while True:
        file = identity(path, patience)
        with nullcontext() if mode else file_swap.still(path, patience):
            connection = None
            try:
                connection = sqlite3.connect(
                    # Threads take turns with a connection of the pool.
                    files.address(path, mode),
                    uri=True,
                    timeout=patience,
                    check_same_thread=False,
                    factory=Connection,
                )
                # The log is opened at the first look: it must be the log of this very file.
                connection.execute("SELECT count(*) FROM sqlite_master")
                connection.path, connection.file = None if mode else path, file
            except sqlite3.Error:
                _close(connection)
                if _stands(path, file):
                    raise
                continue
        if _stands(path, file):
            return connection
        _close(connection)


def _stands(path: Path, file: tuple[int, int] | None) -> bool:
    return file_swap.identity(path) == file and not file_swap.is_pending(path)


def _close(connection: Connection | None) -> None:
    if connection:
        connection.close()


def engine(path: Path, *, patience: float, writes: bool) -> Engine:
    """Return an engine over a file; one that does not write cannot be made to.

    What it commits is whole, and on the disk once ``group_commit`` has waited for that.

    ``patience`` is how many seconds a statement waits for another connection's lock.
    A connection's ``info["file"]`` tells files apart of which one took another one's place.
    """
    made = create_engine(
        URL.create("sqlite", database=str(path)),
        creator=lambda: connect(path, patience),
        json_serializer=dumps,
        pool_size=KEPT,
        max_overflow=-1,
    )

    @event.listens_for(made, "connect")
    def prepare(connection: Connection, record: Any) -> None:
        record.info["file"] = connection.file
        _prepare(connection, _settings(writes))

    # A deferred transaction that reads and then writes fails at once when another
    # connection has committed in between; an immediate one waits its turn.
    _begin(made, "BEGIN IMMEDIATE" if writes else "BEGIN")
    return made


@contextmanager
def beside(path: Path, other: sqlite3.Connection, patience: float) -> Iterator[Engine]:
    """Yield an engine that writes a file and finds the tables of another database as well.

    The file joins the other one's connection, for that may have no name by which it could join
    the file's: what both have is found in the other one. Call it under the write lock, under
    which no file comes into the place of this one.
    """
    made = create_engine("sqlite://", creator=lambda: other, poolclass=StaticPool)
    _begin(made, "BEGIN IMMEDIATE")
    with driver_errors.of_file(path), file_swap.still(path, patience):
        other.execute("ATTACH ? AS home", (str(path),))
    try:
        with driver_errors.of_file(path):
            with file_swap.still(path, patience):
                # The log is opened at the first look: it must be the log of this very file.
                other.execute("SELECT count(*) FROM home.sqlite_master").fetchall()
            settings = [f"home.{each}" for each in _settings(writes=True)]
            _prepare(other, [*settings, f"busy_timeout={round(1000 * patience)}", _WIDE])
        yield made
    finally:
        with file_swap.still(path, patience):
            other.execute("DETACH home")


def _prepare(connection: sqlite3.Connection, settings: Iterable[str]) -> None:
    # SQLAlchemy's begin event, not the driver, decides when a transaction starts.
    connection.isolation_level = None
    for setting in settings:
        connection.execute(f"PRAGMA {setting}")
    # SQLite's own lower() knows A to Z only.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _begin(engine: Engine, how: str) -> None:
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(how))


def use_log(path: Path, patience: float) -> None:
    """Switch the file to write-ahead logging, which stays with the file; make it if need be."""
    files.make_private(path)
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def migrate(path: Path, patience: float, until: str = "") -> None:
    """Bring a file to a revision, the newest one, in one transaction; call it under the lock."""
    use_log(path, patience)
    made = engine(path, patience=patience, writes=True)
    # Migrations rebuild tables, and dropping a table with foreign keys on empties its children.
    event.listen(made, "connect", lambda c, _record: c.execute("PRAGMA foreign_keys=OFF"))
    try:
        with made.begin() as connection:
            revisions.upgrade(connection, until)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken:
                raise StorageError(
                    f"{path} holds a row of {broken[0]} without its {broken[2]}: restore a backup."
                )
    finally:
        made.dispose()


def checkpoint(writer: Engine, path: Path) -> None:
    """Copy a long write-ahead log into the database; call it under the write lock only."""
    log = Path(f"{path}-wal")
    if not log.exists() or log.stat().st_size <= LOG_LIMIT:
        return
    connection = writer.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        connection.close()


def copy(source: Path, target: Path, mode: str = "") -> None:
    """Copy a database, open or not, as it is at one moment, to a new file that is on the disk.

    Raises sqlite3.Error; what was written by then is gone.
    """
    # Nobody else may read it, not even while it is being written.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(connect(source, patience=30.0, mode=mode)) as original,
            closing(sqlite3.connect(target)) as made,
        ):
            original.backup(made)
        atomic.sync(target)
    except BaseException:
        target.unlink()
        raise


def _settings(writes: bool) -> list[str]:
    settings = [
        "foreign_keys=ON",
        # The log waits for no disk at a commit: ``group_commit`` does. Whole it is at any moment.
        "synchronous=NORMAL",
        # Checkpoints are ours to time: they share the write lock, which keeps SQLite
        # before 3.51.3 clear of its log-reset bug.
        "wal_autocheckpoint=0",
        "mmap_size=0",
        # A log that has been copied is cut back to this at the next write.
        f"journal_size_limit={LOG_LIMIT // 4}",
    ]
    return settings if writes else [*settings, "query_only=ON"]


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()
