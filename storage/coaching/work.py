"""What a coach looks at: which documents are finished, which were changed, which are to do."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.corpus import labels, reading
from storage.corpus.projects import gold_key, started_key
from storage.database.connection import Database
from storage.engines import queries
from storage.engines.schema import (
    ActionRow,
    AnnotationRow,
    DocumentRow,
    JournalRow,
    ProjectRow,
    RunRow,
    SettingRow,
)
from storage.types import Document, RunKind, RunState, Split, Status

LEARNS_FROM = (None, Split.TRAIN)
"""Dev and test must stay what no model has seen."""
MOST = 10_000
"""Documents that are learned at most: those that were finished last."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How far the journal and the documents of a project are.

    ``name`` is what the newest entry is called: a backup that is restored gives numbers again. And
    it is another once another policy says whose labels count.
    """

    entry: int = 0
    document: int = 0
    name: str = ""
    labels: tuple[tuple[int, str], ...] = ()

    @property
    def names(self) -> Mapping[int, str]:
        """The labels by their ids."""
        return dict(self.labels)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since a moment: the ids of documents, in import order.

    ``anew`` says that the moment is none of this database's: everything is new.
    """

    now: Moment
    ids: tuple[int, ...] = ()
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Portion:
    """Some documents as they are at one moment, and the names that their labels' ids have then."""

    documents: tuple[Document, ...]
    names: Mapping[int, str]


def is_learned(document: Document) -> bool:
    """Tell whether a document is finished, and none of those that models are measured by."""
    return document.status is Status.DONE and document.split in LEARNS_FROM


def glance(db: Database) -> Hashable:
    """Return what is another one once anybody else has committed anything: cheap to ask for."""
    with db.read() as session:
        return queries.glance(session)


def moment(db: Database, project_id: int) -> Moment:
    """Return where a project is now."""
    with db.read() as session:
        return _moment(session, project_id)


Mark = tuple[int, int]


def marks(db: Database) -> dict[int, Mark]:
    """Return of each project the newest entry of its journal, and its newest action.

    One of the two is another one once a label has changed, or what a mark says.
    """
    newest = [
        select(func.max(row.id)).where(row.project_id == ProjectRow.id).scalar_subquery()
        for row in (JournalRow, ActionRow)
    ]
    with db.read() as session:
        found = session.execute(select(ProjectRow.id, *newest)).all()
    return {project: (entry or 0, action or 0) for project, entry, action in found}


def changes(db: Database, project_id: int, since: Moment | None, after: int = 0) -> Changes:
    """Return what is new since a moment; without one, what is finished.

    ``after`` is an entry of the journal: only what was finished after it counts.
    """
    with db.read() as session:
        now = _moment(session, project_id)
        anew = since is not None and not _is_past(session, project_id, since)
        if since is None or anew:
            ids = _finished(session, project_id, after)
        elif (since.entry, since.document) == (now.entry, now.document):
            ids = []
        else:
            ids = _changed(session, project_id, since)
        return Changes(now, tuple(sorted(ids)), anew)


def portions(
    db: Database, project_id: int, ids: Sequence[int], count: int, most: int
) -> Iterator[Portion]:
    """Yield documents by ``count``, and by fewer where these have more than ``most`` tokens.

    Each portion is of a moment of its own. Ten thousand documents are never held at once.
    """
    for chunk in queries.chunks(ids, count):
        with db.read() as session:
            names = labels.names(session, project_id)
            found = _documents(session, chunk, project_id)
        for some in _parted(found, most):
            yield Portion(tuple(some), names)


def _parted(found: Sequence[Document], most: int) -> Iterator[list[Document]]:
    some: list[Document] = []
    for document in found:
        if some and sum(len(each.tokens) for each in (*some, document)) > most:
            yield some
            some = []
        some.append(document)
    if some:
        yield some


def documents(db: Database, project_id: int, ids: Sequence[int]) -> list[Document]:
    """Return a project's documents as they are now, in the order asked for."""
    with db.read() as session:
        known = {each.id: each for each in _documents(session, ids, project_id)}
    return [known[id] for id in ids if id in known]


