"""What somebody starts from who has no version of a document yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storage import permissions
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import AssignmentRow, DocumentRow, ProjectRow, QueueRow
from storage.permissions import Ability


class Start(StrEnum):
    """What is there when a document is opened for the first time."""

    OPEN = "open"
    """The labels that count by now, whoever gave them."""
    BARE = "bare"
    """The text alone."""
    SUGGESTIONS = "suggestions"
    """The text, and what a model suggests."""

    @property
    def is_blind(self) -> bool:
        """Whether nobody is shown what others labelled."""
        return self is not Start.OPEN


def refusal(db: Database, project_id: int) -> str:
    """Return why whoever acts is not shown what others labelled in a project; "" where they are.

    That is so where people label blind, for those who may not compare.
    """
    if permissions.may(Ability.REVIEW):
        return ""
    with db.read() as session:
        if not session.scalar(select(is_blind(project_id))):
            return ""
    return (
        "In this project people label without seeing each other's labels, and they would be "
        f"seen here. {permissions.refusal(Ability.REVIEW)}"
    )


def is_blind(project_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return whether people of a project, or of an open queue of it, start blind."""
    # By names of their own: whoever asks may join the same tables.
    project, queue = aliased(ProjectRow), aliased(QueueRow)
    of_queue = (queue.project_id == project_id, queue.start != Start.OPEN, ~queue.is_closed)
    return or_(
        exists(select(project.id).where(project.id == project_id, project.start != Start.OPEN)),
        exists(select(queue.id).where(*of_queue)),
    )


def hidden(session: Session, pairs: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return those pairs of document and annotator where nobody else's labels are shown.

    Whoever was given a document starts as its queue says, or as its project. Of what nobody gave
    them, those who may compare what others labelled see all.
    """
    return set(blind(session, pairs))


def blind(session: Session, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Start]:
    """Return the ``hidden`` pairs of document and annotator, with what they start from."""
    pairs = list(pairs)
    found = {}
    sees_all = permissions.may(Ability.REVIEW)
    for chunk in chunks(pairs):
        of_queues, of_projects = _given(session, chunk), _projects(session, chunk)
        for pair in chunk:
            own = of_queues.get(pair)
            of_project, is_blind = of_projects.get(pair[0], (Start.OPEN, False))
            start = own or (of_project if pair in of_queues or not sees_all else Start.OPEN)
            # What a blind queue may hold, and give to them later, they have not seen by then.
            if own is None and is_blind and not sees_all and start == Start.OPEN:
                start = Start.SUGGESTIONS
            if Start(start).is_blind:
                found[pair] = Start(start)
    return found


def _given(session: Session, pairs: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str | None]:
    """Return the starts of the queues from which people were given documents, None of no queue."""
    query = (
        select(AssignmentRow.document_id, AssignmentRow.annotator, QueueRow.start)
        .outerjoin(QueueRow, QueueRow.id == AssignmentRow.queue_id)
        .where(AssignmentRow.document_id.in_({document for document, _ in pairs}))
        .where(AssignmentRow.annotator.in_({annotator for _, annotator in pairs}))
    )
    return {(document, who): start for document, who, start in session.execute(query)}


def _projects(session: Session, pairs: Sequence[tuple[int, str]]) -> dict[int, tuple[str, bool]]:
    """Return the start of each document's project, and whether anybody starts blind in it."""
    query = (
        select(DocumentRow.id, ProjectRow.start, is_blind(ProjectRow.id))
        .join(ProjectRow, ProjectRow.id == DocumentRow.project_id)
        .where(DocumentRow.id.in_({document for document, _ in pairs}))
    )
    return {id: (start, bool(blind)) for id, start, blind in session.execute(query)}
