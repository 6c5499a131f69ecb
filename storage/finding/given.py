"""Queues that somebody made for others, with a reason, as those walk through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storage.database.connection import Database
from storage.engines.schema import QueueDocumentRow, QueueRow
from storage.finding import search
from storage.finding.search import Search


@dataclass(frozen=True, slots=True)
class Given:
    """A queue that was made: what it is called, why it is there, its documents in their order."""

    name: str
    reason: str
    ids: Sequence[int] = ()


def find(db: Database, project_id: int, queue_id: int) -> Given:
    """Return a project's queue; where it has none with that number, an empty one."""
    named = select(QueueDocumentRow.document_id).where(QueueDocumentRow.queue_id == queue_id)
    with db.read() as session:
        row = session.get(QueueRow, queue_id)
        if row is None or row.project_id != project_id:
            return Given("", "")
        ids = session.scalars(named.order_by(QueueDocumentRow.document_id)).all()
    if row.search is not None:
        ids = search.ids(db, project_id, Search.parse(row.search))
    return Given(row.name, row.reason, ids)
