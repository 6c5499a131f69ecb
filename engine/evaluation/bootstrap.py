"""How sure a figure is: the bootstrap over documents, of which marks are not independent.

A figure is computed anew from resamples of the documents, drawn with replacement, as many as
there are. The interval holds the middle of what comes out (Efron 1979, the percentile method).
Two figures are compared on the same resamples (paired: Berg-Kirkpatrick, Burkett and Klein 2012).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

RESAMPLES = 1000
LEVEL = 0.95
# Draws are made in portions of about this many numbers, so that memory does not grow with them.
_PORTION = 4_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies at 95 %: both ends are part of it."""

    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray) -> Interval:
        """Return the middle 95 % of values, of shape (resamples,)."""
        low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return cls(float(low), float(high))

    @classmethod
    def of_share(cls, count: int, total: int) -> Interval:
        """Return where a share lies that was counted in one draw of marks, from 0 to 1.

        Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference": it
        holds for small counts and at 0 and 1, too. It takes what is counted for independent.
        """
        if not total:
            return cls(0.0, 1.0)
        square = NormalDist().inv_cdf((1 + LEVEL) / 2) ** 2
        share, scale = count / total, 1 + square / total
        middle = (share + square / (2 * total)) / scale
        spread = share * (1 - share) / total + square / (4 * total**2)
        half = math.sqrt(square * spread) / scale
        return cls(max(0.0, middle - half), min(1.0, middle + half))


def resample(
    counts: np.ndarray, resamples: int = RESAMPLES, seed: int = 0, documents: int | None = None
) -> np.ndarray:
    """Sum counts over resampled documents.

    Args:
        counts: what is counted in each document, of shape (documents, …).
        documents: how many there are, where those in which nothing is counted are left out.

    Returns:
        float64 sums of shape (resamples, …).
    """
    flat = counts.reshape(len(counts), math.prod(counts.shape[1:]))
    # Most documents are counted like many others: which of these is drawn makes no difference.
    alike, first, times = np.unique(flat, axis=0, return_index=True, return_counts=True)
    # In the order of the documents, which does not depend on what is counted of them.
    order = np.argsort(first)
    rows, times = alike[order].astype(np.float64), times[order]
    sums = [draws @ rows for draws in _draws(times, documents or len(flat), resamples, seed)]
    return np.concatenate(sums).reshape(resamples, *counts.shape[1:])


def _draws(times: np.ndarray, documents: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Yield how many of alike documents are drawn: portions of shape (n, kinds of documents)."""
    generator = np.random.default_rng(seed)
    # Those not counted are one more place that draws go to: what they add to a sum is nothing.
    others = max(documents - int(times.sum()), 0)
    shares = np.append(times, others) / max(documents, 1)
    portion = max(1, _PORTION // len(shares))
    for begun in range(0, resamples, portion):
        size = min(portion, resamples - begun)
        yield generator.multinomial(documents, shares, size=size)[:, :-1].astype(np.float64)
