"""The database as a command has it open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.commands.common.terminal import console
from storage.backups import copies, loss
from storage.database.connection import Database, file_of
from storage.errors import RefusedError, StorageError


@contextmanager
def opened() -> Iterator[Database]:
    """Open the database; a day's first command with something new to keep makes a backup."""
    db = Database.open()
    try:
        if db.path and not db.barrier():
            _keep(db.path)
        yield db
    finally:
        db.close()


def own_file() -> Path:
    """Return the database's file; raises RefusedError where it lies on a server."""
    path = file_of()
    if path is None:
        raise RefusedError(
            "PostgreSQL has tools of its own: pg_dump makes a backup, pg_restore goes back to it."
        )
    # Whoever opens it first reads its log to the end: what is missing there is known before.
    loss.look(path)
    return path


def _keep(path: Path) -> None:
    try:
        copies.make_daily(path)
    except StorageError as error:
        # Not what the person asked for: it must not stand in the way of that.
        console.print(f"No backup was made today. {error}", markup=False, highlight=False)
