"""The texts of a monitor: each is counted once, whatever reads it how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import MonitorCountRow, MonitorTextRow
from storage.monitors.monitors import note_reading
from storage.types import Source, Span

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DatedText:
    """A text with its day and what models mark in it."""

    key: str
    date: date
    text: str
    second: str | None
    topics: tuple[Span, ...]
    labels: tuple[Span, ...]
    unlike: bool | None = None
    id: int = 0


def keys(db: Database, monitor_id: int) -> list[str]:
    """Return the keys of all texts that were counted."""
    with db.read() as session:
        own = MonitorTextRow.monitor_id == monitor_id
        return list(session.scalars(select(MonitorTextRow.key).where(own)))


def add(
    db: Database,
    monitor_id: int,
    found: Iterable[DatedText],
    cells: Callable[[DatedText], Iterable[Cell]],
    *,
    signature: str,
    next_at: str,
    told: Mapping[str, Any],
) -> int:
    """Count the texts that were not counted before, and note the reading; return how many.

    One transaction: a text is counted with all its cells or not at all, and repeated it counts
    nothing more. Raises NotFoundError where the monitor is gone.
    """
    with db.write() as session:
        note_reading(session, monitor_id, signature, next_at, told)
        new = _new(session, monitor_id, {text.key: text for text in found})
        session.add_all(_row(monitor_id, text) for text in new)
        counted = Counter(
            (text.date.isoformat(), *cell) for text in new for cell in set(cells(text))
        )
        _raise(session, monitor_id, counted)
        return len(new)


def counts(db: Database, monitor_id: int) -> dict[tuple[date, Cell], int]:
    """Return how many texts there are, by day and cell."""
    query = select(
        MonitorCountRow.date, MonitorCountRow.topic, MonitorCountRow.label, MonitorCountRow.count
    ).where(MonitorCountRow.monitor_id == monitor_id)
    with db.read() as session:
        return {
            (date.fromisoformat(day), (topic, label)): count
            for day, topic, label, count in session.execute(query)
        }


def between(db: Database, monitor_id: int, first: date, last: date) -> list[DatedText]:
    """Return the texts of some days, the oldest first."""
    query = select(MonitorTextRow).where(
        MonitorTextRow.monitor_id == monitor_id,
        MonitorTextRow.date.between(first.isoformat(), last.isoformat()),
    )
    with db.read() as session:
        rows = session.scalars(query.order_by(MonitorTextRow.date, MonitorTextRow.id))
        return [_text(row) for row in rows]


def unlike(db: Database, monitor_id: int, since: date) -> tuple[int, int]:
    """Return how many texts since a day are unlike those of train, and how many were asked."""
    query = select(func.count().filter(MonitorTextRow.unlike.is_(True)), func.count()).where(
        MonitorTextRow.monitor_id == monitor_id,
        MonitorTextRow.date >= since.isoformat(),
        MonitorTextRow.unlike.is_not(None),
    )
    with db.read() as session:
        found = session.execute(query).one()
        return found[0], found[1]


def newest_unlike(db: Database, monitor_id: int, since: date, most: int) -> list[DatedText]:
    """Return texts since a day that are unlike those of train, the newest first."""
    query = select(MonitorTextRow).where(
        MonitorTextRow.monitor_id == monitor_id,
        MonitorTextRow.date >= since.isoformat(),
        MonitorTextRow.unlike.is_(True),
    )
    newest = query.order_by(MonitorTextRow.date.desc(), MonitorTextRow.id.desc()).limit(most)
    with db.read() as session:
        return [_text(row) for row in session.scalars(newest)]


def _new(session: Session, monitor_id: int, found: Mapping[str, DatedText]) -> list[DatedText]:
    known: set[str] = set()
    for chunk in chunks(found):
        here = MonitorTextRow.monitor_id == monitor_id, MonitorTextRow.key.in_(chunk)
        known.update(session.scalars(select(MonitorTextRow.key).where(*here)))
    return [text for key, text in found.items() if key not in known]


def _raise(session: Session, monitor_id: int, counted: Mapping[tuple[str, str, str], int]) -> None:
    for (day, topic, label), number in counted.items():
        place = {"monitor_id": monitor_id, "date": day, "topic": topic, "label": label}
        here = [getattr(MonitorCountRow, name) == value for name, value in place.items()]
        raised = update(MonitorCountRow).where(*here).values(count=MonitorCountRow.count + number)
        if not session.execute(raised).rowcount:  # type: ignore[attr-defined]
            session.add(MonitorCountRow(**place, count=number))
            session.flush()


def _row(monitor_id: int, text: DatedText) -> MonitorTextRow:
    return MonitorTextRow(
        monitor_id=monitor_id,
        key=text.key,
        date=text.date.isoformat(),
        text=text.text,
        second_text=text.second,
        topics=_marks(text.topics),
        labels=_marks(text.labels),
        unlike=text.unlike,
    )


def _marks(marks: Sequence[Span]) -> list[Any]:
    return [[mark.start, mark.end, mark.label, mark.score] for mark in marks]


def _spans(marks: Sequence[Sequence[Any]]) -> tuple[Span, ...]:
    return tuple(
        Span(start, end, label, source=Source.MODEL, score=score)
        for start, end, label, score in marks
    )


def _text(row: MonitorTextRow) -> DatedText:
    return DatedText(
        row.key,
        date.fromisoformat(row.date),
        row.text,
        row.second_text,
        _spans(row.topics),
        _spans(row.labels),
        row.unlike,
        row.id,
    )
