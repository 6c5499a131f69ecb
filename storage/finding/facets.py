"""What is known of a project's documents, as sets in memory: who is done, who holds which label.

Read once, then kept up to date by the journal: only documents with new entries are read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.corpus.projects import looked_key
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, JournalRow, SettingRow, SpanRow
from storage.finding import bit_sets, expressions
from storage.finding.review import disagreements
from storage.types import Split, Status

# More changed documents than this are read faster by reading all.
MANY = 5000
TEXTS = 16
TEXTS_AT_ONCE = 2000

_Sorted = dict[Hashable, list[int]]


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


class Stamp(NamedTuple):
    """What cannot stay the same when anything changes that the sets tell.

    Documents and entries of the journal are numbered in the order in which they are committed
    (``projects.required``), so the newest of each stands for all before it. A backup that is
    restored gives numbers again: it is another file.
    """

    file: Hashable
    document: int
    splits: tuple[int, int]
    """How many documents dev and test have: a document moves without an entry."""
    entry: int
    looked: str


@dataclass(frozen=True, slots=True)
class FacetIndex:
    """Sets of documents by facet and value; a label's value is its id."""

    stamp: Stamp
    every: int
    sets: dict[tuple[Facet, Hashable], int]

    def having(self, facet: Facet, value: Hashable) -> int:
        """Return the set of the documents of which this is true."""
        return self.sets.get((facet, value), 0)

    def of(self, facet: Facet) -> dict[Hashable, int]:
        """Return the sets of a facet by value."""
        return {value: found for (which, value), found in self.sets.items() if which == facet}


@dataclass(slots=True)
class _Cache:
    """What is kept of a project between two questions."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    index: FacetIndex | None = None
    texts: OrderedDict[Hashable, tuple[Hashable, int]] = field(default_factory=OrderedDict)


_caches: WeakKeyDictionary[Database, dict[int, _Cache]] = WeakKeyDictionary()
_mutex = threading.Lock()


def index(db: Database, project_id: int) -> FacetIndex:
    """Return what is true of a project's documents at this moment."""
    cache = _cache_of(db, project_id)
    with cache.lock, db.read() as session:
        stamp = _stamp(session, project_id)
        if cache.index is None or cache.index.stamp != stamp:
            cache.index = _renewed(session, project_id, cache.index, stamp)
        return cache.index


def containing(db: Database, project_id: int, folded: str) -> int:
    """Return the set of the documents whose text or name holds a folded text."""
    return _kept(db, project_id, folded, lambda session: _matching(session, project_id, folded))


def fitting(db: Database, project_id: int, expression: str) -> int:
    """Return the set of the documents in whose text a regular expression is found.

    Raises InputError where it cannot be read, or takes too long.
    """

    def look(session: Session) -> list[int]:
        return expressions.matching(expression, _texts(session, project_id))

    return _kept(db, project_id, (expression,), look)


def _kept(
    db: Database, project_id: int, key: Hashable, look: Callable[[Session], list[int]]
) -> int:
    """Return the set of the documents that ``look`` finds, from memory where it is known."""
    cache = _cache_of(db, project_id)
    with cache.lock, db.read() as session:
        # Texts never change: only a new document makes a difference.
        last = _file(session), session.scalar(_last_document(project_id)) or 0
        if cache.texts.get(key, (None,))[0] != last:
            cache.texts[key] = (last, bit_sets.of(look(session)))
        cache.texts.move_to_end(key)
        while len(cache.texts) > TEXTS:
            cache.texts.popitem(last=False)
        return cache.texts[key][1]


def _cache_of(db: Database, project_id: int) -> _Cache:
    with _mutex:
        return _caches.setdefault(db, {}).setdefault(project_id, _Cache())


def _matching(session: Session, project_id: int, folded: str) -> list[int]:
    query = select(DocumentRow.id).where(
        DocumentRow.project_id == project_id, DocumentRow.folded.contains(folded, autoescape=True)
    )
    return list(session.scalars(query))


def _texts(session: Session, project_id: int) -> Iterator[tuple[int, str]]:
    """Yield every text by its document; the second of a pair stands on a line of its own."""
    query = select(DocumentRow.id, DocumentRow.text, DocumentRow.second_text)
    query = query.where(DocumentRow.project_id == project_id).order_by(DocumentRow.id)
    for id, text, second in session.execute(query.execution_options(yield_per=TEXTS_AT_ONCE)):
        yield id, text if second is None else f"{text}\n{second}"


def _file(session: Session) -> Hashable:
    return session.connection().info.get("file")


def _last_document(project_id: int) -> Select:
    return select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)


def _stamp(session: Session, project_id: int) -> Stamp:
    dev, test = (
        select(func.count()).where(DocumentRow.project_id == project_id, DocumentRow.split == split)
        for split in (Split.DEV, Split.TEST)
    )
    entry = select(func.max(JournalRow.id)).where(JournalRow.project_id == project_id)
    looked = session.get(SettingRow, looked_key(project_id))
    return Stamp(
        _file(session),
        session.scalar(_last_document(project_id)) or 0,
        (session.scalar(dev) or 0, session.scalar(test) or 0),
        session.scalar(entry) or 0,
        looked.value if looked else "",
    )


