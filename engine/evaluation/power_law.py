"""How errors fall as data grow: a power law, fitted to many resamples at once.

error(n) = a · n^(−b) + c. It falls fast at first, then ever more slowly, towards what no amount
of such data mends (Hestness et al. 2017, "Deep Learning Scaling Is Predictable, Empirically";
Viering and Loog 2021, "The Shape of Learning Curves: a Review", where it is the shape that fits
most often). a and c are not negative, so more data is never told to do harm.

Few sizes leave the exponent open, so it is held to what is usual: a prior as firm as an
observation. NumPy alone: for each exponent of a grid a and c follow by least squares.
"""

from __future__ import annotations

import numpy as np

EXPONENTS = np.geomspace(0.05, 2.0, 60)
# Of fine-tuned encoders on a few hundred to a few thousand sentences; two thirds lie within a
# factor of two (tests/benchmarks/README.md, "Where more would help").
USUAL, FACTOR = 0.5, 2.0


def fit(
    sizes: np.ndarray,
    errors: np.ndarray,
    noise: np.ndarray | float,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Fit one law to each row of errors, all of them at the same sizes.

    Args:
        sizes: how much was learned from, above 0, of shape (points,).
        errors: from 0 to 1, of shape (resamples, points).
        noise: standard deviation of an error around its law, above 0: how firmly the points
            speak against the prior. One for all points, or of shape (points,).
        weights: how much each point counts, of shape (points,); else all count the same.

    Returns:
        a, b and c of each law: float64 of shape (resamples, 3).
    """
    largest = sizes.max()
    trust = (np.ones(len(sizes)) if weights is None else weights) / np.square(noise)
    # Relative to the largest size, so that no power is beyond what a float holds.
    powers = (sizes[None, :] / largest) ** -EXPONENTS[:, None]
    falls, floors = _linear(powers, errors, trust)
    missed = errors[:, None, :] - falls[..., None] * powers - floors[..., None]
    prior = np.square(np.log(EXPONENTS / USUAL) / np.log(FACTOR))
    best = ((np.square(missed) @ trust) + prior).argmin(axis=1)
    rows = np.arange(len(errors))
    exponents = EXPONENTS[best]
    return np.stack([falls[rows, best] * largest**exponents, exponents, floors[rows, best]], axis=1)


def error(laws: np.ndarray, size: float | np.ndarray) -> np.ndarray:
    """Return the error of each law, of shape (…, 3), at a size; never more than 1."""
    a, b, c = np.moveaxis(laws, -1, 0)
    return np.minimum(a * np.asarray(size, dtype=np.float64) ** -b + c, 1.0)


def slope(laws: np.ndarray, size: float) -> np.ndarray:
    """Return by how much the error of each law falls with the next one of the data."""
    a, b, _ = np.moveaxis(laws, -1, 0)
    return a * b * float(size) ** (-b - 1)


def _linear(
    powers: np.ndarray, errors: np.ndarray, trust: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a and c of least squares, neither below 0: two of shape (resamples, exponents)."""
    total = trust.sum()
    x, xx = powers @ trust, np.square(powers) @ trust
    y, xy = (errors @ trust)[:, None], (errors * trust) @ powers.T
    spread = np.maximum(total * xx - x * x, 1e-12)
    falls = (total * xy - x * y) / spread
    floors = (xx * y - x * xy) / spread
    # With two unknowns the bound that is broken is the one that holds.
    flat, steep = falls < 0, floors < 0
    falls = np.where(flat, 0.0, np.where(steep, xy / xx, falls))
    floors = np.where(flat, y / total, np.where(steep, 0.0, floors))
    return falls, floors
