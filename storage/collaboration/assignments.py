"""What is given to whom: nobody gets a document that went to as many people as it should.

Documents are given a few at a time, those of queues before the rest of the project. Who gives and
who takes waits for its project's turn, so that two people who ask at once get different ones.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, insert, select, update
from sqlalchemy.orm import Session

from storage import permissions
from storage.collaboration import queues
from storage.collaboration.queues import Queue
from storage.collaboration.rules import given as rules
from storage.collaboration.rules import withholding
from storage.collaboration.rules.given import Given
from storage.collaboration.rules.policies import MERGED
from storage.collaboration.rules.starts import Start
from storage.collaboration.rules.withholding import Withheld
from storage.corpus import validation
from storage.corpus.documents import of_texts
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import CHUNK, chunks
from storage.engines.schema import (
    AnnotationRow,
    AssignmentRow,
    DocumentRow,
    ProjectRow,
    QueueRow,
)
from storage.permissions import Ability, needs
from storage.types import Document, Status

AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Dealing:
    """To how many people each document of a project goes, and what they start from."""

    people: int = 1
    start: Start = Start.OPEN


def dealing(db: Database, project_id: int) -> Dealing:
    """Return how a project's documents are given out; raises NotFoundError."""
    with db.read() as session:
        row = required(session, project_id)
        return Dealing(row.people, Start(row.start))


def are_given_out(db: Database, project_id: int) -> bool:
    """Tell whether somebody has said who a project's documents go to: all of it, or a queue's."""
    usual, row = Dealing(), ProjectRow
    own = (row.people != usual.people) | (row.start != usual.start)
    of_project = exists().where(row.id == project_id, own)
    of_queue = exists().where(QueueRow.project_id == project_id)
    with db.read() as session:
        return bool(session.scalar(select(of_project | of_queue)))


def go_to_several(db: Database, project_id: int) -> bool:
    """Tell whether any document of a project goes to more than one person."""
    of_project = exists().where(ProjectRow.id == project_id, ProjectRow.people > 1)
    of_queue = exists().where(QueueRow.project_id == project_id, QueueRow.people > 1)
    with db.read() as session:
        return bool(session.scalar(select(of_project | of_queue)))


@needs(Ability.MANAGE)
def set_dealing(db: Database, project_id: int, people: int, start: Start | str) -> Dealing:
    """Say how documents are given out from now on; raises InputError, NotFoundError."""
    wanted = Dealing(queues.checked_people(people) or 1, queues.checked_start(start))
    with db.write() as session:
        row = required(session, project_id, turn=True)
        row.people, row.start = wanted.people, str(wanted.start)
    return wanted


def given(db: Database, project_id: int, annotator: str | None = None) -> list[Given]:
    """Return what is given to people, or to one of them: of queues first, in import order."""
    with db.read() as session:
        return rules.of(session, project_id, annotator)


def counts(db: Database, project_id: int) -> dict[int | None, dict[str, tuple[int, int]]]:
    """Return how many documents of each queue, or of none, each person was given and finished."""
    with db.read() as session:
        return rules.counts(session, project_id)


def supply(db: Database, project_id: int, annotator: str) -> Hashable:
    """Return what is another one once somebody may get more documents than they were given."""
    with db.read() as session:
        return rules.supply(session, required(session, project_id), annotator)


def why_none(db: Database, project_id: int, annotator: str) -> str:
    """Say why somebody who has nothing to do is given nothing more; raises NotFoundError."""
    with db.read() as session:
        return rules.why_none(session, required(session, project_id), annotator)


def withheld(
    db: Database, documents: Iterable[int], annotator: str, run: int | None = None
) -> dict[int, Withheld]:
    """Return of which documents somebody is told no suggestions, or nothing of a run's model.

    See ``storage.collaboration.rules.withholding``.
    """
    with db.read() as session:
        return withholding.withheld(session, documents, annotator, run)


def withheld_text(
    db: Database, project_id: int, asked: Document, annotator: str, run: int
) -> Withheld | None:
    """Return why somebody is told nothing of a run's model about a text, if that is so.

    It is where the project has a document of this text of which they are told nothing.
    """
    same = of_texts(project_id, asked)
    with db.read() as session:
        found = withholding.withheld(session, session.scalars(same).all(), annotator, run)
    return next(iter(found.values()), None)


@needs(Ability.LABEL)
def take(db: Database, project_id: int, annotator: str, count: int = AT_ONCE) -> list[int]:
    """Give somebody their next documents until they have ``count`` to do; return all to do.

    Raises NotFoundError, InputError.
    """
    annotator = validation.person(annotator)
    _check_own(annotator)
    with db.read() as session:
        lacking = count - len(_to_do(session, project_id, annotator))
        sources = _sources(session, project_id)
    # What takes long is looked for before the turn, and looked at again in it.
    for source in sources:
        if lacking <= 0:
            break
        for some in _candidates(db, project_id, source, annotator):
            lacking -= _give(db, project_id, source, annotator, some, lacking)
            if lacking <= 0:
                break
    with db.read() as session:
        return _to_do(session, project_id, annotator)


@needs(Ability.LABEL)
def give_back(db: Database, project_id: int, annotator: str) -> int:
    """Give back what somebody has not touched, for others to take; return how many.

    One's own, or of somebody who left where one may deal out. Raises ForbiddenError.
    """
    _check_own(annotator)
    with db.write() as session:
        required(session, project_id, turn=True)
        return rules.give_back(session, annotator, project_id)


