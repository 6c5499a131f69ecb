"""Krippendorff's αU: agreement on where marks begin and end, and on their labels, at once.

Krippendorff 1995, "On the reliability of unitizing continuous data", in the form of Krippendorff
2004, "Content Analysis", 2nd edition, section 11.6, with the expected disagreement by which all
pairs of units of a label are weighed (as DKPro Agreement and INCEpTION compute it). Krippendorff,
Mathet, Bouvry and Widlöcher 2016 discuss it. Texts follow one another as one continuum. A label's
marks of one person that overlap are one, for here they may not.
"""

from __future__ import annotations

import numpy as np

from engine.agreement.versions import Versions

Units = tuple[np.ndarray, np.ndarray]
"""Where units begin and how long they are: float64, in order, none on another."""


def alpha(versions: Versions) -> tuple[float, np.ndarray]:
    """Return αU over all labels, and of each label; NaN where a label was not given.

    It is computed on the documents that all people have finished; NaN where there are none.
    """
    versions = versions.of_documents(versions.common)
    length = float(versions.sizes.sum())
    base = np.cumsum(versions.sizes) - versions.sizes
    pairs = [
        _disagreements(_units(versions, base, label), length)
        for label in range(len(versions.labels))
    ]
    observed, expected = np.array(pairs).reshape(-1, 2).T
    return float(_of(observed.sum(), expected.sum())), _of(observed, expected)


def _of(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
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


def _disagreements(units: list[Units], length: float) -> tuple[float, float]:
    """Return the observed and the expected disagreement on one label in a continuum."""
    people = len(units)
    observed = sum(
        _observed(units[i], units[j], length)
        for i in range(people)
        for j in range(people)
        if i != j
    )
    every = np.concatenate([lengths for _, lengths in units])
    if not len(every) or length < 2:
        return 0.0, 0.0
    gaps = np.sort(np.concatenate([_gaps(each, length) for each in units]))
    # Of the gaps that hold a unit, the places in them where it can begin.
    first = np.searchsorted(gaps, every, "left")
    beyond = np.append(np.cumsum(gaps[::-1])[::-1], 0.0)[first]
    room = beyond - (len(gaps) - first) * (every - 1)
    overlaps = (len(every) - 1) * (2 * every**3 - 3 * every**2 + every) / 3
    expected = 2 / length * (overlaps + every**2 * room).sum()
    expected /= people * length * (people * length - 1) - (every * (every - 1)).sum()
    return observed / (people * (people - 1) * length**2), float(expected)


def _observed(one: Units, other: Units, length: float) -> float:
    """Sum what disagrees from one person to another: units that overlap, and units in a gap."""
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
    return float(shifted.sum() + 2 * (size[count == 0] ** 2).sum())


def _gaps(units: Units, length: float) -> np.ndarray:
    """Return how long the stretches without a unit are."""
    start, size = units
    edges = np.append(start, length) - np.append(0.0, start + size)
    return edges[edges > 0]
