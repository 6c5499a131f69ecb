"""What models measured of a project's documents, in order, without reading more than is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.engines import makers
from storage.engines.schema import DocumentScoreRow

# So many are read at once of those from which they are taken.
PAGE = 1_000
Column = InstrumentedAttribute[float | None]


def in_order(
    session: Session,
    project_id: int,
    column: Column,
    *where: ColumnElement[bool],
    least_first: bool = False,
) -> Iterator[tuple[int, float]]:
    """Yield documents with a measure, the highest first, and of equal ones that which came first.

    Only what a model has looked at is read, whatever else a project has: an index of each measure
    lies in that order.
    """
    sign = 1 if least_first else -1
    each = [
        _of_run(session, run, column, where, least_first)
        for run in makers.of_project(session, project_id)
    ]
    yield from merge(*each, key=lambda row: (sign * row[1], row[0]))


def _of_run(
    session: Session,
    run: int,
    column: Column,
    where: tuple[ColumnElement[bool], ...],
    least_first: bool,
) -> Iterator[tuple[int, float]]:
    document = DocumentScoreRow.document_id
    query = select(document, column).where(DocumentScoreRow.run_id == run, column.is_not(None))
    query = query.where(*where).order_by(column if least_first else column.desc(), document)
    rows = session.execute(query.limit(PAGE)).all()
    while rows:
        yield from map(tuple, rows)
        last, value = rows[-1]
        # A range that the index knows, and of those that are equal the ones that are left.
        here, later = (
            (column >= value, column > value) if least_first else (column <= value, column < value)
        )
        rows = session.execute(query.where(here, later | (document > last)).limit(PAGE)).all()
