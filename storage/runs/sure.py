"""Answers that a model is sure of: which documents they are for, and how often they were right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, null, select
from sqlalchemy.orm import Session, aliased

from storage.collaboration.rules import starts, withholding
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import (
    AnnotationRow,
    DocumentRow,
    LabelRow,
    MatchRow,
    RunRow,
    SuggestionRow,
)
from storage.journal import loading
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


def answers(
    db: Database, project_id: int, annotator: str, threshold: float
) -> Iterator[tuple[int, list[Span]]]:
    """Yield the documents that somebody has not labelled, with what the trained model is sure of.

    It is sure where all labels that it gives reach the threshold, and nobody rejected one. As the
    annotator sees them: their own work, else what counts where they are shown that; nothing of
    what they are told no suggestions of. Raises NotFoundError.
    """
    with db.read() as session:
        required(session, project_id)
        rows = session.execute(_query(project_id, annotator))
        found = ((id, list(many)) for id, many in groupby(rows, key=lambda row: row.document_id))
        said = {id: many for id, many in found if _are_sure(many, threshold)}
        for chunk in chunks(said):
            yield from _open(session, annotator, {id: said[id] for id in chunk})


def _are_sure(rows: Sequence[Any], threshold: float) -> bool:
    return all(row.score >= threshold - _SLACK for row in rows)


def _open(
    session: Session, annotator: str, said: Mapping[int, Sequence[Any]]
) -> Iterator[tuple[int, list[Span]]]:
    kept = withholding.withheld(session, said, annotator)
    seen = loading.load_many(session, [(id, annotator) for id in said if id not in kept])
    for (document, _), loaded in seen.items():
        state, rows = loaded.state, said[document]
        rejected = {label for _, _, label in state.rejected}
        if state.status in OPEN and not state.spans and not rejected & {r.label for r in rows}:
            yield (
                document,
                [Span(0, 0, row.label, source=Source.MODEL, score=row.score) for row in rows],
            )


def _query(project_id: int, annotator: str) -> Select:
    """Select what is said of documents that may be open to somebody."""
    mine, current = aliased(AnnotationRow), aliased(AnnotationRow)
    own = (mine.document_id == DocumentRow.id) & (mine.annotator == annotator)
    counts = (current.document_id == DocumentRow.id) & current.is_current
    # Where some start blind, whether they see what counts is looked at document by document.
    seen = case((starts.is_blind(project_id), null()), else_=current.status)
    status = func.coalesce(mine.status, seen, Status.UNTOUCHED)
    named = (LabelRow.project_id == DocumentRow.project_id) & (LabelRow.name == SuggestionRow.label)
    return (
        select(SuggestionRow.document_id, SuggestionRow.label, SuggestionRow.score)
        .join(DocumentRow, DocumentRow.id == SuggestionRow.document_id)
        .join(RunRow, RunRow.id == SuggestionRow.run_id)
        .join(LabelRow, named)
        .outerjoin(mine, own)
        .outerjoin(current, counts)
        .where(
            DocumentRow.project_id == project_id,
            SuggestionRow.rank == 0,
            RunRow.kind == RunKind.TRAINING,
            ~LabelRow.is_deleted,
            status.in_(OPEN),
        )
        .order_by(SuggestionRow.document_id, SuggestionRow.label)
    )
