"""The documents that several people finished and did not label alike, decided or not."""

from __future__ import annotations

import threading
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from storage.collaboration import differences, people
from storage.collaboration.adjudication import DECIDES
from storage.collaboration.rules import imported
from storage.corpus import labels, projects
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, RejectionRow, SpanRow
from storage.journal import annotations as journal
from storage.permissions import Ability, needs
from storage.types import Merged, Span, Status

Place = tuple[int, int, int]
"""A mark: start, end, the label's id."""


class Standing(StrEnum):
    """How far a document is on its way to a decision."""

    OPEN = "open"
    CHANGED = "changed"
    """Somebody has edited a version since it was decided."""
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Case:
    """A document whose versions differ. ``clashes`` has the labels of each place, by name."""

    document: int
    people: tuple[str, ...]
    standing: Standing
    clashes: tuple[frozenset[str], ...]


@dataclass(slots=True)
class _Found:
    """What the database holds of a document: people's marks, and the decision's."""

    versions: dict[str, frozenset[Place]] = field(default_factory=dict)
    decided: frozenset[Place] | None = None
    is_done: bool = False
    rejected: frozenset[Place] = frozenset()

    @property
    def differs(self) -> bool:
        return len(self.versions) > 1 and len(set(self.versions.values())) > 1

    @property
    def standing(self) -> Standing:
        if not self.is_done or self.decided is None:
            return Standing.OPEN
        settled = self.decided | self.rejected
        done = all(version <= settled for version in self.versions.values())
        return Standing.DECIDED if done else Standing.CHANGED


@needs(Ability.REVIEW)
def find(
    db: Database, project_id: int, documents: Collection[int] | None = None
) -> dict[int, Case]:
    """Return the documents that two or more people finished and labelled differently.

    ``documents`` asks about some of a project only. What was imported is no version, but where
    `take_imported` made it one.
    """
    several = projects.get_project(db, project_id).allow_overlaps
    with db.read() as session:
        names = labels.names(session, project_id)
        taken = imported.is_version(session, project_id)
        found = _read(session, project_id, documents, taken)
    return {
        document: _case(document, each, names, several)
        for document, each in found.items()
        if each.differs
    }


def takes_imported(db: Database, project_id: int) -> bool | None:
    """Tell whether what was imported is a version as people's are; None where nothing was."""
    if not people.importers(db, project_id):
        return None
    with db.read() as session:
        return imported.is_version(session, project_id)


@needs(Ability.REVIEW)
def take_imported(db: Database, project_id: int, taken: bool) -> None:
    """Let what was imported be a version to decide between, or none."""
    with db.write() as session:
        projects.required(session, project_id, turn=True)
        imported.choose(session, project_id, taken)


@dataclass(frozen=True, slots=True)
class Docket:
    """All cases of a project as of a stamp of its journal (``storage.journal.annotations``)."""

    stamp: tuple[int, int, int]
    about: Hashable
    """What else they follow from: whether imports are versions, what labels are called."""
    cases: Mapping[int, Case]
    waiting: int
    """How many wait for a decision, or for another."""


# Everybody's pages ask at every visit; all of a large project is read once, then what was edited.
_dockets: WeakKeyDictionary[Database, dict[int, Docket]] = WeakKeyDictionary()
_reading = threading.Lock()


@needs(Ability.REVIEW)
def docket(db: Database, project_id: int) -> Docket:
    """Return a project's cases (``find``) as they are now."""
    with _reading:
        kept = _dockets.setdefault(db, {})
        known, stamp = kept.get(project_id), journal.stamp(db, project_id)
        project = projects.get_project(db, project_id)
        names = tuple((label.id, label.name) for label in project.labels)
        # None of these leaves an entry in the journal.
        about = takes_imported(db, project_id), project.allow_overlaps, names
        is_past = known and (known.stamp[1:], known.about) == (stamp[1:], about)
        if known and is_past and known.stamp == stamp:
            return known
        # A lower number is that of a backup of before, which came back.
        if known and is_past and known.stamp[0] < stamp[0]:
            edited = journal.edited(db, project_id, known.stamp[0])
            found = dict(known.cases)
            for document in edited:
                found.pop(document, None)
            found |= find(db, project_id, edited)
        else:
            found = find(db, project_id)
        waiting = sum(each.standing is not Standing.DECIDED for each in found.values())
        kept[project_id] = Docket(stamp, about, found, waiting)
        return kept[project_id]


