"""What the journal tells of each person's days; read on from where it was read last.

A million edits take some seconds, so they are read in portions, each of which is remembered, and
what they told is kept in the database (`kept`): then a restart reads only what came since.

Time is told by one rule: what lies between two edits of somebody in a project counts where it is
`PAUSE` or less; a longer gap counts nothing, however long they read. So the sum is less than the
hours at the desk, alike for everybody. It is exact to a minute at each end of a sitting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from storage.collaboration.work import kept
from storage.collaboration.work.kept import Read, Work
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import JournalRow
from storage.types import Merged, Status

PAUSE = timedelta(minutes=5)
_PAUSE = round(PAUSE / timedelta(minutes=1))
_PEOPLE_NOT = frozenset(map(str, Merged))
_DONE, _DECIDES = str(Status.DONE), str(Merged.ADJUDICATED)
_AT_ONCE = 20_000

Days = dict[tuple[str, date], Work]
Progress = Callable[[float], None]
"""Told how much is read, from 0 to 1, where it takes more than a moment."""

# Rows of the journal are only ever added: a million of them are read once, and then what came.
_read: WeakKeyDictionary[Database, dict[tuple[int, str], Read]] = WeakKeyDictionary()
_turn = threading.Lock()


def days(
    db: Database, project_id: int, zone: tzinfo | None, progress: Progress | None = None
) -> Days:
    """Return what people did on each day, by name and day; it is the caller's own.

    Who is interrupted in ``progress`` goes on there the next time, and so does who asks meanwhile.
    """
    key = project_id, kept.name_of(zone)
    known, entries = _known(db, *key)
    while True:
        with _turn, db.read() as session:
            # Another one may have begun anew meanwhile.
            found = known.setdefault(key, Read())
            more = _read_portion(session, project_id, found, zone)
            told = {} if more else {each: replace(work) for each, work in found.days.items()}
            new = None if more else kept.worth(found, key[1])
        if new:
            kept.keep(db, project_id, new)
        if not more:
            return told
        if progress:
            progress(min(1.0, found.entries / max(entries, 1)))


def _known(db: Database, project_id: int, zone: str) -> tuple[dict[tuple[int, str], Read], int]:
    """Return what is known of a database's projects, this one's as far as it is true, and how
    many entries this one has.
    """
    with _turn, db.read() as session:
        known = _read.setdefault(db, {})
        found = known.get((project_id, zone)) or kept.read(session, project_id, zone)
        row = JournalRow
        before = func.coalesce(func.sum(case((row.id <= found.upto, 1), else_=0)), 0)
        count = select(func.count(), before).where(row.project_id == project_id)
        entries, still = session.execute(count).one()
        # Documents go with their edits: then what was read stands no more.
        known[project_id, zone] = found if still == found.entries else Read()
        return known, entries


def _read_portion(session: Session, project_id: int, found: Read, zone: tzinfo | None) -> bool:
    """Read on, and tell whether there may be more."""
    row = JournalRow
    minute = func.substr(row.created_at, 1, 16)
    status = row.operation["status"].as_string()
    who = func.coalesce(row.actor, row.annotator), row.annotator
    what = row.document_id, minute, row.undoes, row.action_id, status
    query = select(row.id, *who, *what).where(row.project_id == project_id, row.id > found.upto)
    rows = session.connection().execute(query.order_by(row.id).limit(_AT_ONCE)).all()
    if found.since:
        _recall(session, found, rows)
    for id, name, version, document, at, undoes, action, state in rows:
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
    return len(rows) == _AT_ONCE


def _recall(session: Session, found: Read, rows: Sequence[Any]) -> None:
    """Learn who had finished these documents before this process began to read."""
    row = JournalRow
    done = row.operation["status"].as_string() == _DONE
    who = func.coalesce(row.actor, row.annotator)
    for chunk in chunks({each.document_id for each in rows if each[-1] == _DONE}):
        query = select(who, row.annotator, row.document_id).where(
            row.document_id.in_(chunk), row.id <= found.since, done
        )
        found.seen.update(
            _key(name, own == _DECIDES, id) for name, own, id in session.execute(query)
        )


def _finish(found: Read, work: Work, name: str, decides: bool, document: int) -> None:
    """Count a document the first time that somebody marks it done."""
    key = _key(name, decides, document)
    if key not in found.seen:
        found.seen.add(key)
        setattr(work, key[1], getattr(work, key[1]) + 1)


def _key(name: str, decides: bool, document: int) -> tuple[str, str, int]:
    return name, "decided" if decides else "finished", document


@lru_cache(maxsize=200_000)
def moment(minute: str, zone: tzinfo | None) -> tuple[int, date]:
    """Return the number of a minute ("2026-11-28T10:15", UTC), and its day in a zone."""
    at = datetime.fromisoformat(minute).replace(tzinfo=UTC)
    return int(at.timestamp()) // 60, at.astimezone(zone).date()
