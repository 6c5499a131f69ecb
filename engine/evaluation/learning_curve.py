"""How a label's F1 grows with the data, what more of it should bring, and how sure that is.

Each point of a curve is a training on a part of train, scored on the whole of dev. Two things
make it unsure, and both are drawn anew in every resample: which documents dev happens to hold
(the bootstrap of ``engine.evaluation.bootstrap``, the same draw for all points) and how a training
happened to go (its noise, read off equal sizes and off what a law leaves unexplained).

A label's size is the number of sentences that have it: "150 more documents with MISC".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.evaluation import power_law
from engine.evaluation.bootstrap import resample
from engine.evaluation.rates import f1_of_rates

ALL = "micro"
# Eighths of train that are learned from.
SHARES = (1, 2, 4, 6, 8)
EIGHTHS = SHARES[-1]
RESAMPLES = 200
# Four of five: a plan may be wrong once in a while, and one that never is says nothing.
LEVEL = 0.8
# Below these nothing is said.
LEAST_SIZES, LEAST_SUPPORT, LEAST_SENTENCES = 3, 10, 8
# A law is not asked about more than so many times the data that it was fitted to.
FARTHEST = 3.0
# The noise of a training beside that of dev's draw, where few trainings tell: two parts of
# evidence, as firm as so many repetitions.
USUAL_NOISE, FIRMNESS = 0.5, 4.0
LEAST_NOISE = 0.004
_ROUND = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000)


@dataclass(frozen=True, slots=True)
class Point:
    """One training: how many documents it saw, how many of them have each label, how it did."""

    documents: int
    repeat: int
    """Which of the dealings of train into parts, from 1."""
    sentences: Mapping[str, int]
    counts: np.ndarray
    """Right, predicted and gold marks on dev: of shape (documents, labels + 1, 3), all last."""
    seconds: float = 0.0


class Outlook(StrEnum):
    """What a curve lets one say of more data."""

    GROWS = "more should help"
    UNSURE = "more may help"
    FLAT = "more hardly helps"
    UNKNOWN = "nothing can be said"


@dataclass(frozen=True, slots=True)
class Gain:
    """What so many more sentences should bring: F1 gained, both ends included."""

    more: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of one label, or of all, and the laws that fit them."""

    label: str
    sizes: tuple[int, ...]
    f1: tuple[float, ...]
    support: int
    """Gold marks of dev."""
    laws: np.ndarray
    """The law of the points first, then those of the resamples: of shape (1 + resamples, 3)."""
    noise: float
    """Standard deviation of the F1 of one training around its law."""

    @property
    def now(self) -> int:
        """How many sentences have the label."""
        return max(self.sizes, default=0)

    @property
    def unknown(self) -> str:
        """Say why nothing can be said; empty where something can."""
        of = "" if self.label == ALL else f" of {self.label}"
        if self.support < LEAST_SUPPORT:
            return f"dev has only {self.support:,} marks{of}, too few to tell"
        if self.now < LEAST_SENTENCES or len({*self.sizes} - {0}) < LEAST_SIZES:
            return f"only {self.now:,} documents{_with(self.label)}, too few for a curve"
        if not max(self.f1):
            return "no model has found one yet, at any size"
        return ""

    @property
    def outlook(self) -> Outlook:
        """Return what can be said of half as much again."""
        if self.unknown:
            return Outlook.UNKNOWN
        gain = self.gain(step(self.now))
        if _points(gain.high) < 1:
            return Outlook.FLAT
        return Outlook.GROWS if _points(gain.low) >= 1 else Outlook.UNSURE

    @property
    def slope(self) -> float:
        """Return the F1 that the next sentence with the label should bring."""
        return float(power_law.slope(self.laws[0], max(self.now, 1)))

    @property
    def sentence(self) -> str:
        """Say what more should bring, or why that cannot be said."""
        if self.outlook is Outlook.UNKNOWN:
            return f"{_name(self.label)}: {self.unknown}."
        gain = self.gain(step(self.now))
        what = f"{gain.more:,} more documents{_with(self.label)}"
        low, high = _points(gain.low), _points(gain.high)
        match self.outlook:
            case Outlook.FLAT:
                return f"{what} would hardly help: less than 1 point."
            case Outlook.UNSURE:
                return f"{what} may bring up to {_count(high)}, or nothing."
        return f"{what} should bring {_between(low, high)}."

    def gain(self, more: int) -> Gain:
        """Return what so many more sentences should bring."""
        now = max(self.now, 1)
        drawn = power_law.error(self.laws[1:], now) - power_law.error(self.laws[1:], now + more)
        return Gain(more, *_middle(drawn))

    def at(self, size: int, noise: float = 1.0) -> tuple[float, float, float]:
        """Return the F1 at a size: expected, and the ends of where one training's should lie.

        ``noise`` in units of a training's: 0 tells where the law lies.
        """
        drawn = 1.0 - power_law.error(self.laws[1:], max(size, 1))
        low, high = _middle(drawn + noise * self.noise * _quiet(len(drawn)))
        return (
            float(1.0 - power_law.error(self.laws[0], max(size, 1))),
            max(low, 0.0),
            min(high, 1.0),
        )

    def rise(self, before: int, after: int) -> tuple[float, float]:
        """Return by how much the F1 of two trainings should differ: the ends of that."""
        first, second = (power_law.error(self.laws[1:], max(n, 1)) for n in (before, after))
        return _middle(first - second + 2**0.5 * self.noise * _quiet(len(first)))

    def to_json(self) -> dict[str, Any]:
        """Return what ``report.json`` holds; ``of_json`` makes the same curve of it."""
        return {
            "sizes": list(self.sizes),
            "f1": [round(value, 6) for value in self.f1],
            "support": self.support,
            "noise": round(self.noise, 6),
            "laws": [[float(f"{value:.5g}") for value in law] for law in self.laws],
        }


