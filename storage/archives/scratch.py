"""An archive's rows in a database of their own, brought up from its revision to the newest.

So an archive of any version goes through the same migrations as a database of that version.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import files
from storage.archives import contents, tables
from storage.archives.contents import Contents
from storage.archives.writing import SETTING_KEYS
from storage.engines import revisions, sqlite
from storage.engines.queries import chunks
from storage.errors import InputError, StorageError

_PATIENCE = 30.0
_ROWS = 1_000
# Whose rows people delete; the journal is never rewritten, and actions stay with it.
_DELETED = ("documents", "labels", "runs")
# By revision. To make one takes longer than most archives.
_empty: dict[str, bytes] = {}


def build(found: Contents, path: Path, progress: Callable[[str], None]) -> None:
    """Make the database at a path that is free; raise InputError where a row is damaged."""
    _make(path, found.revision)
    with closing(sqlite3.connect(path)) as connection:
        # Rows come table by table; what leads nowhere is found at the end.
        connection.execute("PRAGMA foreign_keys=OFF")
        projects = [row["id"] for row in _rows(found, f"{contents.TABLES}/projects.jsonl")]
        if len(projects) != 1 or type(projects[0]) is not int:
            raise _damaged(found, "it does not hold one project")
        for name in found.names(contents.TABLES):
            progress(name)
            if name == contents.SETTINGS:
                _fill(connection, "settings", found, name, _settings(found, projects[0]))
            else:
                table = Path(name).stem
                _fill(connection, table, found, name, _rows(found, name))
        connection.commit()
    try:
        with revisions.named(str(found.path), None):
            sqlite.migrate(path, _PATIENCE)
    except StorageError as error:
        raise _damaged(found, str(error)) from error
    with closing(sqlite3.connect(path)) as connection, connection:
        _forget(connection)


def _make(path: Path, revision: str) -> None:
    """Make a database without a row; the second of a revision is a copy of the first."""
    if revision in _empty:
        files.make_private(path)
        path.write_bytes(_empty[revision])
    else:
        sqlite.migrate(path, _PATIENCE, revision)
        _empty[revision] = path.read_bytes()


def _forget(connection: sqlite3.Connection) -> None:
    """Let what speaks of a row that is gone speak of none: its number is another's elsewhere.

    A document, a run or a label may have been deleted, and no key holds those who name it.
    """
    for (table, column), to in tables.LOOSE.items():
        if to in _DELETED:
            connection.execute(
                f'UPDATE "{table}" SET "{column}" = NULL '
                f'WHERE "{column}" NOT IN (SELECT id FROM "{to}")'
            )


def _fill(
    connection: sqlite3.Connection,
    table: str,
    found: Contents,
    name: str,
    rows: Iterator[dict[str, Any]],
) -> None:
    columns = [row[1] for row in connection.execute("SELECT * FROM pragma_table_info(?)", [table])]
    if not columns:
        raise _damaged(found, f"{name} is no table of its revision")
    try:
        for chunk in chunks(rows, _ROWS):
            names = list(chunk[0])
            if not set(names) <= set(columns) or any(list(row) != names for row in chunk):
                raise _damaged(found, f"{name} has other columns than its table")
            places = ", ".join("?" * len(names))
            listed = ", ".join(f'"{each}"' for each in names)
            connection.executemany(
                f'INSERT INTO "{table}" ({listed}) VALUES ({places})',
                [list(row.values()) for row in chunk],
            )
    except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
        raise _damaged(found, f"{name}: {error}") from error


def _rows(found: Contents, name: str) -> Iterator[dict[str, Any]]:
    if name not in found.files:
        raise _damaged(found, f"it lacks {name}")
    for number, line in enumerate(found.lines(name), 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _damaged(found, f"{name}, line {number}: {error}") from error
        plain = (int, float, str, type(None))
        if not isinstance(row, dict) or not all(isinstance(v, plain) for v in row.values()):
            raise _damaged(found, f"{name}, line {number} is no row")
        yield row


def _settings(found: Contents, project_id: int) -> Iterator[dict[str, Any]]:
    for row in _rows(found, contents.SETTINGS):
        if row.get("key") not in SETTING_KEYS:
            raise _damaged(found, f"{contents.SETTINGS} has a setting that is not a project's")
        yield {**row, "key": SETTING_KEYS[row["key"]](project_id)}


def _damaged(found: Contents, reason: str) -> InputError:
    return contents.damaged(found.path, reason)
