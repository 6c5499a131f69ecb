"""What a run suspects of the labels, and what people have decided about it since."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Select, and_, case, delete, exists, func, insert, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import (
    AnnotationRow,
    ConfirmationRow,
    DocumentRow,
    LabelRow,
    RejectionRow,
    RunRow,
    SpanRow,
    SuspectRow,
)
from storage.runs.runs import required_run
from storage.runs.suggestions import BREATH
from storage.types import RunKind, RunState, Source, Span


class Suspicion(Protocol):
    """What is stored: a place where people and the evidence differ (see engine.evaluation)."""

    @property
    def document(self) -> int: ...
    @property
    def given(self) -> Span | None: ...
    @property
    def suggested(self) -> Span | None: ...
    @property
    def score(self) -> float: ...
    @property
    def reason(self) -> str: ...


class Sort(StrEnum):
    """What is probably wrong with a mark; the word is what the address says."""

    LABEL = "label"
    BORDERS = "borders"
    MISSING = "missing"
    SPARE = "spare"


class State(StrEnum):
    """What became of a suspect."""

    OPEN = "open"
    MENDED = "mended"
    """Another mark, or none, is there now."""
    KEPT = "kept"
    """Somebody looked and found it right as it is."""


@dataclass(frozen=True, slots=True)
class StoredSuspect:
    """One place, with the labels that it had when the run began."""

    id: int
    document: int
    given: Span | None
    suggested: Span | None
    score: float
    reason: str
    sort: Sort
    state: State


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which suspects of a run are asked for."""

    least: float = 0.0
    """The least score."""
    label: str = ""
    """The label given or suggested; "" is any."""
    sort: Sort | None = None
    states: Collection[State] = tuple(State)


def store(db: Database, run_id: int, found: Iterable[Suspicion]) -> None:
    """Store what a run suspects, in its order, in place of what it had stored before.

    Documents that are gone by now are passed over, and so is what somebody has found right
    before: a mark that was confirmed, a suggestion that was rejected. Raises NotFoundError.
    """
    with db.write() as session:
        project = required_run(session, run_id).project_id
        session.execute(delete(SuspectRow).where(SuspectRow.run_id == run_id))
    for chunk in chunks(found):
        with db.write() as session:
            known = _existing(session, project, {each.document for each in chunk})
            rows = [values(run_id, each) for each in chunk if each.document in known]
            if rows:
                session.execute(insert(SuspectRow), rows)
        time.sleep(BREATH)
    with db.write() as session:
        decided = _query(run_id, Wanted(states=(State.KEPT,)), SuspectRow.id)
        for some in chunks(session.scalars(decided).all()):
            session.execute(delete(SuspectRow).where(SuspectRow.id.in_(some)))


def newest_run(db: Database, project_id: int) -> int | None:
    """Return the newest run that is done and checked a project's labels; None without one."""
    query = select(func.max(RunRow.id)).where(
        RunRow.project_id == project_id,
        RunRow.kind == RunKind.CROSS_VALIDATION,
        RunRow.state == RunState.DONE,
    )
    with db.read() as session:
        return session.scalar(query)


def ids(db: Database, run_id: int, wanted: Wanted = Wanted()) -> list[int]:
    """Return the ids of a run's suspects, the most suspicious first."""
    query = _query(run_id, wanted, SuspectRow.id).order_by(*in_order())
    with db.read() as session:
        return list(session.scalars(query))


def in_order() -> tuple[Any, ...]:
    """Return what suspects are ordered by: the most suspicious first."""
    return SuspectRow.score.desc(), SuspectRow.id


def stands() -> ColumnElement[bool]:
    """Return the condition that a suspect was not renewed (``storage.runs.renewals``).

    One that was has its score below zero: who looks at a list goes on seeing it there.
    """
    return SuspectRow.score >= 0


def of_documents(
    session: Session, run_id: int, documents: Collection[int]
) -> list[tuple[SuspectRow, State]]:
    """Return the suspects of some documents that stand, with what became of them."""
    query = _query(run_id, Wanted(), SuspectRow, _state())
    found = session.execute(query.where(SuspectRow.document_id.in_(documents)))
    return [(row, State(state)) for row, state in found]


def of_ids(db: Database, some: Sequence[int]) -> list[StoredSuspect]:
    """Return suspects by their ids, in that order; those that are gone are passed over."""
    found: dict[int, StoredSuspect] = {}
    with db.read() as session:
        for chunk in chunks(some):
            query = _joined(select(SuspectRow, _sort(), _state())).where(SuspectRow.id.in_(chunk))
            for row, sort, state in session.execute(query):
                found[row.id] = _stored(row, Sort(sort), State(state))
    return [found[id] for id in some if id in found]


def count(db: Database, run_id: int, wanted: Wanted = Wanted()) -> Counter[State]:
    """Count a run's suspects by what became of them."""
    query = _query(run_id, wanted, _state().label("state"), func.count())
    with db.read() as session:
        rows = session.execute(query.group_by("state")).all()
    return Counter({State(state): number for state, number in rows})


