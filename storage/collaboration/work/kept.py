"""What was read of the journal, kept as a setting: it can be thrown away and is counted anew."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from storage.corpus.projects import ledger_key
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import SettingRow
from storage.errors import StorageError

# What is read again in a moment is not worth writing.
_WORTH = 20_000


@dataclass(slots=True)
class Work:
    """What somebody did; each figure counts what it says.

    ``finished`` documents count once for each person, on the day they first marked them done.
    ``edits`` and ``undone`` are steps of single documents, ``actions`` those of many at once, of
    which the documents are not counted as edits. ``decided`` documents are those of adjudication.
    Of suggestions in what they finished, ``kept`` and ``dropped`` are theirs who edited it last.
    """

    finished: int = 0
    edits: int = 0
    undone: int = 0
    actions: int = 0
    decided: int = 0
    kept: int = 0
    dropped: int = 0
    comments: int = 0
    guidelines: int = 0
    minutes: int = 0

    def add(self, other: Work) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


_FIGURES = [each.name for each in fields(Work)]


@dataclass(slots=True)
class Read:
    """How far a project's journal was read, and what it told.

    ``seen`` is what people are known to have finished, by name, figure and document: of entries
    after ``since``, up to which others have read.
    """

    upto: int = 0
    entries: int = 0
    days: dict[tuple[str, date], Work] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    seen: set[tuple[str, str, int]] = field(default_factory=set)
    since: int = 0
    kept: int = 0


def name_of(zone: tzinfo | None) -> str:
    """Return what tells days of one zone from those of another; None is the server's own."""
    return "/".join(time.tzname) if zone is None else str(zone)


def read(session: Session, project_id: int, zone: str) -> Read:
    """Return what was kept of a project; nothing where that is of another zone or version."""
    row = session.get(SettingRow, ledger_key(project_id))
    value = row.value if row else None
    if not isinstance(value, Mapping) or (value.get("zone"), value.get("figures")) != (
        zone,
        _FIGURES,
    ):
        return Read()
    upto, entries = value["upto"], value["entries"]
    days = {(name, date.fromisoformat(day)): Work(*told) for name, day, *told in value["days"]}
    return Read(upto, entries, days, dict(value["last"]), since=upto, kept=entries)


def worth(found: Read, zone: str) -> dict[str, Any] | None:
    """Return what is to be kept of what was read; None where too little of it is new."""
    if found.entries - found.kept < _WORTH:
        return None
    found.kept = found.entries
    days = [
        [name, day.isoformat(), *(getattr(work, each) for each in _FIGURES)]
        for (name, day), work in found.days.items()
    ]
    upto = {"upto": found.upto, "entries": found.entries, "last": dict(found.last)}
    return {"zone": zone, "figures": _FIGURES, "days": days} | upto


def keep(db: Database, project_id: int, value: dict[str, Any]) -> None:
    """Keep it; in a home that can only be read this process alone knows it."""
    try:
        settings.put(db, ledger_key(project_id), value)
    except StorageError:
        return
