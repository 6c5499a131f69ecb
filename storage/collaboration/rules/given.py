"""What was given to somebody, as those must know who let them go: inside a transaction."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, false, func, select
from sqlalchemy.orm import Session

from storage.collaboration.rules import imported
from storage.engines.schema import (
    AnnotationRow,
    AssignmentRow,
    DocumentRow,
    JournalRow,
    ProjectRow,
    QueueRow,
)
from storage.types import Status

OVER = (str(Status.DONE), str(Status.SKIPPED))


@dataclass(frozen=True, slots=True)
class Given:
    """A document that is somebody's, and whether they are through with it."""

    document: int
    annotator: str
    queue: int | None
    is_over: bool


# Somebody's own version of what was given to them.
_OWN = (AnnotationRow.document_id == AssignmentRow.document_id) & (
    AnnotationRow.annotator == AssignmentRow.annotator
)
# A queue asks to look again at what was finished before it was given.
_OVER = func.coalesce(
    AnnotationRow.status.in_(OVER) & (AnnotationRow.updated_at >= AssignmentRow.given_at), false()
)


def of(session: Session, project_id: int, annotator: str | None = None) -> list[Given]:
    """Return what is given to people, or to one of them: of queues first, in import order."""
    row = AssignmentRow
    query = (
        select(row.document_id, row.annotator, row.queue_id, _OVER)
        .outerjoin(AnnotationRow, _OWN)
        .where(row.project_id == project_id)
        .order_by(row.queue_id.is_(None), row.queue_id, row.document_id)
    )
    if annotator is not None:
        query = query.where(row.annotator == annotator)
    return [Given(id, who, queue, bool(over)) for id, who, queue, over in session.execute(query)]


def counts(session: Session, project_id: int) -> dict[int | None, dict[str, tuple[int, int]]]:
    """Return how many documents of each queue, or of none, each person was given and finished."""
    row = AssignmentRow
    done = func.sum(case((_OVER, 1), else_=0))
    query = (
        select(row.queue_id, row.annotator, func.count(), done)
        .outerjoin(AnnotationRow, _OWN)
        .where(row.project_id == project_id)
        .group_by(row.queue_id, row.annotator)
        .order_by(row.annotator)
    )
    found: dict[int | None, dict[str, tuple[int, int]]] = {}
    for queue, who, given, over in session.execute(query):
        found.setdefault(queue, {})[who] = (given, over)
    return found


def give_back(session: Session, annotator: str, project_id: int | None = None) -> int:
    """Give back what somebody has not touched, in one project or in all; return how many."""
    mine = AssignmentRow.annotator == annotator
    if project_id is not None:
        mine &= AssignmentRow.project_id == project_id
    gone = delete(AssignmentRow).where(mine, ~touched(AssignmentRow.document_id, annotator))
    gone = gone.execution_options(synchronize_session=False)
    return session.execute(gone).rowcount  # type: ignore[attr-defined]


def supply(session: Session, project: ProjectRow, annotator: str) -> Hashable:
    """Return what is another one once somebody may get more documents than they were given."""
    made = select(QueueRow.id, QueueRow.is_closed, QueueRow.search)
    newest = select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project.id)
    given = select(func.count()).where(AssignmentRow.project_id == project.id)
    edited = select(func.max(JournalRow.id)).where(JournalRow.project_id == project.id)
    found = session.execute(made.where(QueueRow.project_id == project.id)).all()
    # What a search finds is another thing after any edit.
    searched = any(each.search is not None and not each.is_closed for each in found)
    return (
        *(project.people, project.start, tuple(map(tuple, found))),
        *(session.scalar(newest), session.scalar(given)),
        session.scalar(edited) if searched else None,
        sum(not each.is_over for each in of(session, project.id, annotator)),
    )


def why_none(session: Session, project: ProjectRow, annotator: str) -> str:
    """Say why somebody who has nothing to do is given nothing more."""
    people, project_id = project.people, project.id
    row = AssignmentRow
    brought = imported_finished(session, project_id, DocumentRow.id)
    total = select(func.count()).where(DocumentRow.project_id == project_id, ~brought)
    begun = total.where(touched(DocumentRow.id, annotator))
    others = select(func.count()).where(row.project_id == project_id, row.annotator != annotator)
    lying = others.where(~touched(row.document_id, row.annotator))
    every, own = session.scalar(total) or 0, session.scalar(begun) or 0
    waiting = session.scalar(lying) or 0
    if not every:
        return "There is nothing to do: what was imported finished goes to people by a queue alone."
    if own == every:
        return f"All of yours is done: you have labelled all {every:,} that are to do."
    goes = "1 person" if people == 1 else f"{people:,} people"
    said = f"All of yours is done, and nothing is left to give: each document goes to {goes}, "
    said += f"and those that you have not labelled, {every - own:,}, went to others."
    if waiting:
        said += f" Of what others were given {waiting:,} not begun: what they give back comes here."
    return f"{said} Take another queue."


def imported_finished(session: Session, project_id: int, document: Any) -> ColumnElement[bool]:
    """Return whether a document, which a query has, came in finished and is as it came."""
    brought = imported.condition(imported.names(session, project_id))
    return exists().where(
        AnnotationRow.document_id == document, AnnotationRow.status.in_(OVER), brought
    )


def touched(document: Any, annotator: Any) -> ColumnElement[bool]:
    """Return whether somebody has begun to label a document, which a query has."""
    return exists().where(
        AnnotationRow.document_id == document,
        AnnotationRow.annotator == annotator,
        AnnotationRow.status != Status.UNTOUCHED,
    )
