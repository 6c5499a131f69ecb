"""The web process's one handle on the database."""

from __future__ import annotations

from functools import lru_cache

from storage.database import Database


@lru_cache(maxsize=1)
def database() -> Database:
    """Open the database at first use; every page and route shares it.

    Raises:
        StorageError: it cannot be opened, or a newer Whetstone made it.
    """
    return Database.open()
