"""What is counted: units, and what each person said of each.

Of spans a unit is a token of a text, of a text without tokens a code point; it was given the
labels of the marks that it is in, or none. Of labels of whole texts and of pairs a unit is the
document. Over all labels people agree on a unit where they gave it the same ones; on a single label
where both gave it or neither did. Where a document may have several labels, each label of each
document is one question, and over all of them these are the units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.agreement.versions import Versions


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Units, and what people said of them."""

    labels: int
    categories: int
    """Beyond the labels: which of them a unit has, where it has several."""
    finished: np.ndarray
    """bool of shape (people, documents)."""
    document: np.ndarray
    """int64 of shape (units,): the place of the document that each is in, ascending."""
    given: tuple[np.ndarray, ...]
    """Of each person unit × labels + label of every label that they gave: int64, ascending."""
    said: np.ndarray
    """int32 of shape (people, units): 0 no label, n label n - 1, -1 not looked at."""
    pooled: bool
    """Over all labels each label of each unit is asked for by itself."""

    @property
    def documents(self) -> int:
        return self.finished.shape[1]

    @property
    def units(self) -> np.ndarray:
        """Return how many units each document has."""
        return np.bincount(self.document, minlength=self.documents)


def rate(versions: Versions) -> Ratings:
    """Return what people said of each unit."""
    marks, labels = versions.marks, max(1, len(versions.labels))
    if versions.whole:
        document, unit, mark = _documents(versions)
    else:
        document, unit, mark = _tokens(versions)
    count = len(document)
    codes = (marks.person[mark] * count + unit) * labels + marks.label[mark]
    codes = np.unique(codes)
    edges = np.searchsorted(codes, np.arange(len(versions.people) + 1) * count * labels)
    given = tuple(
        codes[low:high] - person * count * labels
        for person, (low, high) in enumerate(zip(edges[:-1], edges[1:], strict=True))
    )
    said = np.where(versions.finished[:, document], np.int32(0), np.int32(-1))
    categories = _fill(said, given, labels)
    pooled = versions.whole and versions.several
    return Ratings(labels, categories, versions.finished, document, given, said, pooled)


def _documents(versions: Versions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    places = np.arange(len(versions.documents))
    return places, versions.marks.document, np.arange(len(versions.marks.label))


def _tokens(versions: Versions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the document of each unit; and which unit each mark is on, a mark for each of them."""
    tokens, counts = versions.tokens, versions.token_counts
    if bare := np.flatnonzero((counts == 0) & (versions.sizes > 0)).tolist():
        tokens, counts = _with_characters(versions, bare)
    document = np.repeat(np.arange(len(counts)), counts)
    # One text after another, and a place between: so that no mark is on another text's tokens.
    base = np.cumsum(versions.sizes + 1) - versions.sizes - 1
    starts, ends = (tokens[:, side] + base[document] for side in (0, 1))
    marks = versions.marks
    first = np.searchsorted(ends, marks.start + base[marks.document], "right")
    last = np.searchsorted(starts, marks.end + base[marks.document], "left")
    lengths = np.maximum(last - first, 0)
    mark = np.repeat(np.arange(len(first)), lengths)
    begun = np.cumsum(lengths) - lengths
    return document, first[mark] + np.arange(len(mark)) - begun[mark], mark


def _with_characters(versions: Versions, bare: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return tokens and their counts, with the code points of texts that have none."""
    edges = np.append(0, np.cumsum(versions.token_counts))
    parts, counts, lacking = [], versions.token_counts.copy(), set(bare)
    for place, size in enumerate(versions.sizes.tolist()):
        if place in lacking:
            counts[place] = size
            parts.append(np.stack([np.arange(size), np.arange(1, size + 1)], axis=1))
        else:
            parts.append(versions.tokens[edges[place] : edges[place + 1]])
    return np.concatenate(parts), counts


def _fill(said: np.ndarray, given: tuple[np.ndarray, ...], labels: int) -> int:
    """Write into ``said`` which labels each unit was given; return how many sets there are."""
    sets: dict[tuple[int, ...], int] = {}
    for row, codes in zip(said, given, strict=True):
        unit, label = codes // labels, codes % labels
        row[unit] = label + 1
        again = np.flatnonzero(unit[1:] == unit[:-1])
        several = np.unique(unit[again])
        low, high = (np.searchsorted(unit, several, side) for side in ("left", "right"))
        for place, begin, end in zip(several.tolist(), low.tolist(), high.tolist(), strict=True):
            row[place] = labels + 1 + sets.setdefault(tuple(label[begin:end].tolist()), len(sets))
    return labels + len(sets)
