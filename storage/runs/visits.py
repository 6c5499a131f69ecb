"""Which sentences of a part of a confusion table somebody has looked at, in the tagger.

Counted for each part by itself: who went through the missed ones has not yet read the others.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from storage.cells import Cell
from storage.database.connection import Database
from storage.engines.schema import MatchRow, VisitRow
from storage.runs import reports
from storage.runs.runs import required_run


def note(db: Database, cell: Cell, document: int) -> None:
    """Note that a document was opened from a part of a table, if it has a row there.

    Raises NotFoundError where the run was deleted meanwhile.
    """
    row = VisitRow(**_columns(cell), document_id=document)
    here = select(MatchRow.id).where(*reports.in_cell(cell), MatchRow.document_id == document)
    with db.read() as session:
        known = session.scalar(_visits(cell).where(VisitRow.document_id == document))
        if known or not session.scalar(here.limit(1)):
            return
    with db.write() as session:
        # One at a time on PostgreSQL too: of two that come at once the second finds the row.
        required_run(session, cell.run, lock=True)
        session.merge(row)


def documents(db: Database, cell: Cell) -> frozenset[int]:
    """Return the documents that were opened from a part of a table."""
    with db.read() as session:
        return frozenset(session.scalars(_visits(cell)))


def count(db: Database, cell: Cell) -> int:
    """Return how many rows of a part of a table lie in documents that were opened from it."""
    query = select(func.count()).where(*reports.in_cell(cell))
    with db.read() as session:
        return session.scalar(query.where(MatchRow.document_id.in_(_visits(cell)))) or 0


def _visits(cell: Cell) -> Select:
    return select(VisitRow.document_id).filter_by(**_columns(cell))


def _columns(cell: Cell) -> dict[str, Any]:
    """Return what names a part, by column.

    Not its filter: who has read a part through one has read these sentences of the whole part.
    """
    gold, predicted, only = cell.place
    sides = {"gold": gold, "predicted": predicted, "only": only}
    return {"run_id": cell.run, "split": cell.split, **sides}
