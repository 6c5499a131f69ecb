"""What is known of a project's documents, as sets in memory: who is done, who holds which label.

Read once, then kept up to date by the journal: only documents with new entries are read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from time import monotonic
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow, JournalRow
from storage.finding import expressions
from storage.finding.review import disagreements
from storage.finding.sets import bit_sets, memberships, remembered, stamps
from storage.finding.sets.disagreeing import Disagreeing
from storage.finding.sets.memberships import FINISHED, DetailedStatus, Facet, Sets
from storage.finding.sets.stamps import Stamp
from storage.texts import folded as texts

# What was read is written down for the next start again after so many entries of the journal.
FRESH = 1000
# More changed documents than this, or than this share of all, are read faster by reading all.
MANY, SHARE = 5000, 100
# What a model says of a large project takes more seconds than this to read; while it says more and
# more, it is read again after so many times as long.
SLOW, PATIENCE = 0.25, 10
INDEX, DISAGREEING = "sets", "disagreeing"
_EVERY = "every", None
TEXTS = 16
TEXTS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class FacetIndex:
    """Sets of documents by facet and value; a label's value is its id.

    What a model says of them is not among it: see ``disagreeing``.
    """

    stamp: Stamp
    every: int
    sets: Sets
    holders: Mapping[int, np.ndarray]
    """The documents of each label's spans, one as often as it has such."""

    @classmethod
    def unpacked(cls, stamp: Stamp, arrays: Mapping[str, np.ndarray]) -> FacetIndex:
        """Return the index that was packed as of a stamp."""
        sets = remembered.unpacked(arrays)
        every, ends = sets.pop(_EVERY, 0), arrays["ends"].tolist()
        parts = np.split(arrays["held"], ends[:-1]) if ends else []
        holders = dict(zip(arrays["labels"].tolist(), parts, strict=True))
        return cls(stamp, every, sets, holders)

    def packed(self) -> dict[str, np.ndarray]:
        """Return the index as arrays, for a file."""
        parts = [np.empty(0, np.int64), *self.holders.values()]
        ends = np.cumsum([len(part) for part in parts[1:]], dtype=np.int64)
        labels = np.array(list(self.holders), np.int64)
        held = {"labels": labels, "ends": ends, "held": np.concatenate(parts)}
        return held | remembered.packed({**self.sets, _EVERY: self.every})

    def having(self, facet: Facet, value: Hashable) -> int:
        """Return the set of the documents of which this is true."""
        return self.sets.get((facet, value), 0)

    @property
    def to_do(self) -> int:
        """Return the set of the documents that are neither done nor skipped."""
        statuses = (DetailedStatus.UNTOUCHED, DetailedStatus.IN_PROGRESS)
        return reduce(or_, (self.having(Facet.STATUS, status) for status in statuses))

    def to_do_by(self, annotator: str) -> int:
        """Return the set of what is to do for somebody, who has nothing to do twice.

        What they have finished may wait for others, or for a decision.
        """
        return self.to_do & ~self.sets.get((FINISHED, annotator), 0)

    def of(self, facet: Facet) -> dict[Hashable, int]:
        """Return the sets of a facet by value."""
        return {value: found for (which, value), found in self.sets.items() if which == facet}


@dataclass(slots=True)
class _Cache:
    """What is kept of a project between two questions."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    # What takes longest has a lock of its own: a page without it need not wait.
    model_lock: threading.Lock = field(default_factory=threading.Lock)
    text_lock: threading.Lock = field(default_factory=threading.Lock)
    index: FacetIndex | None = None
    disagreeing: tuple[Stamp, Disagreeing] | None = None
    written: dict[str, Stamp] = field(default_factory=dict)
    """As of when it is in the project's files, by their names."""
    kept_until: float = 0.0
    """Until when what disagrees is not looked for anew for what a model says meanwhile."""
    texts: OrderedDict[Hashable, tuple[Hashable, int]] = field(default_factory=OrderedDict)


