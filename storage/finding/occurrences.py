"""Where a string may occur: the documents that hold it, with what is labelled there already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow
from storage.journal import loading
from storage.journal.state import State

# Small, because a reader may stop at any document.
STEP = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that holds the string, and an annotator's work on it."""

    id: int
    name: str
    text: str
    state: State


def candidates(
    db: Database, project_id: int, annotator: str, needle: str, match_case: bool = True
) -> Iterator[Candidate]:
    """Yield the documents of a project that may hold a string, in import order.

    Every document that holds it is among them; whether it does stands to be looked at: the
    database compares letters in its own way. Raises NotFoundError.
    """
    with db.read() as session:
        required(session, project_id)
        query = _holding(project_id, needle, match_case)
        last = 0
        while rows := session.execute(
            query.where(DocumentRow.id > last).order_by(DocumentRow.id).limit(STEP)
        ).all():
            yield from _filled(session, rows, annotator)
            last = rows[-1].id


def whole_texts(db: Database, project_id: int) -> Iterator[tuple[int, str, str | None]]:
    """Yield id, text and second text of a project's documents, in import order."""
    with db.read() as session:
        query = select(DocumentRow.id, DocumentRow.text, DocumentRow.second_text).where(
            DocumentRow.project_id == project_id
        )
        yield from map(tuple, session.execute(query.order_by(DocumentRow.id)))


def works(db: Database, project_id: int, annotator: str, ids: Collection[int]) -> list[Candidate]:
    """Return those documents that the project has, with an annotator's work, in import order."""
    found: list[Candidate] = []
    with db.read() as session:
        for chunk in chunks(ids):
            query = select(DocumentRow.id, DocumentRow.name, DocumentRow.text).where(
                DocumentRow.project_id == project_id, DocumentRow.id.in_(chunk)
            )
            found += _filled(session, session.execute(query).all(), annotator)
    return sorted(found, key=lambda each: each.id)


def texts(db: Database, project_id: int, ids: Collection[int]) -> dict[int, str]:
    """Return the texts of those documents that the project has."""
    found: dict[int, str] = {}
    with db.read() as session:
        for chunk in chunks(ids):
            query = select(DocumentRow.id, DocumentRow.text).where(
                DocumentRow.project_id == project_id, DocumentRow.id.in_(chunk)
            )
            found |= dict(session.execute(query).all())
    return found


def _holding(project_id: int, needle: str, match_case: bool) -> Select:
    query = select(DocumentRow.id, DocumentRow.name, DocumentRow.text).where(
        DocumentRow.project_id == project_id
    )
    if match_case:
        return query.where(DocumentRow.text.contains(needle, autoescape=True))
    # SQLite knows upper and lower case of ASCII alone: other letters are left to the reader.
    plain = max(("".join(c if c.isascii() else " " for c in needle)).split(), key=len, default="")
    return query.where(DocumentRow.text.icontains(plain, autoescape=True)) if plain else query


def _filled(session: Session, rows: Sequence[Any], annotator: str) -> Iterator[Candidate]:
    states = loading.load_many(session, [(row.id, annotator) for row in rows])
    for row in rows:
        yield Candidate(row.id, row.name, row.text, states[row.id, annotator].state)
