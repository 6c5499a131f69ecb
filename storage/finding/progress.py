"""How far a project has come: its documents by status and split, its spans by label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.schema import LabelRow
from storage.finding import facets
from storage.finding.facets import FacetIndex
from storage.finding.sets.memberships import DetailedStatus, Facet
from storage.types import Split, Status


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a project has come. Every mapping has all its keys, zeros included.

    ``by_split`` counts documents, ``done_by_split`` those of them that are done; documents
    without a split are counted under None.
    """

    documents: int
    by_status: Mapping[Status, int]
    by_split: Mapping[Split | None, int]
    done_by_split: Mapping[Split | None, int]
    spans: int
    by_label: Mapping[str, int]


def of(db: Database, project_id: int) -> Progress:
    """Count a project's documents and spans; raises NotFoundError."""
    with db.read() as session:
        required(session, project_id)
        query = select(LabelRow.id, LabelRow.name).where(
            LabelRow.project_id == project_id, ~LabelRow.is_deleted
        )
        labels = session.execute(query.order_by(LabelRow.position)).all()
    index = facets.index(db, project_id)
    splits = {split: index.having(Facet.SPLIT, split) for split in (*Split, None)}
    done = _with(index, Status.DONE)
    by_label = {name: len(index.holders.get(id, ())) for id, name in labels}
    return Progress(
        index.every.bit_count(),
        {status: _with(index, status).bit_count() for status in Status},
        {split: found.bit_count() for split, found in splits.items()},
        {split: (found & done).bit_count() for split, found in splits.items()},
        sum(by_label.values()),
        by_label,
    )


def _with(index: FacetIndex, status: Status) -> int:
    found = index.having(Facet.STATUS, status)
    empty = index.having(Facet.STATUS, DetailedStatus.EMPTY)
    return found | empty if status is Status.DONE else found
