"""Whether a database's file is whole, page by page."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from storage.backups import noted
from storage.engines import driver_errors, sqlite
from storage.errors import DamagedError, StorageError
from storage.hashing import bytes_hash

# Steps of SQLite's machine between two looks at the clock.
STEPS = 10_000


def quick(path: Path, seconds: float | None = None, mode: str = "") -> str:
    """Return what is damaged in a file's pages, empty where nothing is, or none was found in time.

    Raises StorageError where the file cannot be looked at.
    """
    end = time.monotonic() + (seconds or 0.0)
    stop = None if seconds is None else lambda: time.monotonic() > end
    return _complaint(path, ["quick_check(1)"], stop, mode)


def full(path: Path, stop: Callable[[], bool] = lambda: False) -> DamagedError | None:
    """Return what is wrong with a file's pages, indexes, references and texts; None for nothing.

    A byte of a text that a disk changed is no damage to SQLite: each text is held against the
    hash that was stored with it. Takes minutes where the file is large; ``stop`` is asked again
    and again, and where it says so the look ends with nothing found. What a whole look finds is
    kept (see ``noted``). Raises StorageError where the file cannot be looked at.
    """
    begun = time.monotonic()
    complaint = _complaint(path, ["integrity_check(1)", "foreign_key_check"], stop, "")
    complaint = complaint or _changed_text(path, stop)
    if not stop():
        noted.note(path, path, noted.measured(path, begun, complaint))
    return damaged(path, complaint) if complaint else None


def damaged(path: Path, complaint: str) -> DamagedError:
    """Return the error that says what a look found."""
    return DamagedError(driver_errors.DAMAGED.format(url=path, reason=complaint))


def _complaint(path: Path, checks: list[str], stop: Callable[[], bool] | None, mode: str) -> str:
    try:
        with closing(sqlite.connect(path, patience=30.0, mode=mode)) as connection:
            # Names of what is damaged may be damaged.
            connection.text_factory = lambda found: found.decode(errors="replace")
            if stop is not None:
                connection.set_progress_handler(stop, STEPS)
            for check in checks:
                if complaint := _said(connection, check):
                    return complaint
    except sqlite3.DatabaseError as error:
        if driver_errors.is_damage(error):
            return driver_errors.reason_of(error)
        if error.sqlite_errorname != "SQLITE_INTERRUPT":
            raise driver_errors.meant(error, str(path)) from error
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}): check the disk.") from error
    return ""


def _changed_text(path: Path, stop: Callable[[], bool]) -> str:
    """Name the first text that is not the one it was, empty where all are."""
    with driver_errors.of_file(path), closing(sqlite.connect(path, patience=30.0)) as connection:
        pairs = (("text", "text_hash"), ("second_text", "second_hash"))
        known = {row[1] for row in connection.execute("PRAGMA table_info(documents)")}
        # Undecodable bytes are no text either.
        connection.text_factory = bytes
        for text, stored in pairs:
            if stored not in known:
                continue
            query = f"SELECT id, {text}, {stored} FROM documents WHERE {stored} IS NOT NULL"
            for number, (id, found, expected) in enumerate(connection.execute(query)):
                if number % STEPS == 0 and stop():
                    return ""
                if bytes_hash(found or b"") != expected.decode():
                    return f"the text of document {id} is not the one that was imported"
    return ""


def _said(connection: sqlite3.Connection, check: str) -> str:
    row = connection.execute(f"PRAGMA {check}").fetchone()
    if row is None or row == ("ok",):
        return ""
    if check == "foreign_key_check":
        return f"a row of {row[0]} has lost its {row[2]}"
    # A heading may stand above what was found.
    return str(row[0]).strip().splitlines()[-1]
