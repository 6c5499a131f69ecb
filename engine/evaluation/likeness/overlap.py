"""How far labels overlap where a model has only read and not been taught: in its base's space.

Two labels whose marks lie among each other there are alike in what they say and where they say
it: who confuses them needs a clearer guideline, or many examples. Labels that lie apart and are
confused all the same are the model's affair.

The overlap of a label with another is the expected share of the other among the nearest marks, as
estimated from neighbours (Branchaud-Charron, Achkar and Jodoin 2019, "Spectral Metric for Dataset
Complexity Assessment"; Azimuth shows it for classes). A mark's own document does not count.
Labels are sampled to at most the same number, so that a frequent one does not surround the others
by its number alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.evaluation.likeness.nearest import nearest

NEIGHBOURS = 10
# Marks of one label at most; fewer than LEAST say nothing.
MOST, LEAST = 300, 5


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares of neighbours by label, from 0 to 1."""

    labels: tuple[str, ...]
    marks: tuple[int, ...]
    """How many marks of each label were looked at."""
    shares: tuple[tuple[float, ...], ...]
    """A row a label: which share of its marks' neighbours has which label. Rows sum to 1."""

    def between(self, one: str, other: str) -> float | None:
        """Return how far two labels overlap: the mean of both directions; None where unknown."""
        if one == other or not {one, other} <= set(self.labels):
            return None
        first, second = self.labels.index(one), self.labels.index(other)
        return (self.shares[first][second] + self.shares[second][first]) / 2

    def pairs(self) -> list[tuple[float, str, str]]:
        """Return all pairs of labels, the one that overlaps most first."""
        found = [
            (self.between(one, other) or 0.0, one, other)
            for place, one in enumerate(self.labels)
            for other in self.labels[place + 1 :]
        ]
        return sorted(found, key=lambda each: (-each[0], each[1:]))

    def to_json(self) -> dict[str, Any]:
        """Return what a report holds."""
        rows = [[round(share, 4) for share in row] for row in self.shares]
        return {"labels": list(self.labels), "marks": list(self.marks), "shares": rows}

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Overlap:
        """Return what a report holds."""
        rows = tuple(map(tuple, found["shares"]))
        return cls(tuple(found["labels"]), tuple(found["marks"]), rows)


def overlap(
    labels: Sequence[str],
    documents: np.ndarray,
    vectors: np.ndarray,
    seed: int = 0,
    pause: Callable[[], None] = lambda: None,
) -> Overlap:
    """Measure how far labels overlap.

    Args:
        labels: the label of each mark.
        documents: the number of each mark's document, of shape (marks,).
        vectors: of shape (marks, width), of length 1.
    """
    kept, names = _sample(np.array(labels, dtype=object), seed)
    if len(names) < 2:
        return Overlap((), (), ())
    numbers = np.array([names.index(labels[mark]) for mark in kept])
    apart, vectors = documents[kept], vectors[kept]
    found = nearest(vectors, vectors, NEIGHBOURS, (apart, apart), pause).keys
    shares = np.zeros((len(names), len(names)))
    for number, keys in zip(numbers, found, strict=True):
        np.add.at(shares[number], numbers[keys[keys >= 0]], 1)
    sums = shares.sum(axis=1, keepdims=True)
    rows = shares / np.where(sums > 0, sums, 1)
    marks = np.bincount(numbers, minlength=len(names)).tolist()
    return Overlap(tuple(names), tuple(marks), tuple(map(tuple, rows.tolist())))


def _sample(labels: np.ndarray, seed: int) -> tuple[np.ndarray, list[str]]:
    """Choose as many marks of each label as there may be, and name the labels that have enough."""
    random, kept, names = np.random.default_rng(seed), [], []
    for name in sorted(set(labels)):
        there = np.flatnonzero(labels == name)
        if len(there) >= LEAST:
            names.append(name)
            kept.append(random.permutation(there)[:MOST])
    return np.sort(np.concatenate(kept)) if kept else np.zeros(0, dtype=np.int64), names
