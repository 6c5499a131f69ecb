"""What is usual: the expected counts of many series, by weekday and trend, whatever came before.

A log-linear model of each series' past, fitted as Farrington et al. do (1996, "A statistical
algorithm for the early detection of outbreaks of infectious disease", JRSS A 159:547) with the
changes of Noufaily et al. (2013, "An improved algorithm for outbreak detection in multiple
surveillance systems", Statistics in Medicine 32:1206): the dispersion is estimated, past surges
weigh less (residuals beyond 2.58), and what is predicted has the variance of a negative binomial
that also knows how unsure the fit is. Weekdays and trend are held near none by a normal prior of
0.5 on the log scale, so that a topic with few texts does not follow its noise; half a text is
added to each past, so that a topic that never came may come once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.monitoring.rhythm import Rhythm

# A residual beyond this weighs less, by the square of how far it is beyond (Noufaily et al.).
USUAL_RESIDUAL = 2.58
_PRECISION = 4.0
_ROUNDS, _STEPS = 5, 8
# A first look takes this share of days as they are.
_QUIET = 0.85
_LOWEST, _HIGHEST = -14.0, 20.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A model of each of ``m`` series with ``k`` coefficients."""

    coefficients: np.ndarray
    """(m, k)"""
    covariance: np.ndarray
    """(m, k, k), with the dispersion in it."""
    dispersion: np.ndarray
    """How many times the variance of a Poisson count: (m,), at least 1."""

    def expect(self, design: np.ndarray, offset: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the expected counts of days that a design (n, k) describes: (m, n).

        ``offset`` (m, n) is known before, on the log scale: the time of the year, say.
        """
        return _expected(self.coefficients, design, offset)

    def variance(self, design: np.ndarray, offset: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the variance of what comes on these days, the fit's own in it: (m, n)."""
        expected = self.expect(design, offset)
        unsure = np.einsum("ni,mij,nj->mn", design, self.covariance, design)
        return self.dispersion[:, None] * expected + expected**2 * np.expm1(unsure.clip(0, 3))


def design(days: np.ndarray, rhythm: Rhythm) -> np.ndarray:
    """Return what describes bins, counted from the end of a window: (n, k).

    A one, the season's parts (weekdays, by the number of the bin), and time in windows, 0 at the
    window's end. ``days`` are numbers of bins; those of a season repeat after ``rhythm.season``.
    """
    columns = [np.ones(len(days))]
    if rhythm.season > 1:
        columns += [days % rhythm.season == part for part in range(rhythm.season)]
    columns.append((days - days[-1]) / rhythm.window)
    return np.column_stack(columns).astype(float)


def fit(
    counts: np.ndarray,
    described: np.ndarray,
    offset: np.ndarray | float = 0.0,
    left_out: np.ndarray | None = None,
) -> Fit:
    """Fit the counts (m, n) of days that a design (n, k) describes.

    ``offset`` is what ``Fit.expect`` takes; what is ``left_out``, bool (m, n), tells nothing.
    """
    m, n = counts.shape
    kept = np.ones((m, n)) if left_out is None else 1.0 - left_out
    found = np.zeros((m, described.shape[1]))
    found[:, 0] = np.log(((counts * kept).sum(axis=1) + 0.5) / kept.sum(axis=1).clip(min=1))
    products = (described[:, :, None] * described[:, None, :]).reshape(n, -1)
    # Begun without the loudest days and as if counts were Poisson: many surges would hide each
    # other else.
    most = np.quantile(counts, _QUIET, axis=1, keepdims=True).clip(min=1)
    found, _ = _solve(np.minimum(counts, most), described, products, kept, found, offset)
    expected = _expected(found, described, offset)
    dispersion = np.ones(m)
    weights = kept * _weights(counts, expected, dispersion)
    for _ in range(_ROUNDS):
        found, information = _solve(counts, described, products, weights, found, offset)
        expected = _expected(found, described, offset)
        weights = kept * _weights(counts, expected, dispersion)
        dispersion = _dispersion(counts, expected, weights, products, information)
    covariance = np.linalg.inv(information) * dispersion[:, None, None]
    return Fit(found, covariance, dispersion)


def _expected(
    coefficients: np.ndarray, described: np.ndarray, offset: np.ndarray | float
) -> np.ndarray:
    return np.exp((coefficients @ described.T + offset).clip(_LOWEST, _HIGHEST))


def _solve(
    counts: np.ndarray,
    described: np.ndarray,
    products: np.ndarray,
    weights: np.ndarray,
    start: np.ndarray,
    offset: np.ndarray | float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients by Newton's method, and the information (m, k, k) there."""
    k = described.shape[1]
    prior = np.full(k, _PRECISION)
    prior[0] = 0.0
    found = start
    for _ in range(_STEPS):
        expected = _expected(found, described, offset)
        slope = (weights * (counts - expected)) @ described - prior * found
        slope[:, 0] += 0.5
        information = ((weights * expected) @ products).reshape(-1, k, k) + np.diag(prior)
        # A series without a text has next to no information of its own.
        information[:, 0, 0] += 0.05
        step = np.linalg.solve(information, slope[:, :, None])[:, :, 0].clip(-2, 2)
        found = found + step
        if np.abs(step).max() < 1e-4:
            break
    return found, information


def _dispersion(
    counts: np.ndarray,
    expected: np.ndarray,
    weights: np.ndarray,
    products: np.ndarray,
    information: np.ndarray,
) -> np.ndarray:
    """Return Pearson's estimate, by the degrees of freedom that are left: (m,), at least 1."""
    # Squared, so that a surge counts the less the louder it is.
    squares = weights**2 * (counts - expected) ** 2 / expected
    own = ((weights * expected) @ products).reshape(information.shape)
    spent = np.trace(np.linalg.solve(information, own), axis1=1, axis2=2)
    left = ((weights**2).sum(axis=1) - spent).clip(counts.shape[1] / 4)
    # It is unsure itself, as the variance of Student's t is larger than 1.
    return np.maximum(1.0, squares.sum(axis=1) / left * (1 + 2 / left))


def _weights(counts: np.ndarray, expected: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Return how much each day weighs: less than 1 where far more came than expected (m, n)."""
    residuals = 2 * (
        _stable(counts, expected, dispersion) - _stable(expected, expected, dispersion)
    )
    beyond = (USUAL_RESIDUAL / residuals.clip(min=USUAL_RESIDUAL)) ** 2
    return np.where(residuals > USUAL_RESIDUAL, beyond, 1.0)


def _stable(counts: np.ndarray, expected: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Return half of what makes the variance of negative binomial counts 1 (Anscombe 1948)."""
    size = expected / (dispersion[:, None] - 1).clip(min=1e-6)
    return np.sqrt(size) * np.arcsinh(np.sqrt(counts / size))
