"""Krippendorff's αU: agreement on where marks begin and end, and on their labels, at once.

Krippendorff 1995, "On the reliability of unitizing continuous data", in the form of Krippendorff
2004, "Content Analysis", 2nd edition, section 11.6, with the expected disagreement by which all
pairs of units of a label are weighed (as DKPro Agreement and INCEpTION compute it). Krippendorff,
Mathet, Bouvry and Widlöcher 2016 discuss it. Texts follow one another as one continuum. A label's
marks of one person that overlap are one, for here they may not.

The interval is of documents that are drawn anew. What chance would do grows with the squares of
the units' lengths, for where units are sparse they rarely meet; so a draw's chance is that of all
documents by its share of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.agreement.counting import middle, weights
from engine.agreement.versions import Versions

Units = tuple[np.ndarray, np.ndarray]
"""Where units begin and how long they are: float64, in order, none on another."""


@dataclass(frozen=True, slots=True, eq=False)
class Unitized:
    """αU over all labels, then of each: float64 of shape (1 + labels,), NaN where not given."""

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray


def alpha(versions: Versions, seed: int = 0) -> Unitized:
    """Return αU on the documents that all people have finished; NaN where there are none."""
    versions = versions.of_documents(versions.common)
    length, documents = float(versions.sizes.sum()), len(versions.documents)
    base = np.cumsum(versions.sizes) - versions.sizes
    observed = np.zeros((documents, len(versions.labels)))
    squares, expected = np.zeros_like(observed), np.zeros(len(versions.labels))
    for label in range(len(versions.labels)):
        units = _units(versions, base, label)
        observed[:, label] = _observed_in(units, base, length)
        squares[:, label] = _squares_in(units, base)
        expected[label] = _expected(units, length)
    drawn = weights(documents, seed).T.astype(float)
    whole = np.maximum(squares.sum(axis=0), 1.0)
    spread = _of(drawn @ observed, expected * (drawn @ squares) / whole)
    return Unitized(_of(observed.sum(axis=0), expected), *middle(spread.T))


def _of(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return αU of disagreements of shape (…, labels): of all labels together, then of each."""
    observed, expected = (
        np.concatenate([each.sum(axis=-1, keepdims=True), each], axis=-1)
        for each in (observed, expected)
    )
    return 1 - np.divide(
        observed, expected, out=np.full(np.shape(observed), np.nan), where=expected > 0
    )


def _units(versions: Versions, base: np.ndarray, label: int) -> list[Units]:
    """Return each person's units of a label."""
    marks = versions.marks.those(versions.marks.label == label)
    found = []
    for person in range(len(versions.people)):
        own = marks.those(marks.person == person)
        start, end = own.start + base[own.document], own.end + base[own.document]
        order = np.lexsort((end, start))
        start, end = start[order], end[order]
        # A unit begins anew where all before it have ended.
        reached = np.maximum.accumulate(end)
        begins = np.flatnonzero(start >= np.append(-1, reached[:-1])[: len(start)])
        ends = np.append(begins[1:], len(start))[: len(begins)] - 1
        lengths = reached[ends] - start[begins]
        found.append((start[begins].astype(float), lengths.astype(float)))
    return found


def _observed_in(units: list[Units], base: np.ndarray, length: float) -> np.ndarray:
    """Return the observed disagreement on one label in each document; texts begin at ``base``."""
    people, found = len(units), np.zeros(len(base))
    for i in range(people):
        for j in range(people):
            if i != j:
                found += _summed(units[i], _observed(units[i], units[j]), base)
    # Nobody alone disagrees, and in no text there is nothing to disagree on.
    return found / max(people * (people - 1) * length**2, 1.0)


def _squares_in(units: list[Units], base: np.ndarray) -> np.ndarray:
    return np.sum([_summed(each, each[1] ** 2, base) for each in units], axis=0)


def _summed(units: Units, values: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Add up by document what there is of each unit."""
    document = np.searchsorted(base, units[0], "right") - 1
    return np.bincount(document, values, minlength=len(base))


def _expected(units: list[Units], length: float) -> float:
    """Return the disagreement on one label that chance would make."""
    people = len(units)
    every = np.concatenate([lengths for _, lengths in units])
    if not len(every) or length < 2:
        return 0.0
    gaps = np.sort(np.concatenate([_gaps(each, length) for each in units]))
    # Of the gaps that hold a unit, the places in them where it can begin.
    first = np.searchsorted(gaps, every, "left")
    beyond = np.append(np.cumsum(gaps[::-1])[::-1], 0.0)[first]
    room = beyond - (len(gaps) - first) * (every - 1)
    overlaps = (len(every) - 1) * (2 * every**3 - 3 * every**2 + every) / 3
    expected = 2 / length * (overlaps + every**2 * room).sum()
    expected /= people * length * (people * length - 1) - (every * (every - 1)).sum()
    return float(expected)


def _observed(one: Units, other: Units) -> np.ndarray:
    """Return how each unit disagrees with another person's: those that overlap it, or a gap."""
    (start, size), (begun, long) = one, other
    ends = begun + long
    first = np.searchsorted(ends, start, "right")
    last = np.searchsorted(begun, start + size, "left")
    count = np.maximum(last - first, 0)
    mine = np.repeat(np.arange(len(start)), count)
    theirs = first[mine] + np.arange(len(mine)) - (np.cumsum(count) - count)[mine]
    shifted = (start[mine] - begun[theirs]) ** 2
    shifted += (start[mine] + size[mine] - ends[theirs]) ** 2
    # In each direction a unit that the other has nothing of counts once, from both sides.
    return np.bincount(mine, shifted, len(start)) + np.where(count == 0, 2 * size**2, 0.0)


def _gaps(units: Units, length: float) -> np.ndarray:
    """Return how long the stretches without a unit are."""
    start, size = units
    edges = np.append(start, length) - np.append(0.0, start + size)
    return edges[edges > 0]
