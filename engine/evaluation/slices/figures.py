"""How a model does in a slice, and what the slice costs.

F1 counts marks on both sides, ``2 right / (gold + predicted)``: it is the mean of the F1 of a
slice and of all that is not in it, each by its share of the marks. So there is one answer to how
much F1 would rise if the slice were as good as the rest: to the F1 of the rest. What a slice
costs is this rise, its share of the marks times its distance from the rest; negative where the
slice does better. It weighs size and difference at once, as others that look for slices do
(Chung et al. 2019, "Slice Finder", compares a slice with its counterpart; Sagadeeva and Boehm
2021, "SliceLine", weighs its error by its size). What costs of slices that share marks does not
add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.evaluation.bootstrap import RESAMPLES, Interval, resample
from engine.evaluation.certainty.intervals import FEW
from engine.evaluation.rates import divide, f1_of_counts
from storage.types import ErrorKind, Match

RIGHT, PREDICTED, GOLD, ERRORS = range(4)


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """One slice of a split; ``rest`` is the F1 of all that is not in it.

    ``errors`` counts matches that went wrong: a mark with the wrong label is one. The intervals
    are at 95 %, resampled by document.
    """

    name: str
    support: int
    predicted: int
    right: int
    errors: int
    precision: float
    recall: float
    f1: float
    interval: Interval
    rest: float
    cost: float
    costs: Interval

    @property
    def gap(self) -> float:
        """How far the slice's F1 is above that of the rest; negative where it is below."""
        return self.f1 - self.rest

    @property
    def few(self) -> bool:
        """Whether too few marks are in it for its figures to say much."""
        return self.support < FEW

    def to_json(self) -> dict[str, Any]:
        """Return what a report that leaves says of it."""
        counted = ("name", "support", "predicted", "errors", "precision", "recall", "f1", "cost")
        low, high = self.interval.low, self.interval.high
        return {each: getattr(self, each) for each in counted} | {"low": low, "high": high}

    @property
    def sure(self) -> bool:
        """Whether it is worse than the rest in all of the interval."""
        return self.costs.low > 0


def figures(
    slices: Mapping[str, np.ndarray], everything: np.ndarray, resamples: int = RESAMPLES
) -> list[SliceFigures]:
    """Return the figures of slices that hold anything, the costliest first.

    Args:
        slices: counts of right, predicted, gold marks and of errors by slice and document, each
            of shape (documents, 4).
        everything: the same counts of all marks of the split.
    """
    names = [name for name, counts in slices.items() if counts.any()]
    if not names:
        return []
    # All in one array, so that slice and rest are summed over the same resamples.
    counts = np.stack([everything, *(slices[name] for name in names)], axis=1)
    whole = counts.sum(axis=0, keepdims=True)
    f1, rest, cost = (each[0] for each in _costs(whole))
    drawn, _, costs = _costs(resample(counts, resamples))
    found = [
        _figures(name, whole[0, at + 1], f1[at], rest[at], cost[at], drawn[:, at], costs[:, at])
        for at, name in enumerate(names)
    ]
    return sorted(found, key=lambda each: (-each.cost, each.name))


def of_matches(
    matches: Sequence[Match], names: Sequence[Sequence[str]], resamples: int = RESAMPLES
) -> list[SliceFigures]:
    """Return the figures of the slices that matches are in: a list of names for each match."""
    rows = {document: at for at, document in enumerate(dict.fromkeys(m.document for m in matches))}
    everything = np.zeros((len(rows), 4), dtype=np.int64)
    found = {name: np.zeros_like(everything) for held in names for name in held}
    for match, held in zip(matches, names, strict=True):
        right = match.kind is ErrorKind.EXACT
        counted = right, match.predicted is not None, match.gold is not None, not right
        for sums in (everything, *(found[name] for name in held)):
            sums[rows[match.document]] += counted
    return figures(found, everything, resamples)


def _costs(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return F1 of slices and of their rests, and their costs: (…, slices) of (…, 1 + slices, 4).

    Where nothing is left beside a slice there is nothing to be compared with: it costs nothing.
    """
    every, slices = counts[..., :1, :], counts[..., 1:, :]
    others = every - slices
    f1 = _f1(slices)
    all_f1 = np.broadcast_to(_f1(every), f1.shape)
    rest = np.where(others[..., GOLD] + others[..., PREDICTED] > 0, _f1(others), all_f1)
    return f1, rest, rest - all_f1


def _f1(counts: np.ndarray) -> np.ndarray:
    right, predicted, gold, _ = np.moveaxis(counts.astype(np.float64), -1, 0)
    return f1_of_counts(right, predicted, gold)


def _figures(
    name: str,
    counts: np.ndarray,
    f1: float,
    rest: float,
    cost: float,
    drawn: np.ndarray,
    costs: np.ndarray,
) -> SliceFigures:
    right, predicted, gold, errors = (int(count) for count in counts)
    hits = np.full(2, right, dtype=np.float64)
    precision, recall = divide(hits, counts[[PREDICTED, GOLD]].astype(np.float64))
    return SliceFigures(
        name,
        gold,
        predicted,
        right,
        errors,
        float(precision),
        float(recall),
        float(f1),
        Interval.of(drawn),
        float(rest),
        float(cost),
        Interval.of(costs),
    )
