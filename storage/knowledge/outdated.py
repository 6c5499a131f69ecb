"""Documents whose labels were given before a label meant what it means now.

A document is one of them as long as its gold annotation was made under a version of the guideline
that is older than the one that last changed the label's meaning, or nobody knows under which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.schema import AnnotationRow, DocumentRow, SpanRow, SuggestionRow
from storage.errors import NotFoundError
from storage.knowledge.versions import content
from storage.knowledge.versions.said import FIRST, Said
from storage.types import Status


@dataclass(frozen=True, slots=True)
class Outdated:
    """A label that means something else now, and how many documents know only the old meaning."""

    label: Said
    bearing: int
    """Documents that bear the label."""
    suggested: int
    """Finished ones that do not, though a model would give it to them."""


def of_project(db: Database, project_id: int) -> list[Outdated]:
    """Return the labels whose change of meaning leaves documents to be looked at again."""
    with db.read() as session:
        version = content.in_force(session, required(session, project_id))
        changed = [label for label in version.labels if label.since > FIRST]
        found = [
            Outdated(
                label,
                _count(session, _bearing(project_id, label)),
                _count(session, _suggested(project_id, label)),
            )
            for label in changed
        ]
    return [each for each in found if each.bearing or each.suggested]


def documents(
    db: Database, project_id: int, label_id: int, *, suggested: bool = False
) -> list[int]:
    """Return the documents that bear a label and know only what it meant before, in their order.

    With ``suggested`` also those that a model would give the label. Raises NotFoundError.
    """
    with db.read() as session:
        label = content.in_force(session, required(session, project_id)).label(label_id)
        if label is None:
            raise NotFoundError("This label is not there any more: reload the page.")
        conditions = [_bearing(project_id, label)]
        conditions += [_suggested(project_id, label)] if suggested else []
        ids: set[int] = set()
        for condition in conditions:
            ids.update(session.scalars(_select(condition)))
    return sorted(ids)


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    counted = _select(condition).with_only_columns(func.count(AnnotationRow.document_id.distinct()))
    return session.scalars(counted).one()


def _select(condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(AnnotationRow.document_id)
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(AnnotationRow.is_current, condition)
        .distinct()
    )


def _old(project_id: int, label: Said) -> ColumnElement[bool]:
    older = AnnotationRow.guideline.is_(None) | (AnnotationRow.guideline < label.since)
    return (DocumentRow.project_id == project_id) & older & (label.since > FIRST)


def _bears(label: Said) -> ColumnElement[bool]:
    return AnnotationRow.id.in_(select(SpanRow.annotation_id).where(SpanRow.label_id == label.id))


def _bearing(project_id: int, label: Said) -> ColumnElement[bool]:
    return _old(project_id, label) & _bears(label)


def _suggested(project_id: int, label: Said) -> ColumnElement[bool]:
    given = select(SuggestionRow.document_id).where(
        SuggestionRow.label == label.name, SuggestionRow.rank == 0
    )
    done = AnnotationRow.status == Status.DONE
    mine = AnnotationRow.document_id.in_(given)
    return _old(project_id, label) & done & mine & ~_bears(label)
