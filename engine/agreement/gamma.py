"""γ of two people: agreement on where units are and what they are, units being aligned first.

Mathet, Widlöcher and Métivier 2015, "The unified and holistic method gamma (γ) for inter-annotator
agreement measure and alignment", with the dissimilarities and the chance sampling by which
pygamma-agreement computes it if nothing is asked for (Titeux and Riad 2021): the combined
categorical one, α and β 1, Δ∅ 1, and 30 continua drawn by the statistics of the real one. With a
seed the same continua are drawn as there. Texts follow one another as one continuum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.agreement import nominal
from engine.agreement.aligning import align
from engine.agreement.counting import middle, weights
from engine.agreement.versions import Versions

ALONE = 1.0
SAMPLES = 30
# Aligning takes the square of the units, and chance is drawn unit by unit: of more units than this
# of a person some documents are drawn, which is said.
MOST_UNITS = 400
# No unit is shorter: pyannote's precision of a segment.
SHORTEST = 1e-6


@dataclass(frozen=True, slots=True)
class Gamma:
    """γ, None where neither has marked anything, and what it was computed on."""

    value: float | None
    low: float | None
    high: float | None
    documents: int
    units: int
    """Marks of both people."""
    drawn_from: int
    """How many documents both have finished: more than ``documents`` where some were drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """One person's units in order: where they begin and end, and their categories."""

    start: np.ndarray
    end: np.ndarray
    category: np.ndarray
    document: np.ndarray

    def __len__(self) -> int:
        return len(self.start)


Both = tuple[Units, Units]


def gamma(versions: Versions, seed: int = 0) -> Gamma:
    """Return γ of the two people of ``versions``, on the documents that both have finished.

    The interval is of documents that are drawn anew; what chance would do is taken as it is.
    """
    versions = versions.of_documents(versions.common)
    every = len(versions.documents)
    versions = _some(versions, seed)
    units = _units(versions, 0), _units(versions, 1)
    count, documents = sum(map(len, units)), len(versions.documents)
    if not count:
        return Gamma(None, None, None, documents, 0, every)
    disorders = _disorders(units, documents)
    places = np.concatenate([each.document for each in units])
    marks = np.bincount(places, minlength=documents) / 2
    observed, chance = disorders.sum() / marks.sum(), _chance(units, seed)
    drawn = weights(documents, seed).T.astype(float)
    spread = nominal.ratio(drawn @ disorders, drawn @ marks)
    low, high = (float(each[0]) for each in middle(1 - spread[None] / chance))
    value = 1 - float(observed) / chance if observed else 1.0
    # Hardly any draw holds a mark where so few documents have one.
    sure = (None, None) if np.isnan(low) else (low, high)
    return Gamma(value, sure[0], sure[1], documents, count, every)


def _some(versions: Versions, seed: int) -> Versions:
    """Return as many documents as hold few enough units, drawn at random."""
    size = len(versions.documents)
    marked = [
        np.bincount(versions.marks.document[versions.marks.person == person], minlength=size)
        for person in range(2)
    ]
    each = np.maximum(*marked)
    if each.sum() <= MOST_UNITS:
        return versions
    order = np.random.default_rng(seed).permutation(size)
    kept = np.zeros(size, bool)
    kept[order[np.cumsum(each[order]) <= MOST_UNITS]] = True
    return versions.of_documents(kept)


def _units(versions: Versions, person: int) -> Units:
    marks = versions.marks.those(versions.marks.person == person)
    base = np.cumsum(versions.sizes) - versions.sizes
    start, end = marks.start + base[marks.document], marks.end + base[marks.document]
    rows = np.unique(np.stack([start, end, _by_name(versions)[marks.label]]), axis=1)
    first = np.searchsorted(base, rows[0], "right") - 1
    return Units(rows[0].astype(float), rows[1].astype(float), rows[2], first)


def _by_name(versions: Versions) -> np.ndarray:
    """Return the place of each label in the order of their names: chance draws in this order."""
    order = sorted(range(len(versions.labels)), key=versions.labels.__getitem__)
    places = np.empty(len(order), int)
    places[order] = np.arange(len(order))
    return places


def _disorders(units: Both, documents: int) -> np.ndarray:
    """Return what the best alignment costs in each document: its first unit's."""
    one, other = units
    costs = dissimilarities(one, other)
    pairs = align(costs, ALONE) if costs.size else []
    found = np.zeros(documents)
    for each in units:
        np.add.at(found, each.document, ALONE)
    for row, column in pairs:
        found[one.document[row]] += costs[row, column] - ALONE
        found[other.document[column]] -= ALONE
    return found


def dissimilarities(one: Units, other: Units) -> np.ndarray:
    """Return how unlike units are, in place and in category: of shape (units, units)."""
    apart = np.abs(one.start[:, None] - other.start) + np.abs(one.end[:, None] - other.end)
    long = (one.end - one.start)[:, None] + (other.end - other.start)
    return (apart / long) ** 2 * ALONE + (one.category[:, None] != other.category) * ALONE


def _chance(units: Both, seed: int) -> float:
    """Return the mean disorder of continua that are drawn by the statistics of the real one."""
    # The generator that NumPy never changes: what a seed gives stays the same.
    random = np.random.RandomState(seed)
    counts = [len(each) for each in units]
    gaps = np.concatenate([[0.0], *(each.start[1:] - each.end[:-1] for each in units)])
    before = [each.start[:1][each.start[:1] > 0] for each in units]
    gaps = np.concatenate([gaps, *before])
    lengths = np.concatenate([each.end - each.start for each in units])
    _, often = np.unique(np.concatenate([each.category for each in units]), return_counts=True)
    shares = np.cumsum(often / often.sum())
    usual = (gaps.mean(), gaps.std()), (lengths.mean(), lengths.std()), shares / shares[-1]
    found = []
    for _ in range(SAMPLES):
        one = _drawn(random, max(1, _number(random, counts)), *usual)
        other = _drawn(random, _number(random, counts), *usual)
        disorder = float(_disorders((one, other), 1).sum())
        found.append(disorder / ((len(one) + len(other)) / 2))
    return float(np.mean(found))


def _number(random: np.random.RandomState, counts: list[int]) -> int:
    return abs(int(random.normal(float(np.mean(counts)), float(np.std(counts)))))


def _drawn(
    random: np.random.RandomState,
    number: int,
    gaps: tuple[float, float],
    lengths: tuple[float, float],
    shares: np.ndarray,
) -> Units:
    """Draw a person's units one after the other."""
    rows, reached = [], 0.0
    for _ in range(number):
        start = reached + random.normal(*gaps)
        reached = start
        while reached - start < SHORTEST:
            reached = start + abs(random.normal(*lengths))
        rows.append((start, reached, int(np.searchsorted(shares, random.random_sample(), "right"))))
    table = np.array(sorted(rows)).reshape(-1, 3)
    return Units(table[:, 0], table[:, 1], table[:, 2], np.zeros(len(table), int))
