"""The review list of a project: what is worth a look, told with what is known of all documents."""

from __future__ import annotations

from sqlalchemy import select

from storage.cells import Cell
from storage.database.connection import Database
from storage.engines.schema import LabelRow
from storage.finding import facets
from storage.finding.review import disagreements, mixing
from storage.finding.review.findings import Finding, Known
from storage.finding.review.origins import MOST
from storage.finding.sets.memberships import Facet, Mark
from storage.types import Split


def find(db: Database, project_id: int, document: int | None = None) -> list[Finding]:
    """Return what is worth a look (``mixing.find``), of one document or of all."""
    return mixing.find(db, project_id, _known(db, project_id, document), document)


def about(db: Database, project_id: int, cell: Cell) -> list[Finding]:
    """Return what is about the two labels of a confusion (``mixing.about``)."""
    return mixing.about(db, project_id, _known(db, project_id, None), cell)


def _known(db: Database, project_id: int, document: int | None) -> Known:
    index = facets.index(db, project_id)
    train = index.having(Facet.SPLIT, Split.TRAIN) | index.having(Facet.SPLIT, None)
    to_do = index.to_do & train & ~index.having(Facet.MARK, Mark.FLAGGED)
    if document is not None:
        # Asked each time that one is opened: what a model says is not read of the others.
        with db.read() as session:
            return Known(tuple(disagreements.find(session, project_id, [document])), {}, to_do)
    with db.read() as session:
        query = select(LabelRow.id, LabelRow.name).where(LabelRow.project_id == project_id)
        labels = session.execute(query).all()
    surest = facets.disagreeing(db, project_id).surest(MOST)
    return Known(
        tuple(id for id, _ in surest),
        {name: (index.having(Facet.LABEL, id) & train).bit_count() for id, name in labels},
        to_do,
    )
