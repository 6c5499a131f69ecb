"""Which revision a database has, and how it gets to the newest one."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from sqlalchemy import Connection

from storage.errors import BusyError, NewerDatabaseError, StorageError

MIGRATIONS = Path(__file__).parent / "migrations"

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


def of_file(path: Path, patience: float = 30.0) -> str | None:
    """Return the revision of an SQLite file, None where it is new or empty.

    Raises StorageError where the file is no database of Whetstone or cannot be opened,
    BusyError where another program locks it for more than ``patience`` seconds.
    """
    if not path.exists():
        return None
    connection = sqlite3.connect(path, timeout=patience)
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StorageError(_foreign(path))
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BusyError(f"Another program keeps {path} locked: close it first.") from error
        raise StorageError(
            f"{path} cannot be opened ({error}): check your rights and the disk space."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StorageError(
            f"{path} cannot be read as a database ({error}): move it away, "
            f"or put the newest copy from {path.parent / 'backups'} in its place."
        ) from error
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


def upgrade(connection: Connection) -> None:
    """Bring the database behind a connection to the newest revision, in its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, "head")


def _foreign(path: Path) -> str:
    return (
        f"{path} is a database of another program: "
        "set WHETSTONE_DB to another file, or move this one away."
    )
