"""Whether a model is as sure as it is right, and what a threshold on its scores would bring.

Predicted marks are put into bins by their score. In each, the mean score is held against the
share that is right; the expected calibration error is the mean difference of the two, each bin
weighing as many marks as it has (Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017). What is
right is what the F1 counts: borders and label (the entity-level calibration of Jagannatha and Yu
2020). Bins hold equally many marks (Nixon et al. 2019): with bins of equal width nearly all of a
trained model's marks lie in the last one, and the others say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation.certainty.judged import Judged
from engine.evaluation.rates import divide, f1_of_rates

BINS = 10
# Fewer marks than this in a bin say nothing of a share: there are fewer bins then.
LEAST = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Marks of about one score: the lowest and the highest, their mean, and how many are right."""

    low: float
    high: float
    score: float
    right: float
    """The share that is right."""
    count: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of predicted marks: bins by score, and the expected calibration error."""

    bins: tuple[Bin, ...]
    error: float
    count: int

    @property
    def lean(self) -> float:
        """Return by how much the mean score is above the share that is right: too sure of it."""
        return sum(b.count * (b.score - b.right) for b in self.bins) / max(self.count, 1)


@dataclass(frozen=True, slots=True)
class Curve:
    """Figures by threshold, the lowest first: marks with a lower score are taken as not made.

    Each array has the shape (thresholds,). ``kept`` counts the marks that are left.
    """

    threshold: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    kept: np.ndarray

    def at(self, threshold: float) -> int:
        """Return the place of the highest threshold that is not above this one."""
        return max(int(np.searchsorted(self.threshold, threshold + 1e-9, side="right")) - 1, 0)

    @property
    def best(self) -> int:
        """Return the place of the highest F1; of equals, that of the lowest threshold."""
        return int(np.argmax(self.f1))


def calibrate(score: np.ndarray, right: np.ndarray, bins: int = BINS) -> Calibration:
    """Hold scores against what is right; both of shape (marks,)."""
    order = np.argsort(score, kind="stable")
    score, right = score[order], right[order].astype(np.float64)
    number = max(1, min(bins, len(score) // LEAST))
    parts = [part for part in np.array_split(np.arange(len(score)), number) if len(part)]
    found = tuple(
        Bin(
            float(score[part[0]]),
            float(score[part[-1]]),
            float(score[part].mean()),
            float(right[part].mean()),
            len(part),
        )
        for part in parts
    )
    differences = sum(each.count * abs(each.score - each.right) for each in found)
    return Calibration(found, differences / max(len(score), 1), len(score))


def of(judged: Judged, label: str | None = None, bins: int = BINS) -> Calibration:
    """Calibrate the predicted marks of a label, or of all; those without a score are left out."""
    rows = _predicted(judged, label) & ~np.isnan(judged.score)
    return calibrate(judged.score[rows], judged.right[rows], bins)


def by_label(judged: Judged) -> dict[str, Calibration]:
    """Return the calibration of each label that was predicted."""
    found = {name: of(judged, name) for name in judged.labels}
    return {name: each for name, each in found.items() if each.count}


def curve(judged: Judged, thresholds: np.ndarray, label: str | None = None) -> Curve:
    """Compute precision, recall and F1 of a label, or of all, at each threshold (ascending).

    A gold mark whose predicted one is not taken as made is missed; which is held against which
    stays as it is. A mark without a score is always taken.
    """
    predicted = _predicted(judged, label)
    score = np.nan_to_num(judged.score, nan=np.inf)
    gold = (judged.gold >= 0) if label is None else judged.gold == _place(judged, label)
    kept, right = (
        _at_least(np.sort(score[rows]), thresholds)
        for rows in (predicted, predicted & judged.right)
    )
    there = np.full(len(thresholds), float(gold.sum()))
    return Curve(
        thresholds,
        divide(right, kept),
        divide(right, there),
        f1_of_rates(right, kept, there),
        kept.astype(np.int64),
    )


def _at_least(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Count the sorted scores that reach each threshold, as float64."""
    return (len(scores) - np.searchsorted(scores, thresholds, side="left")).astype(np.float64)


def _predicted(judged: Judged, label: str | None) -> np.ndarray:
    return judged.predicted >= 0 if label is None else judged.predicted == _place(judged, label)


def _place(judged: Judged, label: str) -> int:
    return judged.labels.index(label) if label in judged.labels else -2
