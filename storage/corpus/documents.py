"""Documents: how they come in, and which there are; storage.finding.search finds them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.corpus import dev_split, reading
from storage.corpus.adding import MOST_REFUSED, Adder, Refusal
from storage.corpus.labels import ensure
from storage.corpus.projects import insert_project, required
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow
from storage.errors import NotFoundError
from storage.hashing import joint_hash
from storage.types import Document, Span, Task


def add_documents(
    db: Database, project_id: int, documents: Iterable[Document], annotator: str
) -> int:
    """Store documents with their spans in one transaction and return how many.

    Labels that the project lacks are made. A repeated span is stored once. Raises
    InputError, and stores nothing, where a span or a text cannot be kept.
    """
    with db.write() as session:
        adder = Adder(session, required(session, project_id, turn=True), annotator)
        for document in documents:
            adder.add(document)
        return adder.finish()


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
        ensure(session, row.id, list(labels))
        adder = Adder(session, row, annotator)
        for document in documents:
            adder.add(document)
        adder.finish()
        return row.id


# So many documents are rehearsed under one turn to write.
REHEARSED = 10_000


@dataclass(frozen=True, slots=True)
class _Target:
    """Where documents go, by whom and with which labels."""

    project: int | None
    name: str
    annotator: str
    allow_overlaps: bool
    task: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """What an import did: the project, how many documents it moved to dev, what was refused."""

    project: int
    dev: int
    refused: tuple[Refusal, ...] = ()


def bring_in(
    db: Database,
    project_id: int | None,
    name: str,
    documents: Sequence[Document],
    annotator: str,
    *,
    allow_overlaps: bool = False,
    task: str = Task.SPANS,
    labels: Sequence[str] = (),
    skip_refused: bool = False,
    keep: bool = True,
) -> Intake:
    """Add documents to a project, or to a new one called ``name`` where the id is None.

    All in one transaction; ``task`` is a new project's. Where a document cannot be kept nothing
    is, unless ``skip_refused`` leaves out just those; without ``keep`` all is done and then taken
    back, so that a rehearsal says exactly what the import would, in parts, so that nobody waits
    long for their turn.
    Raises InputError for a name that is taken or no name, NotFoundError where the project is
    gone.
    """
    target = _Target(project_id, name, annotator, allow_overlaps, task, tuple(labels))
    if keep:
        with db.write() as session:
            intake = _take_in(session, target, documents, skip_refused)
            if intake.refused and not skip_refused:
                session.rollback()
        return intake
    refused: list[Refusal] = []
    for start in range(0, max(1, len(documents)), REHEARSED):
        with db.write() as session:
            intake = _take_in(session, target, documents[start : start + REHEARSED], True)
            session.rollback()
        refused += [Refusal(start + number, message) for number, message in intake.refused]
        if len(refused) >= MOST_REFUSED:
            break
    return Intake(intake.project, 0, tuple(refused[:MOST_REFUSED]))


def _take_in(
    session: Session, target: _Target, documents: Iterable[Document], skip_refused: bool
) -> Intake:
    if target.project is None:
        row = insert_project(session, target.name, target.task, target.allow_overlaps)
    else:
        row = required(session, target.project, turn=True)
    ensure(session, row.id, list(target.labels))
    adder = Adder(session, row, target.annotator)
    refused = adder.add_all(documents)
    if refused and not skip_refused:
        return Intake(row.id, 0, refused)
    adder.finish()
    return Intake(row.id, dev_split.assign_within(session, row.id), refused)


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


def newest_id(db: Database, project_id: int) -> int:
    """Return the id of the document that came last, 0 where a project has none."""
    with db.read() as session:
        newest = select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)
        return session.scalar(newest) or 0


def existing_texts(db: Database, project_id: int) -> set[str]:
    """Return the fingerprints of a project's documents (``storage.hashing.document_hash``)."""
    hashes = select(DocumentRow.text_hash, DocumentRow.second_hash)
    with db.read() as session:
        found = session.execute(hashes.where(DocumentRow.project_id == project_id))
        return {joint_hash(text, second) for text, second in found}


def required_document(session: Session, document_id: int) -> DocumentRow:
    """Return a document's row; raises NotFoundError."""
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise NotFoundError(f"There is no document {document_id}: choose one on the Data page.")
    return row
