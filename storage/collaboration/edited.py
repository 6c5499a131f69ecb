"""What the journal tells of each person's days; read on from where it was read last.

Time is told by one rule: what lies between two edits of somebody in a project counts where it is
`PAUSE` or less; a longer gap counts nothing, however long they read. So the sum is less than the
hours at the desk, alike for everybody. It is exact to a minute at each end of a sitting.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.schema import JournalRow
from storage.types import Merged, Status

PAUSE = timedelta(minutes=5)
_PAUSE = round(PAUSE / timedelta(minutes=1))
_PEOPLE_NOT = frozenset(map(str, Merged))
_DONE, _DECIDES = str(Status.DONE), str(Merged.ADJUDICATED)
_AT_ONCE = 10_000


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


@dataclass
class _Read:
    """How far a project's journal was read, and what it told."""

    upto: int = 0
    entries: int = 0
    days: dict[tuple[str, date], Work] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    seen: set[tuple[str, str, int]] = field(default_factory=set)


# Rows of the journal are only ever added: a million of them are read once, and then what came.
_read: WeakKeyDictionary[Database, dict[tuple[int, str], _Read]] = WeakKeyDictionary()
_turn = threading.Lock()


def days(
    db: Database, session: Session, project_id: int, zone: tzinfo | None
) -> dict[tuple[str, date], Work]:
    """Return what people did on each day, by name and day; it is the caller's own."""
    with _turn:
        known = _read.setdefault(db, {})
        key = project_id, str(zone)
        found = known.setdefault(key, _Read())
        if not _stands(session, project_id, found):
            found = known[key] = _Read()
        _read_on(session, project_id, found, zone)
        return {key: replace(work) for key, work in found.days.items()}


def _stands(session: Session, project_id: int, found: _Read) -> bool:
    """Tell whether all that was read is there still: documents go with their edits."""
    row = JournalRow
    known = select(func.count()).where(row.project_id == project_id, row.id <= found.upto)
    return session.scalar(known) == found.entries


def _read_on(session: Session, project_id: int, found: _Read, zone: tzinfo | None) -> None:
    row = JournalRow
    minute = func.substr(row.created_at, 1, 16)
    status = row.operation["status"].as_string()
    who = func.coalesce(row.actor, row.annotator), row.annotator
    what = row.document_id, minute, row.undoes, row.action_id, status
    query = select(row.id, *who, *what).where(row.project_id == project_id, row.id > found.upto)
    for id, name, version, document, at, undoes, action, state in session.connection().execute(
        query.order_by(row.id).execution_options(yield_per=_AT_ONCE)
    ):
        found.upto = id
        found.entries += 1
        if name in _PEOPLE_NOT:
            continue
        number, day = moment(at, zone)
        work = found.days.get((name, day))
        if work is None:
            work = found.days[(name, day)] = Work()
        if action is None:
            if undoes is None:
                work.edits += 1
            else:
                work.undone += 1
        if state == _DONE:
            _finish(found, work, name, version == _DECIDES, document)
        gap = number - found.last.get(name, number)
        if 0 < gap <= _PAUSE:
            work.minutes += gap
        found.last[name] = number


def _finish(found: _Read, work: Work, name: str, decides: bool, document: int) -> None:
    """Count a document the first time that somebody marks it done."""
    key = name, "decided" if decides else "finished", document
    if key not in found.seen:
        found.seen.add(key)
        setattr(work, key[1], getattr(work, key[1]) + 1)


@lru_cache(maxsize=200_000)
def moment(minute: str, zone: tzinfo | None) -> tuple[int, date]:
    """Return the number of a minute ("2026-11-28T10:15", UTC), and its day in a zone."""
    at = datetime.fromisoformat(minute).replace(tzinfo=UTC)
    return int(at.timestamp()) // 60, at.astimezone(zone).date()