@needs(Ability.REVIEW)
def count_waiting(db: Database, project_id: int) -> int:
    """Return how many documents wait for a decision, or for another: those of Adjudicate."""
    return docket(db, project_id).waiting


def decisions(
    session: Session, project_id: int, documents: Collection[int]
) -> Iterator[tuple[dict[str, frozenset[Place]], frozenset[Place]]]:
    """Yield, of those documents that are decided, people's marks by name, and the decision's."""
    for each in _read(session, project_id, documents, False).values():
        if each.is_done and each.decided is not None:
            yield each.versions, each.decided


def _case(document: int, found: _Found, names: Mapping[int, str], several: bool) -> Case:
    versions = found.versions.values()
    # What all agree on, most of it as a rule, is in no place.
    disputed = frozenset.union(*versions) - frozenset.intersection(*versions)
    marks = (Span(start, end, names[label]) for start, end, label in disputed)
    clashes = (
        frozenset(mark.label for mark in place) for place in differences.places(marks, several)
    )
    return Case(document, tuple(sorted(found.versions)), found.standing, tuple(clashes))


def _read(
    session: Session, project_id: int, documents: Collection[int] | None, taken: bool
) -> dict[int, _Found]:
    """Return those documents that several finished, or that were decided."""
    known = imported.names(session, project_id)
    # Of most documents there is one version, which is the current one.
    other = select(AnnotationRow.document_id).where(~AnnotationRow.is_current)
    query = (
        select(
            AnnotationRow.id,
            AnnotationRow.document_id,
            imported.whose(known).label("annotator"),
            AnnotationRow.status,
        )
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(DocumentRow.project_id == project_id, AnnotationRow.annotator != Merged.MAJORITY)
        .where(AnnotationRow.document_id.in_(other))
        .order_by(AnnotationRow.document_id, AnnotationRow.id)
    )
    if not taken:
        query = query.where(~imported.condition(known))
    asked: list[Select[*tuple[Any, ...]]] = (
        [query] if documents is None else _parts(query, documents)
    )
    by_document: dict[int, list[Any]] = {}
    for each in asked:
        for row in session.execute(each):
            if row.status == Status.DONE or row.annotator == DECIDES:
                by_document.setdefault(row.document_id, []).append(row)
    kept = {id: rows for id, rows in by_document.items() if len(rows) > 1}
    marks = marks_of(session, SpanRow, [row.id for rows in kept.values() for row in rows])
    decisions = [row.id for rows in kept.values() for row in rows if row.annotator == DECIDES]
    rejected = marks_of(session, RejectionRow, decisions)
    return {id: _gathered(rows, marks, rejected) for id, rows in kept.items()}


def _parts(
    query: Select[*tuple[Any, ...]], documents: Iterable[int]
) -> list[Select[*tuple[Any, ...]]]:
    return [query.where(AnnotationRow.document_id.in_(chunk)) for chunk in chunks(documents)]


def _gathered(
    rows: list[Any], marks: Mapping[int, set[Place]], rejected: Mapping[int, set[Place]]
) -> _Found:
    found = _Found()
    for row in rows:
        own = frozenset(marks.get(row.id, ()))
        if row.annotator != DECIDES:
            found.versions[row.annotator] = own
        else:
            found.decided, found.is_done = own, row.status == Status.DONE
            found.rejected = frozenset(rejected.get(row.id, ()))
    return found


def marks_of(
    session: Session, table: type[SpanRow | RejectionRow], annotations: Iterable[int]
) -> dict[int, set[Place]]:
    """Return the marks of annotations, or what was turned down in them, by the annotation's id."""
    found: dict[int, set[Place]] = {}
    connection = session.connection()
    for chunk in chunks(annotations):
        query = select(table.annotation_id, table.start, table.end, table.label_id)
        for id, *place in connection.execute(query.where(table.annotation_id.in_(chunk))):
            found.setdefault(id, set()).add((place[0], place[1], place[2]))
    return found
