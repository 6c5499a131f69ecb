"""How long a project's documents are, and which of them have a text in common.

Texts never change: read once, and again when documents come.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storage import lengths
from storage.database.connection import Database
from storage.engines.schema import DocumentRow, TokensRow
from storage.finding.sets import bit_sets, memberships, remembered, stamps
from storage.finding.sets.stamps import Stamp


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

    @classmethod
    def of_nothing(cls) -> Measures:
        """Return those of a project without documents."""
        return cls(NONE, 0, NONE, NONE, NONE)


# A place for each id that is none.
NONE = np.zeros(1, np.int32)
NAME, ARRAYS, PAIRED = "measures", ("words", "texts", "seconds", "groups"), "paired"


def of(db: Database, project_id: int) -> Measures:
    """Return the measures of a project's documents as they are at this moment."""
    with _mutex, db.read() as session:
        stamp = stamps.of(session, project_id)
        known = _known.get(db)
        if known is None or known.project != project_id or known.stamp.file != stamp.file:
            # One project is worked on at a time.
            known = _remembered(db, session, project_id) or _Known(project_id, stamp)
        if known.measures is None or known.stamp.document != stamp.document:
            known = replace(known, stamp=stamp, measures=_read(session, project_id, known, stamp))
        _known[db] = known
        assert known.measures
        return known.measures


def keep(db: Database) -> None:
    """Write down what was read of a large project, for the next start."""
    with _mutex:
        known = _known.get(db)
    if known is None or known.measures is None or len(known.measures.words) < remembered.LARGE:
        return
    if known.written != known.stamp.document:
        found = {name: getattr(known.measures, name) for name in ARRAYS}
        found |= {PAIRED: bit_sets.numbers(known.measures.pairs)}
        remembered.save(db, known.project, NAME, known.stamp, found)
        with _mutex:
            if _known.get(db) is known:
                _known[db] = replace(known, written=known.stamp.document)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a project as of a stamp, and up to which document that is in its file."""

    project: int
    stamp: Stamp
    measures: Measures | None = None
    written: int = 0


_known: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()
_mutex = threading.Lock()


def _remembered(db: Database, session: Session, project_id: int) -> _Known | None:
    if (kept := remembered.load(db, session, project_id, NAME)) is None:
        return None
    stamp, arrays = kept
    found = {name: arrays[name] for name in ARRAYS}
    measured = Measures(**found, pairs=bit_sets.of(arrays[PAIRED]))
    return _Known(project_id, stamp, measured, stamp.document)


def _read(session: Session, project_id: int, known: _Known, stamp: Stamp) -> Measures:
    """Read what came since a stamp, or everything."""
    before, after = known.measures, known.stamp.document
    if before is None or after > stamp.document:
        before, after = Measures.of_nothing(), 0
    last = stamp.document
    own = (DocumentRow.project_id == project_id) & (DocumentRow.id > after)
    words = _words(session, own, before.words, last)
    both = func.length(DocumentRow.text), func.length(DocumentRow.second_text)
    # Each second text has a hash, and these have an index: no text is read to see that it is none.
    rows = session.execute(
        select(DocumentRow.id, *both).where(own, DocumentRow.second_hash.is_not(None))
    ).all()
    for id, characters, second in rows:
        words[id] = lengths.words(int(words[id]), characters, second)
    every = DocumentRow.project_id == project_id
    paired = every & DocumentRow.second_hash.is_not(None) & (DocumentRow.group != "")
    return Measures(
        words,
        before.pairs | bit_sets.of(id for id, *_ in rows),
        _shared(session, every, DocumentRow.text_hash, before.texts, after, last),
        _shared(session, every, DocumentRow.second_hash, before.seconds, after, last),
        _shared(session, paired, DocumentRow.group, before.groups, after, last),
    )


def _words(session: Session, own: ColumnElement[bool], before: np.ndarray, last: int) -> np.ndarray:
    """Count the words of the first texts, by id."""
    words = _longer(before, last)
    # Two texts of one look, so in one order; to group them would take half as long again.
    edges = memberships.joined(func.json_array_length(TokensRow.boundaries))
    query = select(memberships.joined(TokensRow.document_id), edges)
    query = query.join(DocumentRow, DocumentRow.id == TokensRow.document_id)
    ids, numbers = session.execute(query.where(own)).one()
    if ids:
        words[memberships.parsed(ids)] = memberships.parsed(numbers) // 2
    return words


def _shared(
    session: Session,
    where: ColumnElement[bool],
    by: Any,
    before: np.ndarray,
    after: int,
    last: int,
) -> np.ndarray:
    """Number what several documents have in common, by id; 0 where a document stands alone.

    Numbers that were given stay; what came ``after`` a document may join those that were there.
    """
    found = _longer(before, last)
    # Most stand alone: an index knows which do not, and only of these ids are joined.
    several = select(by).where(where, by.is_not(None)).group_by(by).having(func.count() > 1)
    if after:
        new = select(by).where(where, DocumentRow.id > after, by.is_not(None))
        several = several.where(by.in_(new))
    query = select(memberships.joined(DocumentRow.id)).where(where, by.in_(several))
    number = int(found.max(initial=0))
    for ids in session.scalars(query.group_by(by)):
        group = memberships.parsed(ids)
        known = int(found[group].max())
        number += not known
        found[group] = known or number
    return found


def _longer(before: np.ndarray, last: int) -> np.ndarray:
    """Return an array with a place for each id up to the last."""
    return np.concatenate([before, np.zeros(last + 1 - len(before), before.dtype)])
