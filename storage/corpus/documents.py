"""Documents: how they come in, and which there are; storage.finding.search finds them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.corpus import adding, dev_split, reading
from storage.corpus import labels as known_labels
from storage.corpus.adding import Progress
from storage.corpus.projects import insert_project, required
from storage.corpus.staging import Known, Stage
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, ProjectRow
from storage.errors import InputError, NotFoundError
from storage.hashing import HASH, joint_hash, text_hash
from storage.permissions import Ability, needs
from storage.types import Document, Span, Split, Task


def add_documents(
    db: Database, project_id: int, documents: Iterable[Document], annotator: str
) -> int:
    """Store documents with their spans in one transaction and return how many.

    Labels that the project lacks are made. A repeated span is stored once. Raises
    InputError, and stores nothing, where a span or a text cannot be kept.
    """
    with db.write() as session:
        project = required(session, project_id, turn=True)
        return adding.add(session, project, documents, annotator)


class Ensured(NamedTuple):
    """A document that a project has now, and whether it has it since now."""

    id: int
    is_new: bool


def ensure(db: Database, project_id: int, document: Document, annotator: str) -> Ensured:
    """Return the project's document of the same texts; add it where there is none.

    A new one of two texts goes where its first text is already: into the same split and group,
    so that no text is learned from and judged on. Raises InputError, NotFoundError.
    """
    same = of_texts(project_id, document)
    with db.write() as session:
        project = required(session, project_id, turn=True)
        if (found := session.scalar(same)) is not None:
            return Ensured(found, is_new=False)
        first = (
            select(DocumentRow)
            .where(
                DocumentRow.project_id == project_id,
                DocumentRow.text_hash == text_hash(document.text),
            )
            .order_by(DocumentRow.id)
            .limit(1)
        )
        if (beside := session.scalar(first)) is not None:
            split = Split(beside.split) if beside.split else None
            document = replace(document, split=split, group=beside.group)
        adding.add(session, project, [document], annotator)
        added = session.scalar(same)
        assert added is not None, "it was added"
        return Ensured(added, is_new=True)


def of_texts(project_id: int, document: Document) -> Select[int]:
    """Select the ids of a project's documents with the texts of this one, oldest first."""
    second = None if document.second_text is None else text_hash(document.second_text)
    return (
        select(DocumentRow.id)
        .where(
            DocumentRow.project_id == project_id,
            DocumentRow.text_hash == text_hash(document.text),
            DocumentRow.second_hash.is_not_distinct_from(second),
        )
        .order_by(DocumentRow.id)
    )


@needs(Ability.EXCHANGE)
def create_with_documents(
    db: Database,
    name: str,
    documents: Iterable[Document],
    annotator: str,
    *,
    task: str = Task.SPANS,
    allow_overlaps: bool = False,
    labels: Sequence[str] = (),
) -> int:
    """Create a project with documents in one transaction and return its id.

    ``labels`` come first, in this order; those in the documents follow. Raises InputError,
    and creates nothing, where the name is taken or something cannot be kept.
    """
    with db.write() as session:
        row = insert_project(session, name, task, allow_overlaps)
        known_labels.ensure(session, row.id, list(labels))
        adding.add(session, row, documents, annotator)
        return row.id


@dataclass(frozen=True, slots=True)
class Target:
    """Where documents go: a project, or where the id is None a new one of this name.

    ``labels`` come first, in this order, whether a document has them or not.
    """

    project: int | None
    name: str
    annotator: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """What an import did: the project, and how many of its documents it moved to dev."""

    project: int
    dev: int


@needs(Ability.EXCHANGE)
def bring_in(
    db: Database, target: Target, stage: Stage, progress: Progress | None = None
) -> Intake:
    """Add the staged documents to a project, or to a new one, all in one transaction.

    What ``progress`` raises takes all of it back. Raises InputError for a name that is taken or
    no name, or where the project's settings no longer allow what is staged, NotFoundError where
    the project is gone.
    """
    load = adding.copy if db.path else adding.load
    with db.write(stage.connection) as session:
        row = _prepared(session, target, stage)
        load(session, row, stage, target.annotator, progress)
        return Intake(row.id, dev_split.assign_within(session, row.id))


