"""Queues that somebody made for others, with a reason, and what is somebody's own of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storage.collaboration.rules import given as rules
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


def mine(db: Database, project_id: int, annotator: str) -> list[tuple[int, str]]:
    """Return what is given to somebody and not over, of queues first, each with its reason."""
    with db.read() as session:
        found = [each for each in rules.of(session, project_id, annotator) if not each.is_over]
        rows = session.scalars(select(QueueRow).where(QueueRow.project_id == project_id))
        reasons: dict[int | None, str] = {
            row.id: row.reason or f"From the queue {row.name}." for row in rows
        }
    return [(each.document, reasons.get(each.queue, "Given to you.")) for each in found]
