"""Where a string may occur: the documents that hold it, with what is labelled there already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import regex
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow
from storage.finding import facets
from storage.finding.sets import bit_sets
from storage.folding import fold
from storage.journal import loading
from storage.journal.state import State

# Small, because a reader may stop at any document.
STEP = 200
_DOTTED = "\u0307"
# A folded text has its name on a line of its own.
_EVERYWHERE = "\n"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that holds the string, and an annotator's work on it."""

    id: int
    name: str
    text: str
    state: State


def candidates(
    db: Database,
    project_id: int,
    annotator: str,
    needle: str,
    match_case: bool = True,
    *,
    holds: Callable[[str], bool] = lambda text: True,
    most: int | None = None,
) -> Iterator[Candidate]:
    """Yield the documents of a project that may hold a string, in import order.

    Every document is among them that holds it so that no character is cut, of the first ``most``
    that may: whether it does stands to be looked at, because here texts are compared in one case.
    ``holds`` looks, before the work on a document is read. Raises NotFoundError.
    """
    with db.read() as session:
        required(session, project_id)
        columns = DocumentRow.id, DocumentRow.name, DocumentRow.text
        query = select(*columns).order_by(DocumentRow.id)
        ids = bit_sets.members(_holding(db, project_id, needle, match_case))[:most]
        for chunk in chunks(ids, STEP):
            rows = session.execute(query.where(DocumentRow.id.in_(chunk))).all()
            yield from _filled(session, [row for row in rows if holds(row.text)], annotator)


def count_candidates(db: Database, project_id: int, needle: str, match_case: bool = True) -> int:
    """Return how many documents may hold a string."""
    return _holding(db, project_id, needle, match_case).bit_count()


def whole_texts(db: Database, project_id: int) -> Iterator[tuple[int, str, str | None]]:
    """Yield id, text and second text of a project's documents, in import order."""
    with db.read() as session:
        query = select(DocumentRow.id, DocumentRow.text, DocumentRow.second_text).where(
            DocumentRow.project_id == project_id
        )
        rows = session.execute(query.order_by(DocumentRow.id).execution_options(yield_per=2_000))
        yield from map(tuple, rows)


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


def same_texts(db: Database, project_id: int, document_id: int) -> list[int]:
    """Return the other documents of a project with the very texts of one, in import order."""
    with db.read() as session:
        own = session.get(DocumentRow, document_id)
        if own is None:
            return []
        query = select(DocumentRow.id).where(
            DocumentRow.project_id == project_id,
            DocumentRow.text_hash == own.text_hash,
            DocumentRow.second_hash.is_not_distinct_from(own.second_hash),
            DocumentRow.id != document_id,
        )
        return list(session.scalars(query.order_by(DocumentRow.id)))


def both_texts(db: Database, ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """Return text and second text of those documents that are there."""
    found: dict[int, tuple[str, str | None]] = {}
    with db.read() as session:
        for chunk in chunks(ids):
            query = select(DocumentRow.id, DocumentRow.text, DocumentRow.second_text)
            for id, text, second in session.execute(query.where(DocumentRow.id.in_(chunk))):
                found[id] = text, second
    return found


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


def _holding(db: Database, project_id: int, needle: str, match_case: bool) -> int:
    """Return the set of the documents whose folded text or name holds what a string folds to."""
    return reduce(
        or_,
        (
            reduce(and_, (facets.containing(db, project_id, part) for part in way))
            for way in folded_parts(needle, match_case)
        ),
    )


def folded_parts(needle: str, match_case: bool) -> list[list[str]]:
    """Return what stands in a folded text where a string is found: all of one of these lists.

    Who ignores case takes a capital I with a dot for a small one, where a folded text keeps the
    dot behind the i: of a text that has such, only what stands beside an i is asked for. And who
    ignores case takes an iota below a letter for one behind it; of the two, a folded text has only
    the one below change its place with accents: where there are such, the iota is not asked for,
    nor is what it may stand below.
    """
    if match_case:
        return [[fold(needle)]]
    rest = regex.split(r"[iIİ]\p{M}*", needle, flags=regex.V1)
    ways = [[fold(needle.replace("İ", "i"))], [_DOTTED, *(fold(part) for part in rest if part)]]
    folded = needle.replace("İ", "i").casefold()
    if regex.search(r"ι\p{M}|\p{M}ι", folded, flags=regex.V1):
        rest = regex.split(r"\X??ι\p{M}*|i\p{M}*", folded, flags=regex.V1)
        ways.append([fold(part) for part in rest if part] or [_EVERYWHERE])
    return ways


def _filled(session: Session, rows: Sequence[Any], annotator: str) -> Iterator[Candidate]:
    states = loading.load_many(session, [(row.id, annotator) for row in rows])
    for row in rows:
        yield Candidate(row.id, row.name, row.text, states[row.id, annotator].state)
