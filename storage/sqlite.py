"""What SQLite needs beyond SQLAlchemy: connection settings, checkpoints and backups."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

from storage import revisions
from storage.clock import now
from storage.errors import StorageError
from storage.queries import dumps

# Past this size the write-ahead log is copied into the database after a commit.
LOG_LIMIT = 4 * 2**20


def engine(path: Path, *, patience: float, writes: bool) -> Engine:
    """Return an engine over a file; one that does not write cannot be made to.

    ``patience`` is how many seconds a statement waits for another connection's lock.
    """
    made = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": patience},
        json_serializer=dumps,
        max_overflow=-1,
    )

    @event.listens_for(made, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # SQLAlchemy's begin event, not the driver, decides when a transaction starts.
        connection.isolation_level = None
        for setting in _settings(writes):
            connection.execute(f"PRAGMA {setting}")
        # SQLite's own lower() knows A to Z only.
        connection.create_function("lower", 1, _lower, deterministic=True)

    # A deferred transaction that reads and then writes fails at once when another
    # connection has committed in between; an immediate one waits its turn.
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    event.listen(made, "begin", lambda connection: connection.exec_driver_sql(begin))
    return made


def use_log(path: Path, patience: float) -> None:
    """Switch the file to write-ahead logging, which stays with the file."""
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def migrate(path: Path, patience: float) -> None:
    """Bring a file to the newest revision in one transaction; call it under the write lock."""
    use_log(path, patience)
    made = engine(path, patience=patience, writes=True)
    # Migrations rebuild tables, and dropping a table with foreign keys on empties its children.
    event.listen(made, "connect", lambda c, _record: c.execute("PRAGMA foreign_keys=OFF"))
    try:
        with made.begin() as connection:
            revisions.upgrade(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken:
                raise StorageError(
                    f"{path} holds a row of {broken[0]} without its {broken[2]}: "
                    f"put the newest copy from {path.parent / 'backups'} in its place."
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


def back_up(path: Path, folder: Path, name: str) -> Path:
    """Copy a database, open or not, to ``folder`` and return the copy's path.

    The copy gets its name only when it is complete.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{path.stem}-{name}-{now().replace(':', '').replace('+0000', 'Z')}.db"
    draft = copy.with_suffix(".part")
    source = sqlite3.connect(path)
    target = sqlite3.connect(draft)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    draft.chmod(0o600)
    return draft.rename(copy)


def _settings(writes: bool) -> list[str]:
    settings = [
        "foreign_keys=ON",
        "synchronous=FULL",
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