_caches: WeakKeyDictionary[Database, dict[int, _Cache]] = WeakKeyDictionary()
_mutex = threading.Lock()


def index(db: Database, project_id: int) -> FacetIndex:
    """Return what is true of a project's documents at this moment."""
    cache = _cache_of(db, project_id)
    with cache.lock, db.read() as session:
        stamp = stamps.of(session, project_id)
        if cache.index is None and (kept := remembered.load(db, session, project_id, INDEX)):
            cache.index = FacetIndex.unpacked(*kept)
            cache.written[INDEX] = kept[0]
        if cache.index is None or cache.index.stamp != stamp:
            cache.index = _renewed(session, project_id, cache.index, stamp)
        return cache.index


def disagreeing(db: Database, project_id: int) -> Disagreeing:
    """Return where people and the newest model do not agree at this moment."""
    cache = _cache_of(db, project_id)
    with cache.model_lock, db.read() as session:
        stamp, known = stamps.of(session, project_id), cache.disagreeing
        if known is None and (kept := remembered.load(db, session, project_id, DISAGREEING)):
            cache.written[DISAGREEING] = kept[0]
            known = kept[0], Disagreeing(kept[1]["ids"], kept[1]["scores"])
            cache.disagreeing = known
        if known and monotonic() < cache.kept_until:
            # A model looks through a project part after part, each of which changes the stamp.
            stamp = stamp._replace(looked=known[0].looked)
        if known is None or known[0] != stamp:
            begun = monotonic()
            cache.disagreeing = stamp, _disagreeing(session, project_id, known, stamp)
            took = monotonic() - begun
            if took > SLOW and not (known and known[0].looked == stamp.looked):
                cache.kept_until = monotonic() + PATIENCE * took
        assert cache.disagreeing
        return cache.disagreeing[1]


def keep(db: Database) -> None:
    """Write down what was read of large projects, where it is no more what was written last."""
    with _mutex:
        caches = dict(_caches.get(db, {}))
    for project, cache in caches.items():
        index, disagreeing = cache.index, cache.disagreeing
        if index is None or index.every.bit_count() < remembered.LARGE:
            continue
        if _is_old(cache.written.get(INDEX), index.stamp):
            remembered.save(db, project, INDEX, index.stamp, index.packed())
            cache.written[INDEX] = index.stamp
        if disagreeing and _is_old(cache.written.get(DISAGREEING), disagreeing[0]):
            found = {"ids": disagreeing[1].ids, "scores": disagreeing[1].scores}
            remembered.save(db, project, DISAGREEING, disagreeing[0], found)
            cache.written[DISAGREEING] = disagreeing[0]


def _is_old(written: Stamp | None, now: Stamp) -> bool:
    """Tell whether more has changed than a start reads in a moment."""
    if written is None or written._replace(entry=now.entry) != now:
        return True
    return now.entry - written.entry > FRESH


def containing(db: Database, project_id: int, folded: str) -> int:
    """Return the set of the documents whose text or name holds a folded text."""
    return _kept(db, project_id, folded, lambda _: texts.holding(db, project_id, folded))


def fitting(db: Database, project_id: int, expression: str) -> int:
    """Return the set of the documents in whose text a regular expression is found.

    Raises InputError where it cannot be read, or takes too long.
    """

    def look(session: Session) -> list[int]:
        return expressions.matching(expression, _texts(session, project_id))

    return _kept(db, project_id, (expression,), look)


def _kept(
    db: Database, project_id: int, key: Hashable, look: Callable[[Session], Iterable[int]]
) -> int:
    """Return the set of the documents that ``look`` finds, from memory where it is known."""
    cache = _cache_of(db, project_id)
    with cache.text_lock, db.read() as session:
        # Texts never change: only a new document makes a difference.
        last = stamps.file(session), session.scalar(stamps.last_document(project_id)) or 0
        if cache.texts.get(key, (None,))[0] != last:
            cache.texts[key] = (last, bit_sets.of(look(session)))
        cache.texts.move_to_end(key)
        while len(cache.texts) > TEXTS:
            cache.texts.popitem(last=False)
        return cache.texts[key][1]


