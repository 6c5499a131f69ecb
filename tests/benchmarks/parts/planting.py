"""Errors planted in a corpus, so that it is known where they are, and how well they are found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.alignment import Placed, lift, place
from storage.types import Document, Span


class Fault(StrEnum):
    """What was done to an entity."""

    LABEL = "label"
    BORDER = "border"
    DROPPED = "dropped"


SHARES = {Fault.LABEL: 0.05, Fault.BORDER: 0.03, Fault.DROPPED: 0.03}
"""Of all entities; each is spoilt once at most."""
FIRST = (50, 100, 200)


@dataclass(frozen=True, slots=True)
class Planted:
    """One spoilt entity: what it was, what it is now (None: nothing), the tokens it is seen at."""

    document: int
    fault: Fault
    was: Span
    now: Span | None
    tokens: frozenset[int]
    """Those that had another tag before: what a row has to point at."""


def plant(documents: Sequence[Document], seed: int) -> tuple[list[Document], list[Planted]]:
    """Spoil a seeded share of the entities; return the documents and what was done.

    Only an entity of two tokens or more can lose one. Documents are named by position.
    """
    generator = np.random.default_rng(seed)
    labels = sorted({span.label for document in documents for span in document.spans})
    everything = [
        (number, item)
        for number, document in enumerate(documents)
        for item in place(document, document.spans).placed
    ]
    order = generator.permutation(len(everything)).tolist()
    faults: list[Planted] = []
    for fault, share in SHARES.items():
        able = [n for n in order if fault is not Fault.BORDER or _long(everything[n][1])]
        for chosen in able[: round(share * len(everything))]:
            order.remove(chosen)
            number, item = everything[chosen]
            faults.append(_spoil(number, documents[number], item, fault, labels, generator))
    return _spoilt(documents, faults), faults


def _long(item: Placed) -> bool:
    return item.last - item.first > 1


def _spoil(
    number: int,
    document: Document,
    item: Placed,
    fault: Fault,
    labels: Sequence[str],
    generator: np.random.Generator,
) -> Planted:
    first, last, label = item.first, item.last, item.span.label
    if fault is Fault.DROPPED:
        return Planted(number, fault, item.span, None, frozenset(range(first, last)))
    if fault is Fault.LABEL:
        others = [name for name in labels if name != label]
        label = others[generator.integers(len(others))]
    elif generator.integers(2):
        first += 1
    else:
        last -= 1
    count = len(document.tokens)
    before = schemes.encode([(item.first, item.last, item.span.label)], count, schemes.Scheme.IOB2)
    after = schemes.encode([(first, last, label)], count, schemes.Scheme.IOB2)
    changed = frozenset(n for n in range(count) if before[n] != after[n])
    return Planted(number, fault, item.span, lift(document.tokens, first, last, label), changed)


def _spoilt(documents: Sequence[Document], faults: Sequence[Planted]) -> list[Document]:
    found = [list(document.spans) for document in documents]
    for fault in faults:
        found[fault.document].remove(fault.was)
        if fault.now:
            found[fault.document].append(fault.now)
    return [
        replace(document, spans=tuple(sorted(spans)))
        for document, spans in zip(documents, found, strict=True)
    ]


Row = tuple[int, Collection[int]]
"""What a ranking points at: a document's position and some of its tokens."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How well a ranking finds what was planted."""

    average_precision: float
    """Over all that was planted: what a ranking never points at counts as found never."""
    precision: dict[int, float]
    """Among the first so many rows."""
    found: dict[str, int]
    """Planted errors among the first ``FIRST[-1]`` rows, by what was done."""


def judge(rows: Iterable[Row], planted: Sequence[Planted]) -> Judged:
    """Hold a ranking, best row first, against what was planted.

    A row is right where it points at a token whose tag was changed, and finds one error. A
    further row on errors that are found is left out of the ranking, neither right nor wrong:
    else one that lists tokens would be punished for an error of three.
    """
    places = defaultdict(list)
    for number, error in enumerate(planted):
        for token in error.tokens:
            places[error.document, token].append(number)
    hits: list[Planted | None] = []
    known: set[int] = set()
    for document, tokens in rows:
        met = {number for token in tokens for number in places.get((document, token), ())}
        if met and met <= known:
            continue
        new = min(met - known, default=None)
        known |= set() if new is None else {new}
        hits.append(None if new is None else planted[new])
    right = np.array([hit is not None for hit in hits], dtype=float)
    precisions = np.cumsum(right) / np.arange(1, len(right) + 1)
    return Judged(
        float((precisions * right).sum() / max(len(planted), 1)),
        {count: float(right[:count].sum() / count) for count in FIRST},
        dict(Counter(hit.fault.value for hit in hits[: FIRST[-1]] if hit)),
    )