def of_json(label: str, found: Mapping[str, Any]) -> Curve:
    """Return the curve that a report holds."""
    laws = np.array(found["laws"], dtype=np.float64).reshape(-1, 3)
    return Curve(
        label, tuple(found["sizes"]), tuple(found["f1"]), found["support"], laws, found["noise"]
    )


def curves(
    labels: Sequence[str], points: Sequence[Point], documents: int, seed: int = 0
) -> dict[str, Curve]:
    """Return the curve of every label, and of all under ``ALL``.

    Args:
        labels: in the order of the points' counts.
        points: at least one, in any order; all counted on the same documents of dev.
        documents: how many dev has.
        seed: of the resamples.
    """
    counts = np.stack([point.counts for point in points], axis=1).astype(np.float64)
    drawn = resample(counts, RESAMPLES, seed, documents)
    whole, draws = _f1(counts.sum(axis=0)), _f1(drawn)
    # A label that a resample has no mark of says nothing there.
    draws = np.where(drawn[..., 2] > 0, draws, whole)
    sizes = {label: tuple(p.sentences.get(label, 0) for p in points) for label in labels}
    sizes[ALL] = tuple(point.documents for point in points)
    support = counts[:, 0, :, 2].sum(axis=0)
    return {
        label: _curve(label, sizes[label], whole[:, at], draws[..., at], int(support[at]), seed)
        for at, label in enumerate([*labels, ALL])
    }


def _curve(
    label: str, sizes: tuple[int, ...], f1: np.ndarray, draws: np.ndarray, support: int, seed: int
) -> Curve:
    """Fit one label: ``draws`` has its F1 in each resample, of shape (resamples, points)."""
    kept = np.array(sizes) > 0
    known, errors = np.array(sizes, dtype=np.float64)[kept], 1.0 - f1[kept]
    if len({*sizes} - {0}) < LEAST_SIZES:
        return Curve(label, sizes, tuple(f1.tolist()), support, np.zeros((1, 3)), 0.0)
    noise = _noise(known, errors, draws[:, kept])
    shaken = 1.0 - draws[:, kept]
    shaken = shaken + noise * np.random.default_rng(seed).standard_normal(shaken.shape)
    laws = power_law.fit(known, np.vstack([errors[None], shaken]), noise)
    return Curve(label, sizes, tuple(f1.tolist()), support, laws, float(noise))


def _noise(sizes: np.ndarray, errors: np.ndarray, draws: np.ndarray) -> float:
    """Return how far one training lies from its law.

    What a fitted law leaves unexplained, with as much as is usual beside it: of few points
    alone it would be far too small or too large.
    """
    usual = USUAL_NOISE * float(np.median(draws.var(axis=0)))
    law = power_law.fit(sizes, errors[None], max(usual**0.5, LEAST_NOISE))
    left = np.square(errors - power_law.error(law, sizes)).sum()
    free = max(len(sizes) - 2.0, 0.0)
    return max(((left + FIRMNESS * usual) / (free + FIRMNESS)) ** 0.5, LEAST_NOISE)


def step(now: int) -> int:
    """Return a round number of further sentences: about half as many as there are."""
    return max((number for number in _ROUND if number <= max(now, 10) / 2), default=_ROUND[0])


def _f1(counts: np.ndarray) -> np.ndarray:
    return f1_of_rates(*np.moveaxis(counts, -1, 0))


def _middle(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _quiet(count: int) -> np.ndarray:
    """Return standard normal values that are the same each time."""
    return np.random.default_rng(0).standard_normal(count)


def _points(gain: float) -> int:
    return round(100 * gain)


def _count(points: int) -> str:
    return f"{points} point{'' if points == 1 else 's'}"


def _between(low: int, high: int) -> str:
    return f"about {_count(high)}" if low == high else f"{low}–{high} points"


def _with(label: str) -> str:
    return "" if label == ALL else f" with {label}"


def _name(label: str) -> str:
    return "All labels" if label == ALL else label
