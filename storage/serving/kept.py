"""What served models were asked, kept for some days where a project wants it: off by default.

The doubtful ones, and those unlike what the model learned from, become documents to be labelled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, zip_longest
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from storage.corpus import documents
from storage.corpus.projects import kept_days_key, required
from storage.database import settings
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow, RunRow, ServedTextRow
from storage.errors import InputError
from storage.hashing import document_hash
from storage.permissions import Ability, needs
from storage.runs import suggestions
from storage.runs.suggestions import Said
from storage.types import Document, DocumentScore, Source, Span, Split

NAME = "production"
"""What such documents are called."""
DOUBTFUL = 0.3
"""From which doubt on a text comes back: the model's least sure answer had 70 % or less."""
LONGEST_DAYS = 365
Tokenize = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that a model was asked, what it said, and how that looked.

    ``doubt`` is from 0, sure, to 1. ``unlike`` tells a text that is unlike all that the model
    learned from. ``at`` is a moment in UTC as ISO 8601.
    """

    text: str
    second_text: str | None
    spans: Sequence[Span]
    doubt: float
    unlike: bool
    at: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many kept texts could become documents, and why."""

    texts: int
    doubtful: int
    unlike: int


@dataclass(frozen=True, slots=True)
class Brought:
    """A document that came from what a served model was asked; ``doubt`` and ``unlike`` as kept."""

    document: int
    doubt: float
    unlike: bool


def days(db: Database, project_id: int) -> int:
    """Return for how many days a project keeps what its model is asked; 0: it keeps nothing."""
    return int(settings.get(db, kept_days_key(project_id), 0))


@needs(Ability.SERVE)
def keep_for(db: Database, project_id: int, days: int) -> None:
    """Choose for how many days what is asked is kept; with 0, forget what was kept.

    Raises InputError for other numbers than 0 to ``LONGEST_DAYS``, NotFoundError.
    """
    if not 0 <= days <= LONGEST_DAYS:
        raise InputError(f"Keep texts for 0 to {LONGEST_DAYS} days; 0 keeps none.")
    with db.read() as session:
        required(session, project_id)
    settings.put(db, kept_days_key(project_id), days)
    expire(db)


def add(db: Database, project_id: int, run_id: int, given: Sequence[Kept]) -> None:
    """Keep texts; of one that is kept already the newest answer stays."""
    by_hash = {_hash(each): each for each in given}
    with db.write() as session:
        for some in chunks(by_hash):
            query = select(ServedTextRow).where(
                ServedTextRow.project_id == project_id, ServedTextRow.hash.in_(some)
            )
            known = {row.hash: row for row in session.scalars(query)}
            for hash in some:
                row = known.get(hash)
                if row is None:
                    row = ServedTextRow(project_id=project_id, hash=hash)
                    session.add(row)
                _fill(row, run_id, by_hash[hash])


def expire(db: Database) -> int:
    """Forget what was kept for as long as its project wants; return how many texts that were."""
    with db.read() as session:
        query = select(ServedTextRow.project_id).distinct()
        held = list(session.scalars(query))
    return sum(_expire(db, project, days(db, project)) for project in held)


def exist(db: Database, project_id: int) -> bool:
    """Tell whether anything that a served model was asked is kept, or became a document."""
    query = select(ServedTextRow.id).where(ServedTextRow.project_id == project_id).limit(1)
    with db.read() as session:
        return session.scalar(query) is not None


def waiting(db: Database, project_id: int) -> Waiting:
    """Count the kept texts that could become documents."""
    row = ServedTextRow
    query = select(
        func.count(),
        func.count().filter(row.doubt >= DOUBTFUL),
        func.count().filter(row.unlike),
    ).where(row.project_id == project_id, *_notable())
    with db.read() as session:
        return Waiting(*session.execute(query).one())


@needs(Ability.LABEL)
def bring_in(db: Database, project_id: int, most: int, tokenize: Tokenize) -> list[int]:
    """Make documents of kept texts, doubtful and unlike ones in turn; return their ids.

    ``tokenize`` returns where a text's tokens are. What the model said comes along as suggestions,
    where no other has any. A text that the project has already is not added again: its document
    comes into the queue. Raises NotFoundError.
    """
    with db.read() as session:
        required(session, project_id)
        chosen = _chosen(session, project_id, most)
    present = documents.known_texts(db, project_id)([each.hash for each in chosen])
    added = [_document(each, tokenize) for each in chosen if each.hash not in present]
    if added:
        documents.add_documents(db, project_id, added, settings.annotator(db))
    found = _note(db, project_id, [each.hash for each in chosen])
    _suggest(db, found)
    return [found[each.hash] for each in chosen if each.hash in found]


