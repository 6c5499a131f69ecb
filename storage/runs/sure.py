"""Answers that a model is sure of: which documents they are for, and how often they were right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Select, case, func, select

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.schema import (
    AnnotationRow,
    DocumentRow,
    LabelRow,
    MatchRow,
    RejectionRow,
    RunRow,
    SpanRow,
    SuggestionRow,
)
from storage.types import ErrorKind, RunKind, Source, Span, Split, Status

OPEN = (Status.UNTOUCHED, Status.IN_PROGRESS)
# As scores are shown: what stands there with 80 % reaches 80 %.
_SLACK = 0.005


class Record(NamedTuple):
    """How many of a run's labels that reach a threshold are right on dev, of how many."""

    right: int
    total: int


def records(db: Database, run_id: int, threshold: float) -> dict[str, Record]:
    """Count a run's labels on dev of which its model was at least as sure as ``threshold``."""
    right = func.sum(case((MatchRow.kind == ErrorKind.EXACT, 1), else_=0))
    query = (
        select(MatchRow.predicted_label, right, func.count())
        .where(
            MatchRow.run_id == run_id,
            MatchRow.split == Split.DEV,
            MatchRow.predicted_label.is_not(None),
            MatchRow.predicted_score >= threshold - _SLACK,
        )
        .group_by(MatchRow.predicted_label)
    )
    with db.read() as session:
        return {label: Record(int(n), total) for label, n, total in session.execute(query)}


def answers(db: Database, project_id: int, threshold: float) -> Iterator[tuple[int, list[Span]]]:
    """Yield the open documents without a label, with what the trained model says, if it is sure.

    It is where all labels that it gives reach the threshold, and nobody rejected one. Raises
    NotFoundError.
    """
    with db.read() as session:
        required(session, project_id)
        rows = session.execute(_query(project_id)).all()
    for document, found in groupby(rows, key=lambda row: row.document_id):
        said = list(found)
        if all(each.score >= threshold - _SLACK and each.rejected is None for each in said):
            yield (
                document,
                [Span(0, 0, each.label, source=Source.MODEL, score=each.score) for each in said],
            )


def _query(project_id: int) -> Select:
    current = (AnnotationRow.document_id == DocumentRow.id) & AnnotationRow.is_current
    labelled = select(SpanRow.annotation_id).where(SpanRow.annotation_id == AnnotationRow.id)
    turned_down = (
        (RejectionRow.annotation_id == AnnotationRow.id)
        & (RejectionRow.start == SuggestionRow.start)
        & (RejectionRow.label_id == LabelRow.id)
    )
    named = (LabelRow.project_id == DocumentRow.project_id) & (LabelRow.name == SuggestionRow.label)
    return (
        select(
            SuggestionRow.document_id,
            SuggestionRow.label,
            SuggestionRow.score,
            RejectionRow.label_id.label("rejected"),
        )
        .join(DocumentRow, DocumentRow.id == SuggestionRow.document_id)
        .join(RunRow, RunRow.id == SuggestionRow.run_id)
        .join(LabelRow, named)
        .outerjoin(AnnotationRow, current)
        .outerjoin(RejectionRow, turned_down)
        .where(
            DocumentRow.project_id == project_id,
            SuggestionRow.rank == 0,
            RunRow.kind == RunKind.TRAINING,
            ~LabelRow.is_deleted,
            func.coalesce(AnnotationRow.status, Status.UNTOUCHED).in_(OPEN),
            ~labelled.exists(),
        )
        .order_by(SuggestionRow.document_id, SuggestionRow.label)
    )