def _cache_of(db: Database, project_id: int) -> _Cache:
    with _mutex:
        return _caches.setdefault(db, {}).setdefault(project_id, _Cache())


def _texts(session: Session, project_id: int) -> Iterator[tuple[int, str]]:
    """Yield every text by its document; the second of a pair stands on a line of its own."""
    query = select(DocumentRow.id, DocumentRow.text, DocumentRow.second_text)
    query = query.where(DocumentRow.project_id == project_id).order_by(DocumentRow.id)
    for id, text, second in session.execute(query.execution_options(yield_per=TEXTS_AT_ONCE)):
        yield id, text if second is None else f"{text}\n{second}"


def _renewed(
    session: Session, project_id: int, before: FacetIndex | None, stamp: Stamp
) -> FacetIndex:
    """Return a new index; where only the journal went on, those of its documents alone."""
    known = None if before is None else before.stamp
    changed = _changed(session, project_id, known, stamp, but=("looked",))
    if before is None or changed is None:
        return FacetIndex(stamp, *memberships.read(session, project_id))
    every, sets, holders = before.every, dict(before.sets), dict(before.holders)
    if changed:
        _take_out(sets, holders, bit_sets.of(changed))
    parts = [memberships.read(session, project_id, chunk) for chunk in chunks(changed)]
    if stamp.document != before.stamp.document:
        parts.append(memberships.read(session, project_id, after=before.stamp.document))
    for more, found, held in parts:
        every |= more
        for key, ids in found.items():
            sets[key] = sets.get(key, 0) | ids
        for label, new in held.items():
            holders[label] = np.concatenate([holders.get(label, new[:0]), new])
    return FacetIndex(stamp, every, sets, holders)


def _take_out(sets: Sets, holders: dict[int, np.ndarray], changed: int) -> None:
    """Take documents out of what holds any of them; of most sets none is meant."""
    touched = {key for key, found in sets.items() if found & changed}
    for key in touched:
        sets[key] &= ~changed
    for label in holders:
        if (Facet.LABEL, label) in touched:
            holders[label] = memberships.kept(holders[label], sets[Facet.LABEL, label])


def _disagreeing(
    session: Session, project_id: int, before: tuple[Stamp, Disagreeing] | None, stamp: Stamp
) -> Disagreeing:
    changed = _changed(session, project_id, before[0] if before else None, stamp)
    if before is None or changed is None:
        return Disagreeing.of(disagreements.find(session, project_id))
    found: dict[int, float | None] = {}
    if stamp.document != before[0].document:
        found = disagreements.find(session, project_id, after=before[0].document)
    for chunk in chunks(changed):
        found |= disagreements.find(session, project_id, chunk)
    return before[1].with_changes(bit_sets.of(changed), Disagreeing.of(found))


def _changed(
    session: Session,
    project_id: int,
    before: Stamp | None,
    stamp: Stamp,
    but: tuple[str, ...] = (),
) -> list[int] | None:
    """Return which documents changed between two stamps; None where all are to be read.

    Those that came between them are not among it. ``but`` are parts of a stamp that make no
    difference.
    """
    same = {name: getattr(stamp, name) for name in ("document", "entry", *but)}
    if before is None or before._replace(**same) != stamp or stamp.document < before.document:
        return None
    query = select(JournalRow.document_id).where(
        JournalRow.project_id == project_id,
        JournalRow.id > before.entry,
        JournalRow.document_id <= before.document,
    )
    changed = list(session.scalars(query.distinct()))
    return changed if len(changed) <= max(MANY, before.document // SHARE) else None
