"""What was given to somebody, as those must know who let them go: inside a transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, exists
from sqlalchemy.orm import Session

from storage.engines.schema import AnnotationRow, AssignmentRow
from storage.types import Status


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
