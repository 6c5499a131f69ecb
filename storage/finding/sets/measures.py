"""How long a project's documents are, and which of them have a text in common.

Texts never change: read once, and again when documents come.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storage import lengths
from storage.database.connection import Database
from storage.engines.schema import DocumentRow, TokensRow
from storage.finding.sets import bit_sets, memberships


@dataclass(frozen=True, slots=True)
class Measures:
    """Arrays by document id, and sets (``bit_sets``)."""

    words: np.ndarray
    """int32: about how many words a document has, in both of its texts (``storage.lengths``)."""
    pairs: int
    """The set of the documents that have a second text."""
    texts: np.ndarray
    """int32: equal for documents of equal first text, above 0 where there are several."""
    seconds: np.ndarray
    """Likewise for the second text."""
    groups: np.ndarray
    """Likewise for what pairs belong to together by their file."""


def of(db: Database, project_id: int) -> Measures:
    """Return the measures of a project's documents as they are at this moment."""
    with _mutex, db.read() as session:
        newest = select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)
        last = session.scalar(newest) or 0
        stamp = session.connection().info.get("file"), project_id, last
        known = _known.get(db)
        if known is None or known[0] != stamp:
            # One project is worked on at a time.
            _known[db] = known = stamp, _read(session, project_id, last)
        return known[1]


_known: WeakKeyDictionary[Database, tuple[Hashable, Measures]] = WeakKeyDictionary()
_mutex = threading.Lock()


def _read(session: Session, project_id: int, last: int) -> Measures:
    words = _words(session, project_id, last)
    own = DocumentRow.project_id == project_id
    both = func.length(DocumentRow.text), func.length(DocumentRow.second_text)
    # Each second text has a hash, and these have an index: no text is read to see that it is none.
    paired = own & DocumentRow.second_hash.is_not(None)
    rows = session.execute(select(DocumentRow.id, *both).where(paired)).all()
    for id, characters, second in rows:
        words[id] = lengths.words(int(words[id]), characters, second)
    return Measures(
        words,
        bit_sets.of(id for id, *_ in rows),
        _shared(session, own, DocumentRow.text_hash, last),
        _shared(session, own, DocumentRow.second_hash, last),
        _shared(session, paired & (DocumentRow.group != ""), DocumentRow.group, last),
    )


def _words(session: Session, project_id: int, last: int) -> np.ndarray:
    """Count the words of the first texts, by id."""
    words = np.zeros(last + 1, np.int32)
    # Two texts of one look, so in one order; to group them would take half as long again.
    edges = memberships.joined(func.json_array_length(TokensRow.boundaries))
    query = select(memberships.joined(TokensRow.document_id), edges)
    query = query.join(DocumentRow, DocumentRow.id == TokensRow.document_id)
    ids, numbers = session.execute(query.where(DocumentRow.project_id == project_id)).one()
    if ids:
        words[memberships.parsed(ids)] = memberships.parsed(numbers) // 2
    return words


def _shared(session: Session, where: ColumnElement[bool], by: Any, last: int) -> np.ndarray:
    """Number what several documents have in common, by id; 0 where a document stands alone."""
    found = np.zeros(last + 1, np.int32)
    query = select(memberships.joined(DocumentRow.id)).where(where, by.is_not(None))
    several = query.group_by(by).having(func.count() > 1)
    for number, ids in enumerate(session.scalars(several), start=1):
        found[memberships.parsed(ids)] = number
    return found
