"""Where the newest model and the people who finished a document do not agree, in a transaction.

A suggestion that was rejected is settled, and so is no disagreement. Labels are compared by
name, as suggestions hold them.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from storage.engines.queries import hash_by_oneself
from storage.engines.schema import (
    AnnotationRow,
    DocumentRow,
    DocumentScoreRow,
    LabelRow,
    RejectionRow,
    RunRow,
    SpanRow,
    SuggestionRow,
)
from storage.types import RunKind, Status


def find(
    session: Session, project_id: int, ids: Collection[int] | None = None, after: int = 0
) -> dict[int, float | None]:
    """Return the score of the surest disagreement by document, in import order.

    None where the model only lacks a span that is there. ``ids`` keeps to these documents,
    ``after`` to those that came after one.
    """
    if ids is None:
        hash_by_oneself(session)
    found: dict[int, float | None] = dict.fromkeys(
        session.scalars(_lacking(project_id, ids, after))
    )
    found |= dict(session.execute(_unwanted(project_id, ids, after)).all())
    return dict(sorted(found.items()))


def unrejected() -> ColumnElement[bool]:
    """Return the condition that the current annotation does not reject a suggestion.

    For a query in which SuggestionRow and the current AnnotationRow, or none, are joined.
    """
    return ~(
        exists(RejectionRow.id)
        .where(
            RejectionRow.annotation_id == AnnotationRow.id,
            RejectionRow.start == SuggestionRow.start,
            RejectionRow.end == SuggestionRow.end,
            LabelRow.id == RejectionRow.label_id,
            LabelRow.name == SuggestionRow.label,
        )
        .correlate(AnnotationRow, SuggestionRow)
    )


def trained(project_id: int) -> ColumnElement[bool]:
    """Return the condition that it was a training run's model that said it.

    What others suggest (see ``storage.coaching``) is meant for documents that are to do: to learn
    from a document that a person mended is no disagreement.
    """
    runs = select(RunRow.id).where(RunRow.project_id == project_id, RunRow.kind == RunKind.TRAINING)
    return SuggestionRow.run_id.in_(runs)


def said() -> ColumnElement[bool]:
    """Return the condition that a suggestion is what the model says, and no further guess."""
    return SuggestionRow.rank == 0


def _unwanted(project_id: int, ids: Collection[int] | None, after: int) -> Select:
    """Select documents where the model suggests what nobody gave, with the highest score."""
    given = (
        exists(SpanRow.id)
        .where(SpanRow.annotation_id == AnnotationRow.id, *_equal())
        .correlate(AnnotationRow, SuggestionRow)
    )
    query = (
        select(SuggestionRow.document_id, func.max(SuggestionRow.score))
        .join(AnnotationRow, AnnotationRow.document_id == SuggestionRow.document_id)
        .where(said(), trained(project_id), ~given, unrejected())
        .group_by(SuggestionRow.document_id)
    )
    return _finished(query, project_id, ids, after)


def _lacking(project_id: int, ids: Collection[int] | None, after: int) -> Select:
    """Select documents with a span that the model, which looked at them, does not suggest."""
    suggested = (
        exists(SuggestionRow.id)
        .where(SuggestionRow.document_id == AnnotationRow.document_id, said(), *_equal())
        .correlate(AnnotationRow, SpanRow)
    )
    query = (
        select(AnnotationRow.document_id)
        .distinct()
        .join(SpanRow, SpanRow.annotation_id == AnnotationRow.id)
        .join(DocumentScoreRow, DocumentScoreRow.document_id == AnnotationRow.document_id)
        .join(RunRow, RunRow.id == DocumentScoreRow.run_id)
        .where(RunRow.kind == RunKind.TRAINING, ~suggested)
    )
    return _finished(query, project_id, ids, after)


def _equal() -> tuple:
    return (
        SpanRow.start == SuggestionRow.start,
        SpanRow.end == SuggestionRow.end,
        LabelRow.id == SpanRow.label_id,
        LabelRow.name == SuggestionRow.label,
    )


def _finished(query: Select, project_id: int, ids: Collection[int] | None, after: int) -> Select:
    query = query.join(DocumentRow, DocumentRow.id == AnnotationRow.document_id).where(
        DocumentRow.project_id == project_id,
        DocumentRow.id > after,
        AnnotationRow.is_current,
        AnnotationRow.status == Status.DONE,
    )
    return query if ids is None else query.where(AnnotationRow.document_id.in_(ids))