def _check_own(annotator: str) -> None:
    """Refuse to decide about somebody else's documents, but by those who deal out."""
    person = permissions.current()
    if person and person.name != annotator:
        permissions.require(Ability.REVIEW)


def _to_do(session: Session, project_id: int, annotator: str) -> list[int]:
    found = rules.of(session, project_id, annotator)
    return [each.document for each in found if not each.is_over]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where documents are taken from: a queue, or None for all of the project."""

    queue: Queue | None
    people: int
    blind: bool


def _sources(session: Session, project_id: int) -> list[_Source]:
    row = required(session, project_id)
    opened = [each for each in queues.of_project(session, project_id) if not each.is_closed]
    found = [
        _Source(each, each.people or row.people, each.start is not None and each.start.is_blind)
        for each in opened
    ]
    return [*found, _Source(None, row.people, True)]


def _candidates(
    db: Database, project_id: int, source: _Source, annotator: str
) -> Iterator[Sequence[int]]:
    """Yield documents that may be given to somebody, by chunks, in import order."""
    if source.queue is not None:
        yield from chunks(queues.documents_of(db, source.queue))
        return
    after = 0
    while True:
        with db.read() as session:
            free = _free(session, project_id, source, annotator)
            query = select(DocumentRow.id).where(DocumentRow.id > after, *free)
            found = session.scalars(query.order_by(DocumentRow.id).limit(CHUNK)).all()
        if not found:
            return
        yield found
        after = found[-1]


def _give(
    db: Database,
    project_id: int,
    source: _Source,
    annotator: str,
    documents: Sequence[int],
    count: int,
) -> int:
    """Give somebody some of these documents, as far as they are free by now; return how many."""
    queue = source.queue.id if source.queue else None
    with db.write() as session:
        row = required(session, project_id, turn=True)
        if queue is not None and _is_closed(session, queue):
            return 0
        query = select(DocumentRow.id).where(DocumentRow.id.in_(documents))
        query = query.where(*_free(session, project_id, source, annotator))
        chosen = session.scalars(query.order_by(DocumentRow.id).limit(count)).all()
        values = {"annotator": annotator, "project_id": row.id, "queue_id": queue}
        _put(session, chosen, {**values, "given_at": now()})
        return len(chosen)


def _is_closed(session: Session, queue: int) -> bool:
    found = session.get(QueueRow, queue)
    return found is None or found.is_closed


def _put(session: Session, documents: Sequence[int], values: Mapping[str, object]) -> None:
    """Write down what is given; what was given before and is over is given anew."""
    mine = AssignmentRow.annotator == values["annotator"]
    here = mine & AssignmentRow.document_id.in_(documents)
    known = set(session.scalars(select(AssignmentRow.document_id).where(here)))
    if known:
        session.execute(update(AssignmentRow).where(here).values(**values))
    new = [{"document_id": id, **values} for id in documents if id not in known]
    if new:
        session.execute(insert(AssignmentRow), new)


def _free(
    session: Session, project_id: int, source: _Source, annotator: str
) -> list[ColumnElement[bool]]:
    """Return what a document must be like to be given to somebody from a source."""
    document = DocumentRow.id
    given = AssignmentRow.document_id == document
    found = [DocumentRow.project_id == project_id]
    if source.queue is None:
        mine = exists().where(given, AssignmentRow.annotator == annotator).correlate(DocumentRow)
        brought = rules.imported_finished(session, project_id, document)
        found += [~mine, ~rules.touched(document, annotator), ~brought]
        others = select(func.count()).where(given, AssignmentRow.annotator != annotator)
        count = others.correlate(DocumentRow).scalar_subquery()
        return [*found, count + _labelled(annotator) < source.people]
    of_queue = given & (AssignmentRow.queue_id == source.queue.id)
    # What is in somebody's hands by another queue that is open stays with that one.
    held = (
        exists()
        .where(given, AssignmentRow.annotator == annotator)
        .where(_is_held(annotator))
        .correlate(DocumentRow)
    )
    count = select(func.count()).where(of_queue).correlate(DocumentRow).scalar_subquery()
    found += [~held, count < source.people]
    return [*found, ~rules.touched(document, annotator)] if source.blind else found


def _is_held(annotator: str) -> ColumnElement[bool]:
    """Return whether what was given to somebody is still to do, or is of an open queue."""
    open_queue = exists().where(QueueRow.id == AssignmentRow.queue_id, ~QueueRow.is_closed)
    own = AnnotationRow.document_id == AssignmentRow.document_id
    over = exists().where(
        own,
        AnnotationRow.annotator == annotator,
        AnnotationRow.status.in_(rules.OVER),
        AnnotationRow.updated_at >= AssignmentRow.given_at,
    )
    return open_queue.correlate(AssignmentRow) | ~over.correlate(AssignmentRow)


def _labelled(annotator: str) -> ColumnElement[int]:
    """Return how many others have labelled a document that was not given to them."""
    theirs = exists().where(
        AssignmentRow.document_id == AnnotationRow.document_id,
        AssignmentRow.annotator == AnnotationRow.annotator,
    )
    return (
        select(func.count())
        .select_from(AnnotationRow)
        .where(AnnotationRow.document_id == DocumentRow.id)
        .where(AnnotationRow.status != Status.UNTOUCHED)
        .where(AnnotationRow.annotator != annotator, AnnotationRow.annotator.not_in(MERGED))
        .where(~theirs.correlate(AnnotationRow))
        .correlate(DocumentRow)
        .scalar_subquery()
    )
