"""Queues: documents that are to be given to people, each queue with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.collaboration.rules.starts import Start
from storage.corpus import validation
from storage.corpus.projects import required
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow, QueueDocumentRow, QueueRow
from storage.errors import InputError, NotFoundError
from storage.finding import search as searching
from storage.finding.search import Search
from storage.permissions import Ability, needs

MOST_PEOPLE = 100


@dataclass(frozen=True, slots=True)
class Queue:
    """Some documents to be given out: named ones, or whatever ``search`` finds.

    ``people`` is to how many each document goes, ``start`` what they start from; None: as the
    project has it.
    """

    id: int
    project_id: int
    name: str
    reason: str
    search: Search | None
    people: int | None
    start: Start | None
    is_closed: bool
    created_by: str
    created_at: str


@needs(Ability.REVIEW)
def create_queue(
    db: Database,
    project_id: int,
    name: str,
    *,
    reason: str = "",
    documents: Iterable[int] = (),
    search: Search | None = None,
    people: int | None = None,
    start: Start | str | None = None,
) -> Queue:
    """Make a queue of the ``documents`` with these ids, or else of what ``search`` finds.

    What the project has not among the ids is left out. Raises NotFoundError, and InputError where
    the name is taken, or where there is nothing to give.
    """
    row = QueueRow(
        project_id=project_id,
        name=validation.name(name, "queue"),
        reason=validation.text(reason.strip(), "The reason"),
        search=None if search is None else search.address,
        people=checked_people(people),
        start=None if start is None else checked_start(start),
        created_by=settings.annotator(db),
        created_at=now(),
    )
    with db.write() as session:
        # Of two who give the same name at once the second is told.
        required(session, project_id, turn=True)
        _check_free(session, project_id, row.name)
        session.add(row)
        session.flush()
        if search is None:
            _put_documents(session, row, documents)
        return _queue(row)


@needs(Ability.REVIEW)
def stand(
    db: Database, project_id: int, name: str, *, reason: str, documents: Sequence[int]
) -> Queue:
    """Return the open queue that has these documents for this reason, else make one.

    Where the name is taken a number stands behind it. Raises as ``create_queue``.
    """
    wanted, known = set(documents), list_queues(db, project_id)
    for each in known:
        if each.reason == reason and not each.is_closed and wanted <= set(documents_of(db, each)):
            return each
    taken = {each.name for each in known}
    names = (name if n == 1 else f"{name} ({n})" for n in range(1, len(taken) + 2))
    free = next(each for each in names if each not in taken)
    return create_queue(db, project_id, free, reason=reason, documents=documents)


def list_queues(db: Database, project_id: int) -> list[Queue]:
    """Return a project's queues, those made first before the others."""
    with db.read() as session:
        return of_project(session, project_id)


@needs(Ability.REVIEW)
def set_closed(db: Database, queue_id: int, closed: bool) -> Queue:
    """Give nothing out of a queue any more, or again; what was given stays with its people."""
    with db.write() as session:
        row = session.get(QueueRow, queue_id)
        if row is None:
            raise NotFoundError("There is no such queue any more: reload the page.")
        row.is_closed = closed
        return _queue(row)


def documents_of(db: Database, queue: Queue) -> Sequence[int]:
    """Return the ids of a queue's documents as it stands, in import order."""
    if queue.search is not None:
        return searching.ids(db, queue.project_id, queue.search)
    named = select(QueueDocumentRow.document_id).where(QueueDocumentRow.queue_id == queue.id)
    with db.read() as session:
        return list(session.scalars(named.order_by(QueueDocumentRow.document_id)))


def of_project(session: Session, project_id: int) -> list[Queue]:
    """Return a project's queues inside a transaction, those made first before the others."""
    query = select(QueueRow).where(QueueRow.project_id == project_id).order_by(QueueRow.id)
    return [_queue(row) for row in session.scalars(query)]


def checked_people(people: int | None) -> int | None:
    """Return to how many people a document goes; raises InputError where that cannot be."""
    if people is not None and not 1 <= people <= MOST_PEOPLE:
        raise InputError(f"A document goes to 1 to {MOST_PEOPLE} people, not to {people}.")
    return people


def checked_start(start: Start | str) -> Start:
    """Return what people start from; raises InputError where there is no such thing."""
    if start not in tuple(Start):
        raise InputError(f"People start from {', '.join(Start)}, not from {start[:40]!a}.")
    return Start(start)


def _check_free(session: Session, project_id: int, name: str) -> None:
    named = select(QueueRow.id).where(QueueRow.project_id == project_id, QueueRow.name == name)
    if session.scalar(named):
        raise InputError(f'There is a queue "{name}" already: choose another name.')


def _put_documents(session: Session, row: QueueRow, documents: Iterable[int]) -> None:
    found: list[int] = []
    for chunk in chunks(dict.fromkeys(documents)):
        query = select(DocumentRow.id).where(DocumentRow.id.in_(chunk))
        found += session.scalars(query.where(DocumentRow.project_id == row.project_id))
    if not found:
        raise InputError("A queue of no documents: choose some, or a search that finds them.")
    rows = [{"queue_id": row.id, "document_id": id} for id in sorted(found)]
    session.execute(insert(QueueDocumentRow), rows)


def _queue(row: QueueRow) -> Queue:
    return Queue(
        row.id,
        row.project_id,
        row.name,
        row.reason,
        None if row.search is None else Search.parse(row.search),
        row.people,
        Start(row.start) if row.start else None,
        bool(row.is_closed),
        row.created_by,
        row.created_at,
    )
