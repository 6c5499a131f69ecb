"""Suspects of a finished check that are others by now, because labels that they leaned on are.

One that is renewed leaves its row where it is, for whoever looks at a list that has it, with a
score below zero; the new one is a row of its own, which only a new list has. What people decided
stays, and is counted as before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import SuspectRow
from storage.runs import suspects
from storage.runs.suspects import State, Suspicion
from storage.types import Span

SAME = 0.01
"""A score that moves by less is no news: the row keeps its place, and says the new reason."""
WORTH = 0.5
"""Of a place that is less suspicious nobody is told that it has changed."""
_LEAST = 1e-9
Mark = tuple[int | None, int | None, str | None]
Found = Mapping[int, Sequence[Suspicion]]
Checked = Mapping[int, Collection[Mark]]


@dataclass(slots=True)
class Difference:
    """What is to be written of some documents: rows that go, come, and say something else."""

    gone: list[int] = field(default_factory=list)
    come: list[Suspicion] = field(default_factory=list)
    told: dict[int, Suspicion] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.gone or self.come or self.told)


def renew(db: Database, run_id: int, found: Found, checked: Checked) -> None:
    """Put new suspects of some documents in the place of theirs.

    ``found`` has all suspects of a document, ``checked`` the marks that it had when it was
    checked: what was decided about these stays. Nothing is written where nothing is another.
    """
    for some in chunks(list(found)):
        with db.read() as session:
            same = _difference(session, run_id, some, found, checked).is_empty
        if same:
            continue
        with db.write() as session:
            # Somebody may have decided since.
            _write(session, run_id, _difference(session, run_id, some, found, checked))


@dataclass(frozen=True, slots=True)
class Stamp:
    """How far a check is renewed: its newest suspect, and how many were renewed or are gone."""

    run: int
    newest: int = 0
    gone: int = 0


def stamp(db: Database, run_id: int) -> Stamp:
    """Return how far a check is renewed."""
    with db.read() as session:
        query = select(func.max(SuspectRow.id)).where(SuspectRow.run_id == run_id)
        newest = session.scalar(query) or 0
        return Stamp(run_id, newest, _gone(session, run_id, newest))


def since(db: Database, then: Stamp) -> int:
    """Count the suspects worth a look that are others since a moment, and that nobody decided."""
    come = suspects.count_after(db, then.run, then.newest, WORTH)
    with db.read() as session:
        gone = _gone(session, then.run, then.newest) - then.gone
    return max(come, gone)


def _gone(session: Session, run_id: int, newest: int) -> int:
    """Count the suspects worth a look, up to one of them, in whose place others are."""
    row = SuspectRow
    where = row.run_id == run_id, row.id <= newest, row.score <= -WORTH
    return session.scalar(select(func.count()).select_from(row).where(*where)) or 0


def _difference(
    session: Session, run_id: int, documents: Sequence[int], found: Found, checked: Checked
) -> Difference:
    known: dict[int, list[tuple[SuspectRow, State]]] = {id: [] for id in documents}
    for row, state in suspects.of_documents(session, run_id, documents):
        known[row.document_id].append((row, state))
    difference = Difference()
    for document in documents:
        _compare(difference, known[document], found[document], checked[document])
    return difference


def _compare(
    difference: Difference,
    known: Iterable[tuple[SuspectRow, State]],
    found: Sequence[Suspicion],
    checked: Collection[Mark],
) -> None:
    old = {(_given(row), _suggested(row)): (row, state) for row, state in known}
    for each in found:
        row, state = old.pop((_mark(each.given), _mark(each.suggested)), (None, State.OPEN))
        moved = row is None or abs(row.score - each.score) >= SAME
        if row is None or (moved and state is State.OPEN):
            difference.come.append(each)
            difference.gone += [row.id] if row else []
        elif not moved and (row.score, row.reason) != (each.score, each.reason):
            difference.told[row.id] = each
    for (given, _), (row, state) in old.items():
        if state is State.OPEN or (given[2] is not None and given not in checked):
            difference.gone.append(row.id)


def _write(session: Session, run_id: int, difference: Difference) -> None:
    row = SuspectRow
    below = case((row.score > _LEAST, -row.score), else_=-_LEAST)
    for some in chunks(difference.gone):
        session.execute(update(row).where(row.id.in_(some)).values(score=below))
    for id, each in difference.told.items():
        values = {"score": each.score, "reason": each.reason}
        session.execute(update(row).where(row.id == id).values(**values))
    last = session.scalar(select(func.max(row.id))) or 0
    if difference.come:
        session.execute(insert(row), [suspects.values(run_id, each) for each in difference.come])
    # What somebody has found right is not suspected again.
    documents = {each.document for each in difference.come}
    fresh = suspects.of_documents(session, run_id, documents)
    kept = [each.id for each, state in fresh if each.id > last and state is State.KEPT]
    session.execute(delete(row).where(row.id.in_(kept)))


def _mark(span: Span | None) -> Mark:
    return (span.start, span.end, span.label) if span else (None, None, None)


def _given(row: SuspectRow) -> Mark:
    return row.given_start, row.given_end, row.given_label


def _suggested(row: SuspectRow) -> Mark:
    return row.suggested_start, row.suggested_end, row.suggested_label