def trained(db: Database, project_id: int) -> list[tuple[int, int, int | None]]:
    """Return the trainings that are done: run, project, and the entry that they know.

    This project's newest first, then those of the one that it began with, then those of others
    on the same task.
    """
    with db.read() as session:
        began = session.get(SettingRow, started_key(project_id))
    first = began.value if began else None
    task = select(ProjectRow.task).where(ProjectRow.id == project_id).scalar_subquery()
    query = (
        select(RunRow.id, RunRow.project_id, RunRow.journal_id)
        .join(ProjectRow, ProjectRow.id == RunRow.project_id)
        .where(RunRow.kind == RunKind.TRAINING, RunRow.state == RunState.DONE)
        .where(ProjectRow.task == task)
        .order_by(RunRow.project_id != project_id, RunRow.project_id != first, RunRow.id.desc())
    )
    with db.read() as session:
        return [(run, project, entry) for run, project, entry in session.execute(query)]


def is_training(db: Database) -> bool:
    """Tell whether a run is at work on this database, beside which a coach gives way."""
    active = [state for state in RunState if state.active]
    with db.read() as session:
        return (
            session.scalar(select(RunRow.id).where(RunRow.state.in_(active)).limit(1)) is not None
        )


def _is_past(session: Session, project_id: int, moment: Moment) -> bool:
    """Tell whether a moment is one that this database has been through, by today's policy."""
    settled = _settled(session, project_id)
    if not moment.entry:
        return moment.name == settled
    row = session.get(JournalRow, moment.entry)
    return row is not None and _name(row.client, row.seq, settled) == moment.name


def _name(client: str, seq: int, settled: str) -> str:
    return f"{client}:{seq} {settled}".strip()


def _settled(session: Session, project_id: int) -> str:
    """Return what is another after each change of whose labels count, "" before the first."""
    row = session.get(SettingRow, gold_key(project_id))
    return row.value["settled"] if row else ""


def _moment(session: Session, project_id: int) -> Moment:
    newest = (
        select(JournalRow.id, JournalRow.client, JournalRow.seq)
        .where(JournalRow.project_id == project_id)
        .order_by(JournalRow.id.desc())
        .limit(1)
    )
    document = select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)
    names = labels.names(session, project_id)
    known = tuple(sorted(names.items()))
    entry, client, seq = session.execute(newest).one_or_none() or (0, "", 0)
    settled = _settled(session, project_id)
    name = _name(client, seq, settled) if entry else settled
    return Moment(entry, session.scalar(document) or 0, name, known)


def _finished(session: Session, project_id: int, after: int) -> list[int]:
    query = (
        select(DocumentRow.id)
        .join(AnnotationRow, AnnotationRow.document_id == DocumentRow.id)
        .where(DocumentRow.project_id == project_id, AnnotationRow.is_current)
        .where(AnnotationRow.status == Status.DONE)
        .where(DocumentRow.split.is_(None) | (DocumentRow.split == Split.TRAIN))
        .order_by(AnnotationRow.id.desc())
        .limit(MOST)
    )
    if after:
        edited = select(JournalRow.document_id).where(
            JournalRow.project_id == project_id, JournalRow.id > after
        )
        query = query.where(DocumentRow.id.in_(edited))
    return list(session.scalars(query))


def _changed(session: Session, project_id: int, since: Moment) -> list[int]:
    edited = select(JournalRow.document_id).where(
        JournalRow.project_id == project_id, JournalRow.id > since.entry
    )
    came = select(DocumentRow.id).where(
        DocumentRow.project_id == project_id, DocumentRow.id > since.document
    )
    return sorted({*session.scalars(edited.distinct()), *session.scalars(came)})[-MOST:]


def _documents(
    session: Session, ids: Sequence[int], project_id: int | None = None
) -> list[Document]:
    found: list[Document] = []
    for chunk in queries.chunks(ids):
        query = select(DocumentRow).where(DocumentRow.id.in_(chunk)).order_by(DocumentRow.id)
        if project_id is not None:
            query = query.where(DocumentRow.project_id == project_id)
        found += reading.documents(session, session.scalars(query).all())
    return found