def brought(db: Database, project_id: int) -> list[Brought]:
    """Return the documents that came from what a served model was asked, the most doubtful first.

    Where two were as doubtful, the one that is unlike the training texts comes first.
    """
    row = ServedTextRow
    query = select(row.document_id, row.doubt, row.unlike).where(
        row.project_id == project_id, row.document_id.is_not(None)
    )
    order = row.doubt.desc(), row.unlike.desc(), row.document_id
    with db.read() as session:
        rows = session.execute(query.order_by(*order))
        return [Brought(id, doubt, unlike) for id, doubt, unlike in rows if id is not None]


@dataclass(frozen=True, slots=True)
class _Chosen:
    hash: str
    text: str
    second_text: str | None


def _notable() -> tuple[ColumnElement[bool], ...]:
    row = ServedTextRow
    return row.document_id.is_(None), or_(row.doubt >= DOUBTFUL, row.unlike)


def _chosen(session: Session, project_id: int, most: int) -> list[_Chosen]:
    row = ServedTextRow
    query = select(row.hash, row.text, row.second_text).where(
        row.project_id == project_id, *_notable()
    )
    doubtful = query.where(row.doubt >= DOUBTFUL).order_by(row.doubt.desc(), row.id).limit(most)
    unlike = query.where(row.unlike).order_by(row.id.desc()).limit(most)
    found = {each.hash: _Chosen(*each) for each in _in_turn(session, doubtful, unlike)}
    return list(found.values())[:most]


def _in_turn(session: Session, *queries: object) -> Iterator:
    lists = [list(session.execute(query)) for query in queries]  # type: ignore[call-overload]
    for together in zip_longest(*lists):
        yield from (each for each in together if each is not None)


def _document(chosen: _Chosen, tokenize: Tokenize) -> Document:
    tokens = tuple(tuple(each) for each in tokenize(chosen.text))
    return Document(
        chosen.text,
        tokens,  # type: ignore[arg-type]
        second_text=chosen.second_text,
        split=Split.TRAIN,
        name=NAME,
    )


def _note(db: Database, project_id: int, hashes: Sequence[str]) -> dict[str, int]:
    """Let kept texts lead to their documents, and return these by the texts' hashes."""
    found: dict[str, int] = {}
    with db.write() as session:
        for some in chunks(hashes):
            found |= _documents_of(session, project_id, some)
        for hash, document in found.items():
            row = ServedTextRow
            here = row.project_id == project_id, row.hash == hash
            session.execute(update(row).where(*here).values(document_id=document))
    return found


def _suggest(db: Database, found: Mapping[str, int]) -> None:
    """Suggest for documents what the model said when it was asked."""
    row, present = ServedTextRow, select(RunRow.id)
    for ids in chunks(found.values()):
        query = select(row.document_id, row.run_id, row.spans, row.doubt)
        query = query.where(row.document_id.in_(ids), row.run_id.in_(present))
        with db.read() as session:
            rows = session.execute(query.order_by(row.run_id)).all()
        for run, some in groupby(rows, key=lambda each: each.run_id):
            said = [_said(*each) for each in some]
            suggestions.put(db, run, said, instead_of=())


def _said(document: int, run: int, spans: Sequence[Sequence[Any]], doubt: float) -> Said:
    marks = [
        Span(start, end, label, source=Source.MODEL, score=score)
        for start, end, label, score in spans
    ]
    return Said(DocumentScore(document, None, doubt, None, None), tuple(marks))


def _documents_of(session: Session, project_id: int, hashes: Sequence[str]) -> dict[str, int]:
    joint = DocumentRow.text_hash + func.coalesce(DocumentRow.second_hash, "")
    short = {hash[:32] for hash in hashes}
    query = select(joint, func.min(DocumentRow.id)).where(
        DocumentRow.project_id == project_id, DocumentRow.text_hash.in_(short)
    )
    rows = session.execute(query.group_by(joint))
    return {hash: document for hash, document in rows if hash in set(hashes)}


def _hash(kept: Kept) -> str:
    return document_hash(Document(kept.text, second_text=kept.second_text))


def _fill(row: ServedTextRow, run_id: int, kept: Kept) -> None:
    row.run_id, row.text, row.second_text = run_id, kept.text, kept.second_text
    row.spans = [[each.start, each.end, each.label, each.score] for each in kept.spans]
    row.doubt, row.unlike, row.asked_at = kept.doubt, kept.unlike, kept.at


def _expire(db: Database, project_id: int, days: int) -> int:
    row = ServedTextRow
    until = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    old = row.project_id == project_id, row.asked_at < until
    emptied: dict[str, Any] = {"text": "", "second_text": None, "spans": []}
    with db.write() as session:
        lost = delete(row).where(*old, row.document_id.is_(None)).returning(row.id)
        gone = len(session.scalars(lost).all())
        # What became a document keeps its place in the queue; its words are the document's now.
        session.execute(update(row).where(*old, row.text != "").values(emptied))
    return gone
