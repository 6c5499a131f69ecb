"""What was given to somebody, as those must know who let them go: inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from storage.engines.schema import AnnotationRow, AssignmentRow
from storage.types import Status

OVER = (str(Status.DONE), str(Status.SKIPPED))


@dataclass(frozen=True, slots=True)
class Given:
    """A document that is somebody's, and whether they are through with it."""

    document: int
    annotator: str
    queue: int | None
    is_over: bool


def of(session: Session, project_id: int, annotator: str | None = None) -> list[Given]:
    """Return what is given to people, or to one of them: of queues first, in import order."""
    own = (AnnotationRow.document_id == AssignmentRow.document_id) & (
        AnnotationRow.annotator == AssignmentRow.annotator
    )
    # A queue asks to look again at what was finished before it was given.
    over = AnnotationRow.status.in_(OVER) & (AnnotationRow.updated_at >= AssignmentRow.given_at)
    row = AssignmentRow
    query = (
        select(row.document_id, row.annotator, row.queue_id, func.coalesce(over, False))
        .outerjoin(AnnotationRow, own)
        .where(row.project_id == project_id)
        .order_by(row.queue_id.is_(None), row.queue_id, row.document_id)
    )
    if annotator is not None:
        query = query.where(row.annotator == annotator)
    return [Given(id, who, queue, bool(over)) for id, who, queue, over in session.execute(query)]


def give_back(session: Session, annotator: str, project_id: int | None = None) -> int:
    """Give back what somebody has not touched, in one project or in all; return how many."""
    mine = AssignmentRow.annotator == annotator
    if project_id is not None:
        mine &= AssignmentRow.project_id == project_id
    gone = delete(AssignmentRow).where(mine, ~touched(AssignmentRow.document_id, annotator))
    gone = gone.execution_options(synchronize_session=False)
    return session.execute(gone).rowcount  # type: ignore[attr-defined]


def touched(document: Any, annotator: str) -> ColumnElement[bool]:
    """Return whether somebody has begun to label a document, which a query has."""
    return exists().where(
        AnnotationRow.document_id == document,
        AnnotationRow.annotator == annotator,
        AnnotationRow.status != Status.UNTOUCHED,
    )
