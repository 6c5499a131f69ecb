"""The web process's one handle on the database."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from storage.database import settings
from storage.database.connection import Database


@lru_cache(maxsize=1)
def database() -> Database:
    """Open the database at first use; every page and route shares it.

    Raises:
        StorageError: it cannot be opened, or a newer Whetstone made it.
    """
    return Database.open()


def note(key: str, value: Any) -> None:
    """Store what a page remembers by itself; a database that cannot be changed does without."""
    if database().barrier() is None:
        settings.put(database(), key, value)