def rehearse(db: Database, target: Target, stage: Stage) -> None:
    """Raise what `bring_in` would raise before it adds the first document; changes nothing."""
    with db.write() as session:
        _prepared(session, target, stage)
        session.rollback()


def _prepared(session: Session, target: Target, stage: Stage) -> ProjectRow:
    """Return the project with the labels that it needs; it is made where it has to be."""
    if target.project is None:
        row = insert_project(session, target.name, stage.task, stage.overlaps)
    else:
        row = required(session, target.project, turn=True)
    if row.task != stage.task:
        raise InputError("The project is for another kind of labels: choose another one.")
    if stage.overlaps and not row.allow_overlaps:
        raise InputError("Spans overlap: allow overlaps in the project's settings.")
    known_labels.ensure(session, row.id, [*target.labels, *stage.labels])
    return row


def get_document(db: Database, document_id: int) -> Document:
    """Return a document with its newest annotation's spans; raises NotFoundError."""
    with db.read() as session:
        row = required_document(session, document_id)
        return next(reading.documents(session, [row]))


def current_spans(db: Database, ids: Sequence[int]) -> dict[int, tuple[Span, ...]]:
    """Return the spans of the documents' newest annotations, of those that have some."""
    found: dict[int, tuple[Span, ...]] = {}
    with db.read() as session:
        for chunk in chunks(ids):
            query = select(AnnotationRow.id, AnnotationRow.document_id).where(
                AnnotationRow.document_id.in_(chunk), AnnotationRow.is_current
            )
            owners = dict(session.execute(query).all())
            spans = reading.spans(session, list(owners))
            found |= {owners[annotation]: tuple(own) for annotation, own in spans.items()}
    return found


def list_ids(db: Database, project_id: int) -> list[int]:
    """Return a project's document ids in import order."""
    query = select(DocumentRow.id).where(DocumentRow.project_id == project_id)
    with db.read() as session:
        return list(session.scalars(query.order_by(DocumentRow.id)))


def count_documents(db: Database, project_id: int) -> int:
    """Return how many documents a project has."""
    with db.read() as session:
        count = select(func.count()).where(DocumentRow.project_id == project_id)
        return session.scalar(count) or 0


def belongs(db: Database, document_id: int, project_id: int) -> bool:
    """Return whether there is such a document, and in this project."""
    if document_id >= 2**63:
        # An address can name any number, a database only these.
        return False
    with db.read() as session:
        owner = select(DocumentRow.project_id).where(DocumentRow.id == document_id)
        return session.scalar(owner) == project_id


def belonging(db: Database, ids: Sequence[int], project_id: int) -> set[int]:
    """Return those of some documents that a project has."""
    query = select(DocumentRow.id).where(DocumentRow.project_id == project_id)
    with db.read() as session:
        return set(session.scalars(query.where(DocumentRow.id.in_(ids))))


def newest_id(db: Database, project_id: int) -> int:
    """Return the id of the document that came last, 0 where a project has none."""
    with db.read() as session:
        newest = select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)
        return session.scalar(newest) or 0


def known_texts(db: Database, project_id: int) -> Known:
    """Return what tells which of some texts are in a project (`storage.hashing.document_hash`).

    Each with a split that it is in.
    """

    def known(hashes: Sequence[str]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        with db.read() as session:
            for chunk in chunks({hash[:HASH] for hash in hashes}):
                columns = DocumentRow.text_hash, DocumentRow.second_hash, DocumentRow.split
                query = select(*columns).where(
                    DocumentRow.project_id == project_id, DocumentRow.text_hash.in_(chunk)
                )
                rows = session.execute(query)
                found |= {joint_hash(text, second): split for text, second, split in rows}
        return {hash: found[hash] for hash in hashes if hash in found}

    return known


def required_document(session: Session, document_id: int) -> DocumentRow:
    """Return a document's row; raises NotFoundError."""
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise NotFoundError(f"There is no document {document_id}: choose one on the Data page.")
    return row
