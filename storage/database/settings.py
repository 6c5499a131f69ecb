"""Small facts that outlive a page: JSON values by key."""

from __future__ import annotations

from typing import Any

from storage import home, permissions
from storage.database.connection import Database
from storage.engines.schema import SettingRow


def get(db: Database, key: str, default: Any = None) -> Any:
    """Return the value of a key, ``default`` where there is none."""
    with db.read() as session:
        row = session.get(SettingRow, key)
        return default if row is None else row.value


def put(db: Database, key: str, value: Any) -> None:
    """Store a JSON value under a key."""
    with db.write() as session:
        session.merge(SettingRow(key=key, value=value))


def identity(db: Database) -> str:
    """Return what names this database and no other, except its own copies: a UUID."""
    return get(db, "identity", "")


def annotator(db: Database) -> str:
    """Return who edits here: whoever is signed in, else the name chosen in Settings, else the
    system's user name.
    """
    person = permissions.current()
    return person.name if person else get(db, "annotator") or home.user_name()
