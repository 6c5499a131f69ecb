"""What a driver's error means to a person: which of our errors it is, and what helps."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import StatementError

from storage import files
from storage.errors import (
    BusyError,
    DamagedError,
    FaultError,
    FullError,
    ReadOnlyError,
    StorageError,
)

BUSY = "Another program has kept the database busy for too long: try again shortly."

DAMAGED = (
    "The database {url} is damaged ({reason}). Do not go on with it: restore a backup, which "
    "keeps this file aside."
)
READ_ONLY = (
    "The database {url} can be read but not changed ({reason}): make the file and its folder "
    "writable for you to go on editing."
)


def explained(error: StatementError, url: str) -> StorageError:
    """Return the error of ours that says what happened to the database and what to do."""
    return meant(error.orig, url)


def meant(error: object, url: str) -> StorageError:
    """Return the same for an error that comes from the driver itself."""
    kind, sentence = FULL if _is_starved(error, url) else _meaning(error)
    return kind(sentence.format(url=url, reason=reason_of(error)))


@contextmanager
def of_file(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk say of a file into sentences."""
    try:
        yield
    except sqlite3.Error as error:
        raise meant(error, str(path)) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FullError(FULL[1].format(url=path, reason=error.strerror)) from error
        raise StorageError(
            f"{error.filename or path} cannot be used ({error.strerror}): check the disk and your "
            "rights."
        ) from error


@contextmanager
def of_temporary_files() -> Iterator[None]:
    """Say that the disk is full which holds what is on its way into a project; else raise on."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if not _sqlite_name(error).startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")):
            raise
        raise FullError(
            f"The disk for temporary files has no room for what is read ({error}). Nothing was "
            "imported: free some space, or let SQLITE_TMPDIR name a folder that has more."
        ) from error


def reason_of(error: object) -> str:
    """Return a driver's own words, on one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _is_starved(error: object, url: str) -> bool:
    """Tell whether SQLite calls a failure of the disk what is a lack of room for its files."""
    folder = Path(url.removeprefix("sqlite:///")).parent
    name = _sqlite_name(error)
    if not name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) or not folder.is_dir():
        return False
    return shutil.disk_usage(folder).free < files.LEAST


def is_damage(error: object) -> bool:
    """Tell whether a driver's error says that an SQLite file is broken, or is none."""
    return _sqlite_name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


Meaning = tuple[Callable[[str], StorageError], str]

_FAULT = (
    FaultError,
    "The database {url} refused a change ({reason}). Nothing was changed; this is a fault of "
    "Whetstone: please report this sentence.",
)
FULL = (
    FullError,
    "The disk that holds the database {url} is full ({reason}). Nothing was changed: free some "
    "space, then try again.",
)
# The longest name that fits counts: SQLite's codes grow from the general to the special.
_SQLITE: dict[str, Meaning] = {
    "SQLITE_BUSY": (BusyError, BUSY),
    "SQLITE_LOCKED": (BusyError, BUSY),
    "SQLITE_FULL": FULL,
    "SQLITE_CORRUPT": (DamagedError, DAMAGED),
    "SQLITE_NOTADB": (
        DamagedError,
        "The database {url} is damaged, or no database at all ({reason}): restore a backup, "
        "which keeps this file aside.",
    ),
    "SQLITE_READONLY": (ReadOnlyError, READ_ONLY),
    "SQLITE_CANTOPEN": (
        StorageError,
        "The database {url} cannot be opened ({reason}): check that its folder is there and "
        "that you may read and write in it.",
    ),
    "SQLITE_IOERR": (
        StorageError,
        "The disk failed while the database {url} was used ({reason}): check the disk and its "
        "connection, then try again.",
    ),
}
# By SQLSTATE, of which the first two signs are the class.
_POSTGRES: dict[str, Meaning] = {
    "08": (
        StorageError,
        "The database server {url} cannot be reached ({reason}): check that it runs, then try "
        "again.",
    ),
    "25006": (
        ReadOnlyError,
        "The database {url} can be read but not changed ({reason}): give your user the right to "
        "write.",
    ),
    "28": (
        StorageError,
        "The database server {url} does not let you in ({reason}): check the user and the "
        "password in WHETSTONE_DB.",
    ),
    "3D": (
        StorageError,
        "The database {url} does not exist ({reason}): create it on the server, or set "
        "WHETSTONE_DB to another one.",
    ),
    "40": (BusyError, BUSY),
    "42501": (
        StorageError,
        "Your user may not do that in the database {url} ({reason}): ask whoever runs the server "
        "for the right.",
    ),
    "53": FULL,
    "53300": (BusyError, "The database server has too many connections: try again shortly."),
    "55P03": (BusyError, BUSY),
    "XX": (
        DamagedError,
        "The database {url} is damaged ({reason}): ask whoever runs the server for a backup.",
    ),
}
# A server that goes away, or stops, ends connections with these.
_POSTGRES |= dict.fromkeys(("57P01", "57P02", "57P03"), _POSTGRES["08"])


def _meaning(error: object) -> Meaning:
    if name := _sqlite_name(error):
        return _nearest(_SQLITE, name)
    state: Any = getattr(error, "sqlstate", None)
    if state is None and type(error).__name__ == "OperationalError":
        # psycopg has no SQLSTATE for a connection that was not made, or broke off.
        state = "08"
    return _nearest(_POSTGRES, state or "")


def _nearest(meanings: dict[str, Meaning], code: str) -> Meaning:
    fitting = [known for known in meanings if code.startswith(known)]
    return meanings[max(fitting, key=len)] if fitting else _FAULT


def _sqlite_name(error: object) -> str:
    return getattr(error, "sqlite_errorname", "")
