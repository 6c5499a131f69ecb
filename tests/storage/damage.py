"""Damage to an SQLite file, as a failing disk does it."""

import contextlib
import sqlite3
from pathlib import Path


def damage(path: Path, table: str) -> None:
    """Overwrite the first page of a table, which lies outside those of the schema."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        page = connection.execute(query, [table]).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 512)
