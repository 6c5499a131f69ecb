"""The first texts of a project's pairs, each with the documents that have it.

Read once, and again when documents come or go: texts never change.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.schema import DocumentRow
from storage.finding.sets import bit_sets


@dataclass(frozen=True, slots=True)
class LeftTexts:
    """Documents by their first text: ``members`` of each, in order of import.

    A left text is named by its place in ``members``; ``places`` has that of each document.
    """

    members: Sequence[Sequence[int]]
    places: Mapping[int, int]

    def in_order(self, documents: Iterable[int]) -> list[int]:
        """Return the left texts of some documents, in the order in which these come."""
        return list(dict.fromkeys(self.places[id] for id in documents if id in self.places))

    def among(self, documents: int) -> Collection[int]:
        """Return the left texts of a set of documents (``bit_sets``)."""
        return {self.places[id] for id in bit_sets.members(documents) if id in self.places}


def of(db: Database, project_id: int) -> LeftTexts:
    """Return the first texts of a project's documents as they are at this moment."""
    with _mutex, db.read() as session:
        stamp = _stamp(session, project_id)
        known = _known.get(db)
        if known is None or known[0] != stamp:
            # One project is worked on at a time.
            _known[db] = known = (stamp, _read(session, project_id))
        return known[1]


_known: WeakKeyDictionary[Database, tuple[Hashable, LeftTexts]] = WeakKeyDictionary()
_mutex = threading.Lock()


def _stamp(session: Session, project_id: int) -> Hashable:
    """Return what is another one when documents come or go, or a backup was restored."""
    query = select(func.count(), func.max(DocumentRow.id))
    file = session.connection().info.get("file")
    return (
        file,
        project_id,
        *session.execute(query.where(DocumentRow.project_id == project_id)).one(),
    )


def _read(session: Session, project_id: int) -> LeftTexts:
    query = select(DocumentRow.id, DocumentRow.text_hash)
    rows = session.execute(query.where(DocumentRow.project_id == project_id)).all()
    known: dict[str, int] = {}
    members: list[array] = []
    places: dict[int, int] = {}
    for id, text in sorted((id, text) for id, text in rows):
        place = known.setdefault(text, len(members))
        if place == len(members):
            members.append(array("q"))
        members[place].append(id)
        places[id] = place
    return LeftTexts(members, places)