def count_after(db: Database, run_id: int, last: int, least: float) -> int:
    """Count the open suspects of a run that came after one of its own."""
    query = _query(run_id, Wanted(least, states=(State.OPEN,)), func.count())
    with db.read() as session:
        return session.scalar(query.where(SuspectRow.id > last)) or 0


def labels(db: Database, run_id: int) -> list[str]:
    """Return the labels that are given or suggested in a run's suspects, in their order."""
    sides = SuspectRow.given_label, SuspectRow.suggested_label
    with db.read() as session:
        found = {
            name
            for side in sides
            for name in session.scalars(select(side).where(SuspectRow.run_id == run_id).distinct())
        }
    return sorted(name for name in found if name is not None)


def _existing(session: Session, project: int, documents: Collection[int]) -> set[int]:
    query = select(DocumentRow.id).where(
        DocumentRow.project_id == project, DocumentRow.id.in_(documents)
    )
    return set(session.scalars(query))


def values(run_id: int, each: Suspicion) -> dict[str, Any]:
    """Return the row of a suspect."""
    given, suggested = each.given, each.suggested
    return {
        "run_id": run_id,
        "document_id": each.document,
        "given_start": given and given.start,
        "given_end": given and given.end,
        "given_label": given and given.label,
        "suggested_start": suggested and suggested.start,
        "suggested_end": suggested and suggested.end,
        "suggested_label": suggested and suggested.label,
        "score": each.score,
        "reason": each.reason,
    }


def _query(run_id: int, wanted: Wanted, *columns: Any) -> Select:
    query = _joined(select(*columns)).where(SuspectRow.run_id == run_id, stands())
    if wanted.least:
        query = query.where(SuspectRow.score >= wanted.least)
    if wanted.label:
        sides = SuspectRow.given_label, SuspectRow.suggested_label
        query = query.where(or_(*(side == wanted.label for side in sides)))
    if wanted.sort:
        query = query.where(_sort() == wanted.sort)
    if set(wanted.states) < set(State):
        query = query.where(_state().in_(wanted.states))
    return query


def _joined(query: Select) -> Select:
    """Join each suspect with the newest annotation of its document."""
    current = (AnnotationRow.document_id == SuspectRow.document_id) & AnnotationRow.is_current
    return query.select_from(SuspectRow).outerjoin(AnnotationRow, current)


def _sort() -> ColumnElement[str]:
    same = and_(
        SuspectRow.given_start == SuspectRow.suggested_start,
        SuspectRow.given_end == SuspectRow.suggested_end,
    )
    return case(
        (SuspectRow.given_label.is_(None), Sort.MISSING.value),
        (SuspectRow.suggested_label.is_(None), Sort.SPARE.value),
        (same, Sort.LABEL.value),
        else_=literal(Sort.BORDERS.value),
    )


def _state() -> ColumnElement[str]:
    """Tell what became of a suspect from the marks of now, and from what was decided of it."""
    given = SuspectRow.given_start, SuspectRow.given_end, SuspectRow.given_label
    suggested = SuspectRow.suggested_start, SuspectRow.suggested_end, SuspectRow.suggested_label
    missing = SuspectRow.given_label.is_(None)
    return case(
        (and_(missing, _overlapped(*suggested[:2])), State.MENDED.value),
        (and_(missing, _is(RejectionRow, *suggested)), State.KEPT.value),
        (missing, State.OPEN.value),
        (~_is(SpanRow, *given), State.MENDED.value),
        (_is(ConfirmationRow, *given), State.KEPT.value),
        else_=literal(State.OPEN.value),
    )


def _is(table: Any, start: Any, end: Any, label: Any) -> ColumnElement[bool]:
    """Tell whether a table has a row with this place and label for the newest annotation."""
    return exists(
        select(literal(1))
        .select_from(table)
        .join(LabelRow, LabelRow.id == table.label_id)
        .where(
            table.annotation_id == AnnotationRow.id,
            table.start == start,
            table.end == end,
            LabelRow.name == label,
        )
        .correlate(AnnotationRow, SuspectRow)
    )


def _overlapped(start: Any, end: Any) -> ColumnElement[bool]:
    """Tell whether the newest annotation has a mark that shares something with a place.

    A mark of a whole document has the empty range, and shares it with its like.
    """
    meets = and_(SpanRow.start < end, SpanRow.end > start)
    alike = and_(SpanRow.start == start, SpanRow.end == end)
    where = SpanRow.annotation_id == AnnotationRow.id, or_(meets, alike)
    return exists(
        select(literal(1)).select_from(SpanRow).where(*where).correlate(AnnotationRow, SuspectRow)
    )


def _stored(row: SuspectRow, sort: Sort, state: State) -> StoredSuspect:
    given = suggested = None
    if row.given_label is not None:
        given = Span(row.given_start or 0, row.given_end or 0, row.given_label)
    if row.suggested_label is not None:
        place = row.suggested_start or 0, row.suggested_end or 0
        suggested = Span(*place, row.suggested_label, source=Source.MODEL)
    return StoredSuspect(
        row.id, row.document_id, given, suggested, abs(row.score), row.reason, sort, state
    )
