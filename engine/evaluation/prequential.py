"""What a training now should bring, from what became of suggestions, and from trainings before.

Whoever goes on learning suggests each document before learning it: what people made of that is a
test on unseen documents at every moment (Dawid 1984, "Present Position and Potential
Developments: Some Personal Views: Statistical Theory: The Prequential Approach"). The figure is
counted over the newest documents, for the learner knew less before, and resampled over them
(``bootstrap``). A law fitted to all of them and asked for now is no better: where documents
become harder it takes that for noise (tests/benchmarks/expecting.py: off by 0.16 on WNUT-17
where the newest hundred are off by 0.10).

A training brings something else: it teaches the whole encoder, and is scored on other documents,
while suggestions are for those that follow what was just learned, often of the same source and
with the same names: their figure flatters. Which share of the suggestions' errors a training mends
(below 0: how many it adds) is known of the trainings before; of few of them, with as much beside
them as is usual (a normal mean whose prior is worth so many observations).
What is said is where the *measured* figure should lie, four times of five: so the draw of the
documents that it will be scored on is part of it, and few of these make it wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from engine.evaluation import power_law
from engine.evaluation.bootstrap import resample
from engine.evaluation.learning_curve import LEVEL, USUAL_NOISE, step
from engine.evaluation.rates import f1_of_counts

WINDOW, LEAST = 50, 20
"""The last documents, of which people are told; of fewer than the second nothing is said."""
RECENT = 100
"""Documents over which the figure is counted: of fifty, a dozen marks say little."""
RESAMPLES = 200
# The share of the suggestions' errors that a training mends, how differently from one to the
# next, and how many trainings that is worth: of quick ones after 100 to 300 documents 0.22, -0.14
# and -0.07 on WNUT-17, -0.49 on wikigold and -0.45 on CrossNER politics, where sentences of an
# article follow each other (tests/benchmarks/expecting.py).
USUAL_SHARE, USUAL_SPREAD, FIRMNESS = -0.2, 0.3, 2.0
# Of less than so many errors no share is counted.
LEAST_ERRORS = 0.05
# With how much more data errors fall, where no curve tells: to the power of minus this; two
# thirds lie within the factor.
USUAL_EXPONENT, FACTOR = 0.3, 2.0
BLOCK, LEAST_BLOCKS = 25, 3
# Little: the least that a report tells apart is a point of F1.
POINT = 0.01
# Whoever changes nothing in nine of ten documents reads far more than they teach.
FEW = 0.1
_ENDS = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Expected:
    """Where the figure of a training should lie, four times of five: both ends are part of it.

    ``prequential`` is the suggestions' own figure, where that is what it follows from.
    """

    f1: float
    low: float
    high: float
    prequential: float | None = None

    @classmethod
    def of(cls, value: float, variance: float, prequential: float | None = None) -> Expected:
        """Return what a mean and a variance say, within what a figure can be."""
        half = _ENDS * variance**0.5
        value, low, high = np.clip([value, value - half, value + half], 0.0, 1.0).tolist()
        return cls(value, low, high, prequential)

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Expected:
        """Return what was stored with a run."""
        return cls(found["f1"], found["low"], found["high"], found.get("prequential"))

    def to_json(self) -> dict[str, float]:
        """Return what is stored with a run."""
        figures = {"f1": self.f1, "low": self.low, "high": self.high}
        if self.prequential is not None:
            figures["prequential"] = self.prequential
        return {name: round(value, 4) for name, value in figures.items()}

    def __str__(self) -> str:
        return f"{self.f1:.2f} ± {max((self.high - self.low) / 2, 0.01):.2f}"

    def held(self, brought: float) -> str:
        """Say it beside what came: "expected 0.78 ± 0.03, brought 0.80"."""
        return f"expected {self}, brought {brought:.2f}"


def expect(
    counts: np.ndarray,
    macro: bool,
    scored: int,
    before: Sequence[tuple[float, float]],
) -> Expected | None:
    """Return what a training should bring, by what became of suggestions.

    Args:
        counts: right, suggested and gold marks of each document, the newest last: of shape
            (documents, labels, 3), with one label where they are pooled.
        macro: the figure is the mean of the labels' F1, not that of all marks together.
        scored: how many documents the training will be scored on.
        before: of each training before the suggestions' figure then, and what it brought.

    Returns:
        None where the documents are too few, or hold no mark.
    """
    if len(counts) < LEAST or not counts[..., 2].any():
        return None
    newest = counts[-RECENT:]
    value, variance = level(newest, macro)
    share, spread = _share([_mended(*each) for each in before])
    errors = 1.0 - value
    drawn = variance * len(newest) / max(scored, 1)
    known = variance * (1.0 - share) ** 2 + spread * errors**2
    return Expected.of(value + share * errors, known + drawn, value)


def expect_again(measured: float, support: int, rise: tuple[float, float]) -> Expected:
    """Return what a training should bring after one that was like it.

    Args:
        measured: what that one brought, on so many marks (``support``), which are scored again.
        rise: by how much more data should lift it: a mean and a variance.
    """
    share = (measured * support + 1) / (support + 2)
    noise = 2 * USUAL_NOISE * share * (1 - share) / (support + 2)
    return Expected.of(measured + rise[0], rise[1] + noise)


def level(counts: np.ndarray, macro: bool) -> tuple[float, float]:
    """Return the figure of counts of shape (documents, labels, 3), and its variance."""
    drawn = figure(resample(counts, RESAMPLES), macro)
    # Where all is right no resample differs, and yet one cannot be sure: one more mark of
    # either kind (Agresti and Coull 1998).
    marks = counts[..., 2].sum()
    share = (counts[..., 0].sum() + 1) / (marks + 2)
    least = share * (1 - share) / (marks + 2)
    return float(figure(counts.sum(axis=0), macro)), max(float(drawn.var()), float(least))


def figure(sums: np.ndarray, macro: bool) -> np.ndarray:
    """Return F1 of sums of shape (…, labels, 3): of all labels together, or their mean."""
    if not macro:
        return _f1(sums.sum(axis=-2))
    there = sums[..., 1:].any(axis=-1)
    total = (_f1(sums) * there).sum(axis=-1)
    return total / np.maximum(there.sum(axis=-1), 1)


def rise(measured: float, before: int, now: int) -> tuple[float, float]:
    """Return by how much F1 should rise with more documents where no curve tells: mean, variance.

    Errors fall as a power of the data: one point leaves open which, so it is what is usual.
    """
    ratio = max(now, 1) / max(before, 1)
    powers = USUAL_EXPONENT * np.array([1.0, 1 / FACTOR, FACTOR])
    middle, slow, fast = (1 - measured) * (1 - ratio**-powers)
    return float(middle), float(((fast - slow) / 2) ** 2)


def _law(counts: np.ndarray, macro: bool, learned: int) -> np.ndarray:
    """Fit a law to blocks of documents, which the learner met at different sizes: of shape (3,)."""
    blocks = len(counts) // BLOCK
    parts = counts[len(counts) - blocks * BLOCK :].reshape(blocks, BLOCK, *counts.shape[1:])
    found = np.array([level(part, macro) for part in parts])
    behind = np.arange(blocks)[::-1] * BLOCK + BLOCK / 2
    sizes = np.maximum(learned - behind, 1.0)
    return power_law.fit(sizes, 1.0 - found[None, :, 0], np.sqrt(found[:, 1]))[0]


def is_flat(counts: np.ndarray, macro: bool, learned: int) -> bool:
    """Tell whether half as many documents again should lift the suggestions' figure by nothing.

    Less than a point is nothing. False where the documents are too few to tell.
    """
    if len(counts) < LEAST_BLOCKS * BLOCK:
        return False
    law = _law(counts, macro, learned)
    more = learned + step(learned)
    return float(power_law.error(law, learned) - power_law.error(law, more)) < POINT


def needs_few(documents: int, changed: int) -> bool:
    """Tell whether people changed so little that further documents like these teach little.

    A learner learns from where it was wrong: the more seldom, the less a document brings, while
    reading it takes as long (the "min-error" rule of Zhu, Wang and Hovy 2008, "Multi-Criteria-
    Based Strategy to Stop Active Learning for Data Annotation").
    """
    return documents >= WINDOW and changed <= FEW * documents


def _mended(then: float, brought: float) -> float:
    """Return which share of the suggestions' errors a training mended; below 0 where it made some.

    One strange training does not say that the next one turns everything round.
    """
    return float(np.clip((brought - then) / max(1.0 - then, LEAST_ERRORS), -1.0, 1.0))


def _share(mended: Sequence[float]) -> tuple[float, float]:
    """Return mean and variance of the share of errors that the next training mends."""
    weight = FIRMNESS + len(mended)
    mean = (FIRMNESS * USUAL_SHARE + sum(mended)) / weight
    squares = sum((each - mean) ** 2 for each in mended)
    prior = FIRMNESS * (USUAL_SPREAD**2 + (USUAL_SHARE - mean) ** 2)
    return mean, (prior + squares) / weight * (1 + 1 / weight)


def _f1(sums: np.ndarray) -> np.ndarray:
    return f1_of_counts(*np.moveaxis(sums.astype(np.float64), -1, 0))
