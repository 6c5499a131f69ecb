"""Which revision a database has, and how it gets to the newest one."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage import files
from storage.engines import driver_errors, file_swap
from storage.errors import (
    BusyError,
    DamagedError,
    FaultError,
    MigrationError,
    NewerDatabaseError,
    StorageError,
)

MIGRATIONS = Path(__file__).parents[1] / "migrations"

# Alembic keeps the running migration in module globals.
_one_at_a_time = threading.Lock()


def known() -> list[str]:
    """Return the revisions in order, read from the file names (``0001_first.py`` is 0001).

    Alembic is not asked, because importing it takes longer than starting Whetstone may.
    """
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """Return the revision that this version of Whetstone works with."""
    return known()[-1]


def of_file(path: Path, patience: float = 30.0, mode: str = "") -> str | None:
    """Return the revision of an SQLite file, None where it is new or empty.

    Raises StorageError where the file is no database of Whetstone or cannot be opened,
    DamagedError where it is broken, BusyError where another program locks it for more than
    ``patience`` seconds.
    """
    if not path.exists():
        return None
    with nullcontext() if mode else file_swap.still(path, patience):
        return _of_file(path, patience, mode)


def _of_file(path: Path, patience: float, mode: str) -> str | None:
    connection = sqlite3.connect(files.address(path, mode), uri=True, timeout=patience)
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StorageError(_foreign(path))
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise BusyError(f"Another program keeps {path} locked: close it first.") from error
        raise driver_errors.meant(error, str(path)) from error
    except UnicodeDecodeError as error:
        raise DamagedError(driver_errors.DAMAGED.format(url=path, reason=error.reason)) from error
    finally:
        connection.close()


def check(revision: str | None, place: str) -> None:
    """Raise NewerDatabaseError where this version of Whetstone does not know the revision."""
    if revision is not None and revision not in known():
        raise NewerDatabaseError(
            f"The database {place} was made by a newer version of Whetstone "
            f"(its revision is {revision}, this version knows up to {newest()}): "
            "update Whetstone, or set WHETSTONE_DB to another database."
        )


def upgrade(connection: Connection, until: str = "") -> None:
    """Bring the database behind a connection to a revision, the newest one, in its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    lacking = _after(connection, until or newest())
    applied: list[object] = []
    config.attributes["applied"] = applied
    with _one_at_a_time:
        try:
            if lacking:
                command.upgrade(config, lacking[-1])
        except Exception as error:
            # What fails when all are applied is the last one's.
            raise _Broken(lacking[min(len(applied), len(lacking) - 1)]) from error


class _Broken(Exception):
    """The migration of this name failed; its cause says why."""


@contextmanager
def named(place: str, copy: Path | None) -> Iterator[None]:
    """Say which migration failed and where the copy is that was made before, if any was.

    Raises MigrationError, or what else was in the way: BusyError, a full disk.
    """
    try:
        yield
    except _Broken as broken:
        error = broken.__cause__
        state = f"It is as it was{f', and a copy made before lies in {copy}' if copy else ''}"
        known = driver_errors.explained(error, place) if isinstance(error, DBAPIError) else None
        if known and not isinstance(known, FaultError):
            raise type(known)(f"{known} (In the migration {broken}. {state}.)") from error
        reason = driver_errors.reason_of(error.orig if isinstance(error, DBAPIError) else error)
        raise MigrationError(
            f"The database {place} could not be brought up to date: the migration {broken} failed "
            f"({reason}). {state}. Go on with the version of Whetstone that you used before, and "
            "report this sentence."
        ) from error


def _after(connection: Connection, until: str) -> list[str]:
    """Return the revisions up to one that a database lacks, in order."""
    from alembic.migration import MigrationContext

    present = MigrationContext.configure(connection).get_current_revision()
    lacking = (revision for revision in known() if present is None or revision > present)
    return [revision for revision in lacking if revision <= until]


def _foreign(path: Path) -> str:
    return (
        f"{path} is a database of another program: "
        "set WHETSTONE_DB to another file, or move this one away."
    )
