"""Gold marks by what became of them between two runs: as the Compare page tells them.

``engine.inspection.comparing`` counts on the runs' own folders; here the documents are found by
what their reports left in the database, to be walked through.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from storage.cells import ANY
from storage.database.connection import Database
from storage.engines.schema import MatchRow
from storage.outcomes import Compared, Outcome
from storage.types import ErrorKind, Span

_Before = aliased(MatchRow)


def documents(db: Database, asked: Compared) -> list[int]:
    """Return the ids of the documents that have such a mark, each once, in import order."""
    query = select(MatchRow.document_id).where(*_where(asked)).distinct()
    with db.read() as session:
        return list(session.scalars(query.order_by(MatchRow.document_id)))


def first(db: Database, asked: Compared, document: int) -> Span | None:
    """Return the first such mark of a document, None where it has none."""
    here = MatchRow.document_id == document
    query = select(MatchRow).where(*_where(asked), here).order_by(MatchRow.gold_start)
    with db.read() as session:
        row = session.scalar(query.limit(1))
        if row is None:
            return None
        return Span(row.gold_start or 0, row.gold_end or 0, row.gold_label or "")


def _where(asked: Compared) -> list[ColumnElement[bool]]:
    """Return what a match of the second run must fulfil: the first one found its mark, or not."""
    known = [
        _Before.run_id == asked.a,
        _Before.split == asked.split,
        _Before.document_id == MatchRow.document_id,
    ]
    found = exists().where(
        *known,
        _Before.predicted_start == MatchRow.gold_start,
        _Before.predicted_end == MatchRow.gold_end,
        _Before.predicted_label == MatchRow.gold_label,
    )
    right = MatchRow.kind == ErrorKind.EXACT
    before = found if asked.outcome in (Outcome.RIGHT, Outcome.BROKEN) else ~found
    after = right if asked.outcome in (Outcome.RIGHT, Outcome.FIXED) else ~right
    labelled = MatchRow.gold_label.is_not(None)
    own = labelled if asked.label == ANY else MatchRow.gold_label == asked.label
    # What the first run was not scored on says nothing of it.
    scored = exists().where(*known)
    return [MatchRow.run_id == asked.b, MatchRow.split == asked.split, own, after, before, scored]
