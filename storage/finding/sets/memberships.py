"""Which documents are what: read from the database, a row for each value and not for each document.

The database joins the ids of a value into one text. A million of them come so in a tenth of a
second; as rows they would take seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator
from enum import StrEnum
from functools import reduce
from operator import or_

import numpy as np
from sqlalchemy import ColumnElement, Select, String, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.engines.schema import AnnotationRow, DocumentRow, SpanRow
from storage.finding.sets import bit_sets
from storage.types import Status

# By facet and value, and by ``FINISHED`` and person.
Sets = dict[tuple[str, Hashable], int]
Holders = dict[int, np.ndarray]


# What somebody is through with though another version counts, or none: no search asks for it.
FINISHED = "finished by"


class Facet(StrEnum):
    """What documents are told apart by."""

    STATUS = "status"
    LABEL = "label"
    SPLIT = "split"
    ANNOTATOR = "annotator"
    SOURCE = "source"
    MARK = "mark"


class DetailedStatus(StrEnum):
    """How far a document has come; ``DONE`` has spans, ``EMPTY`` was found to have none."""

    UNTOUCHED = "untouched"
    IN_PROGRESS = "in progress"
    DONE = "done"
    EMPTY = "done and empty"
    SKIPPED = "skipped"

    @classmethod
    def of(cls, status: str, spans: int | bool) -> DetailedStatus:
        """Return where a document of this status and so many spans stands."""
        return cls.EMPTY if status == Status.DONE and not spans else cls(status)


class Mark(StrEnum):
    """What else can be said of a document."""

    FLAGGED = "flagged"
    COMMENTED = "has a comment"
    DISAGREES = "model disagrees"


def read(
    session: Session, project_id: int, ids: Collection[int] | None = None, after: int = 0
) -> tuple[int, Sets, Holders]:
    """Return a project's documents, those of each value, and for each label who holds its spans.

    A document stands among a label's holders once for each span. ``ids`` keeps to these documents,
    which are the project's, ``after`` to those that came after one. What a model says is left out:
    see ``disagreements``.
    """
    sets: Sets = {**dict(_splits(session, project_id, ids, after))}
    every = reduce(or_, sets.values(), 0)
    among = _among(every, ids)
    holders, sources = _spans(session, among, every)
    sets |= {(Facet.LABEL, label): bit_sets.of(held) for label, held in holders.items()}
    sets |= {(Facet.SOURCE, source): found for source, found in sources.items()}
    with_spans = reduce(or_, sources.values(), 0)
    sets |= _work(session, among, every, with_spans)
    return every, sets, holders


def _among(every: int, ids: Collection[int] | None) -> ColumnElement[bool]:
    """Return that an annotation is of these documents; of a whole project, from its first to last.

    An import's documents follow one another: whatever else lies between is taken out afterwards.
    """
    if ids is not None:
        return AnnotationRow.document_id.in_(ids)
    first = (every & -every).bit_length() - 1
    return AnnotationRow.document_id.between(first, every.bit_length() - 1)


def _splits(
    session: Session, project_id: int, ids: Collection[int] | None, after: int
) -> Iterator[tuple[tuple[Facet, Hashable], int]]:
    query = select(DocumentRow.split, joined(DocumentRow.id)).group_by(DocumentRow.split)
    query = query.where(DocumentRow.project_id == project_id, DocumentRow.id > after)
    query = query if ids is None else query.where(DocumentRow.id.in_(ids))
    for split, found in session.execute(query):
        yield (Facet.SPLIT, split), bit_sets.of(parsed(found))


def _spans(
    session: Session, among: ColumnElement[bool], every: int
) -> tuple[Holders, dict[str, int]]:
    """Return the documents of each label's spans, and the set of those of each maker."""
    query = (
        select(SpanRow.label_id, SpanRow.source, joined(AnnotationRow.document_id))
        .join(AnnotationRow, SpanRow.annotation_id == AnnotationRow.id)
        .where(AnnotationRow.is_current, among)
        .group_by(SpanRow.label_id, SpanRow.source)
    )
    held: dict[int, list[np.ndarray]] = defaultdict(list)
    sources: dict[str, int] = defaultdict(int)
    for label, source, ids in session.execute(query):
        found = kept(parsed(ids), every)
        if found.size:
            held[label].append(found)
            sources[source] |= bit_sets.of(found)
    return {label: np.concatenate(parts) for label, parts in held.items()}, sources


def _work(session: Session, among: ColumnElement[bool], every: int, with_spans: int) -> Sets:
    """Return documents by status, by annotator and by mark."""
    sets: dict[tuple[str, Hashable], int] = defaultdict(int)
    touched = 0
    for counts, status, annotator, flagged, commented, ids in session.execute(_annotations(among)):
        found = bit_sets.of(parsed(ids)) & every
        if not counts:
            sets[FINISHED, annotator] |= found if status in (Status.DONE, Status.SKIPPED) else 0
            continue
        touched |= found
        sets[Facet.ANNOTATOR, annotator] |= found
        marks = {Mark.FLAGGED: flagged, Mark.COMMENTED: commented}
        for mark in (mark for mark, holds in marks.items() if holds):
            sets[Facet.MARK, mark] |= found
        empty = found & ~with_spans if status == Status.DONE else 0
        sets[Facet.STATUS, DetailedStatus.EMPTY] |= empty
        sets[Facet.STATUS, status] |= found & ~empty
    sets[Facet.STATUS, DetailedStatus.UNTOUCHED] |= every & ~touched
    return {key: found for key, found in sets.items() if found}


def _annotations(among: ColumnElement[bool]) -> Select[bool, str, str, bool, bool, str]:
    kinds = (
        AnnotationRow.is_current,
        AnnotationRow.status,
        AnnotationRow.annotator,
        AnnotationRow.flagged,
        AnnotationRow.comment != "",
    )
    query = select(*kinds, joined(AnnotationRow.document_id)).group_by(*kinds)
    return query.where(among)


def joined(id: InstrumentedAttribute[int] | ColumnElement[int]) -> ColumnElement[str]:
    """Return the ids, or other numbers, of a group as one text, for ``parsed``."""
    return func.aggregate_strings(cast(id, String), ",")


def parsed(joined: str) -> np.ndarray:
    """Return the ids that a query joined: int64."""
    return np.fromstring(joined, np.int64, sep=",")


def kept(ids: np.ndarray, among: int) -> np.ndarray:
    """Return those ids that are in a set, as often as they come."""
    flags = bit_sets.flags(among)
    return ids[flags[np.minimum(ids, len(flags) - 1)] & (ids < len(flags))]