def _renewed(
    session: Session, project_id: int, before: FacetIndex | None, stamp: Stamp
) -> FacetIndex:
    """Return a new index; where only the journal went on, those of its documents alone."""
    if before is None or before.stamp._replace(entry=stamp.entry) != stamp:
        return _all(session, project_id, stamp)
    changed = _changed(session, project_id, before.stamp.entry)
    if len(changed) > MANY:
        return _all(session, project_id, stamp)
    others = ~bit_sets.of(changed)
    sets = {key: found & others for key, found in before.sets.items()}
    for chunk in chunks(changed):
        for key, ids in _read(session, project_id, chunk).items():
            sets[key] = sets.get(key, 0) | bit_sets.of(ids)
    return replace(before, stamp=stamp, sets=sets)


def _all(session: Session, project_id: int, stamp: Stamp) -> FacetIndex:
    every = select(DocumentRow.id).where(DocumentRow.project_id == project_id)
    sets = {key: bit_sets.of(ids) for key, ids in _read(session, project_id, None).items()}
    return FacetIndex(stamp, bit_sets.of(session.scalars(every)), sets)


def _changed(session: Session, project_id: int, entry: int) -> list[int]:
    query = select(JournalRow.document_id).where(
        JournalRow.project_id == project_id, JournalRow.id > entry
    )
    return list(session.scalars(query.distinct()))


def _read(
    session: Session, project_id: int, ids: Collection[int] | None
) -> dict[tuple[Facet, Hashable], list[int]]:
    """Return the documents by facet and value; ``ids`` keeps to these documents."""
    splits, every = _splits(session, project_id, ids)
    by_label, by_source, holders = _spans(session, project_id, ids)
    statuses, annotators, marks, touched = _work(session, project_id, ids, holders)
    statuses[DetailedStatus.UNTOUCHED] += [id for id in every if id not in touched]
    marks[Mark.DISAGREES] = list(disagreements.find(session, project_id, ids))
    facets = {
        Facet.SPLIT: splits,
        Facet.LABEL: by_label,
        Facet.SOURCE: by_source,
        Facet.STATUS: statuses,
        Facet.ANNOTATOR: annotators,
        Facet.MARK: marks,
    }
    return {(facet, value): found for facet, by in facets.items() for value, found in by.items()}


def _splits(session: Session, project_id: int, ids: Collection[int] | None) -> tuple[_Sorted, list]:
    found, every = defaultdict(list), []
    query = _of(select(DocumentRow.id, DocumentRow.split), project_id, ids)
    for id, split in session.execute(query):
        found[split].append(id)
        every.append(id)
    return found, every


def _spans(
    session: Session, project_id: int, ids: Collection[int] | None
) -> tuple[_Sorted, _Sorted, set[int]]:
    """Return documents by the labels and by the makers of their spans, and all that have any."""
    labels, sources, holders = defaultdict(list), defaultdict(list), set()
    query = (
        select(AnnotationRow.document_id, SpanRow.label_id, SpanRow.source)
        .join(SpanRow, SpanRow.annotation_id == AnnotationRow.id)
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(AnnotationRow.is_current)
    )
    for id, label, source in session.execute(_of(query, project_id, ids)):
        labels[label].append(id)
        sources[source].append(id)
        holders.add(id)
    return labels, sources, holders


def _work(
    session: Session, project_id: int, ids: Collection[int] | None, holders: set[int]
) -> tuple[_Sorted, _Sorted, _Sorted, set[int]]:
    """Return documents by status, by annotator and by mark, and all that were touched."""
    statuses: _Sorted = defaultdict(list)
    annotators: _Sorted = defaultdict(list)
    marks: _Sorted = defaultdict(list)
    touched: set[int] = set()
    for id, annotator, status, flagged, commented in _annotations(session, project_id, ids):
        # A lookup by a plain word: hashing members of an enumeration takes ten times as long.
        empty = status == "done" and id not in holders
        statuses["done and empty" if empty else status].append(id)
        annotators[annotator].append(id)
        touched.add(id)
        if flagged:
            marks[Mark.FLAGGED].append(id)
        if commented:
            marks[Mark.COMMENTED].append(id)
    return statuses, annotators, marks, touched


def _annotations(session: Session, project_id: int, ids: Collection[int] | None) -> Iterator:
    query = (
        select(
            AnnotationRow.document_id,
            AnnotationRow.annotator,
            AnnotationRow.status,
            AnnotationRow.flagged,
            AnnotationRow.comment != "",
        )
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(AnnotationRow.is_current)
    )
    return session.execute(_of(query, project_id, ids))


def _of(query: Select, project_id: int, ids: Collection[int] | None) -> Select:
    query = query.where(DocumentRow.project_id == project_id)
    return query if ids is None else query.where(DocumentRow.id.in_(ids))
