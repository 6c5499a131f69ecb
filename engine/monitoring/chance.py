"""How probable so many are: tails of counts, intervals of shares, the limit of a moving average."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

NORMAL = NormalDist()
# What is less probable than this is told as this.
LEAST = 1e-12
# States that stand for the values of a moving average between its limits.
_STATES = 61


def wilson(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share by its score (Wilson 1927, JASA 22:209); (0, 1) of nothing."""
    if total <= 0:
        return 0.0, 1.0
    z = NORMAL.inv_cdf(0.5 + level / 2)
    share, more = count / total, z * z / total
    middle = (share + more / 2) / (1 + more)
    half = z * math.sqrt(share * (1 - share) / total + more / (4 * total)) / (1 + more)
    return max(0.0, middle - half), min(1.0, middle + half)


def poisson_interval(count: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a Poisson mean by its score, as Wilson's is that of a share."""
    z = NORMAL.inv_cdf(0.5 + level / 2)
    middle, half = count + z * z / 2, z * math.sqrt(count + z * z / 4)
    return middle - half, middle + half


def upper_tail(count: int, mean: float, variance: float) -> float:
    """Return how probable at least ``count`` is: negative binomial, Poisson without more variance.

    The negative binomial has the mean and the variance that are given; a variance below the mean
    is taken for the mean, that of a Poisson count.
    """
    if count <= 0:
        return 1.0
    if count <= mean:
        # The other side is short, and nothing is lost there by taking it from 1.
        return max(LEAST, 1.0 - _mass(0, count, mean, variance))
    spread = math.sqrt(max(mean, variance))
    return min(1.0, max(LEAST, _mass(count, count + int(12 * spread) + 60, mean, variance)))


def _mass(first: int, end: int, mean: float, variance: float) -> float:
    """Return the probability of the counts from ``first`` to before ``end``."""
    if mean <= 0:
        return 1.0 if first == 0 < end else 0.0
    counts = np.arange(first + 1, end)
    size = mean * mean / (variance - mean) if variance > mean * (1 + 1e-9) else math.inf
    if math.isinf(size) or size > 1e9:
        start = first * math.log(mean) - mean - math.lgamma(first + 1)
        steps = math.log(mean) - np.log(counts)
    else:
        start = math.lgamma(size + first) - math.lgamma(size) - math.lgamma(first + 1)
        start += size * math.log(size / (size + mean)) + first * math.log(mean / (size + mean))
        steps = np.log((size + counts - 1) / counts) + math.log(mean / (size + mean))
    return float(np.exp(start + np.concatenate([[0.0], np.cumsum(steps)])).sum())


@lru_cache(maxsize=64)
def ewma_limit(weight: float, run_length: float) -> float:
    """Return the limit, in standard deviations, that a moving average passes so rarely by chance.

    The exponentially weighted moving average of independent standard normal values, ``weight`` on
    the newest, first exceeds the limit after ``run_length`` values in the mean. The run length is
    that of a Markov chain (Brook and Evans 1972, Biometrika 59:539; Lucas and Saccucci 1990,
    Technometrics 32:1); charts and weights: Montgomery, Introduction to Statistical Quality
    Control, chapter 9.
    """
    low, high = 0.0, 6.0
    for _ in range(18):
        middle = (low + high) / 2
        low, high = (middle, high) if _run_length(weight, middle) < run_length else (low, middle)
    return high


def _run_length(weight: float, limit: float) -> float:
    """Return after how many values the average exceeds its limit in the mean, from 0 on."""
    spread = math.sqrt(weight / (2 - weight))
    edges = np.linspace(-6 * spread, limit * spread, _STATES + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    # From each middle, the next value must lie in here for the average to come into a state.
    reached = (edges[None, :] - (1 - weight) * middles[:, None]) / weight
    below = np.array([[NORMAL.cdf(each) for each in row] for row in reached])
    # What would fall below the lowest state stays in it.
    below[:, 0] = 0.0
    moves = np.diff(below, axis=1)
    lengths = np.linalg.solve(np.eye(_STATES) - moves, np.ones(_STATES))
    return float(np.interp(0.0, middles, lengths))
