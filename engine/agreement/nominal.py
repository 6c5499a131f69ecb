"""Coefficients of agreement on nominal units: each from the few sums that it is made of.

- Cohen's κ of two people: Cohen 1960, "A coefficient of agreement for nominal scales";
- Fleiss' κ of several: Fleiss 1971, "Measuring nominal scale agreement among many raters"; where
  not all have said something of a unit, as Gwet 2014, "Handbook of Inter-Rater Reliability";
- Krippendorff's α: Krippendorff 2011, "Computing Krippendorff's alpha-reliability";
- Gwet's AC1: Gwet 2008, "Computing inter-rater reliability and its variance in the presence of
  high agreement".

A figure that says nothing is NaN: what is left of 1 after chance is nothing where all that was
said is one and the same. Sums may have leading axes, of which each is computed by itself.
"""

from __future__ import annotations

import numpy as np

Sums = np.ndarray
"""float64 of shape (…,), or (…, categories)."""


def kappa(agreed: Sums, first: Sums, second: Sums) -> Sums:
    """Return Cohen's κ.

    ``agreed`` counts the units on which both agree, (…,); ``first`` and ``second`` how often each
    of the two gave each category, (…, categories).
    """
    units = first.sum(axis=-1)
    return beyond(ratio(agreed, units), ratio((first * second).sum(axis=-1), units**2))


def fleiss(agreed: Sums, shares: Sums) -> Sums:
    """Return Fleiss' κ.

    ``agreed`` sums over the units the share of pairs of people who agree, (…,); ``shares`` the
    share of people who gave each category, (…, categories).
    """
    units = shares.sum(axis=-1)
    by_chance = ratio(shares, units[..., None]) ** 2
    return beyond(ratio(agreed, units), by_chance.sum(axis=-1))


def ac1(agreed: Sums, shares: Sums, categories: int | np.ndarray) -> Sums:
    """Return Gwet's AC1, from the sums of `fleiss`.

    ``categories`` is how many were used: of one alone nothing can be said.
    """
    units = shares.sum(axis=-1)
    share = ratio(shares, units[..., None])
    several = np.asarray(categories, float) - 1
    by_chance = ratio((share * (1 - share)).sum(axis=-1), several)
    return beyond(ratio(agreed, units), by_chance)


def alpha(disagreed: Sums, values: Sums) -> Sums:
    """Return Krippendorff's α.

    ``disagreed`` sums the ordered pairs of people who disagree on a unit, each unit's divided by
    one less than the people who said something of it, (…,); ``values`` how often each category was
    given, (…, categories). Units of which one person alone has said something are in neither.
    """
    count = values.sum(axis=-1)
    expected = count**2 - (values**2).sum(axis=-1)
    return 1 - ratio((count - 1) * disagreed, expected)


def ratio(top: Sums, bottom: Sums) -> Sums:
    """Divide; NaN where there is nothing to be divided by."""
    top, bottom = np.broadcast_arrays(np.asarray(top, float), np.asarray(bottom, float))
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def beyond(observed: Sums, by_chance: Sums) -> Sums:
    """Return which share of what chance leaves is agreed on."""
    # Where chance agrees on all, what is left of it is rounding.
    left = np.where(1 - by_chance > 1e-12, 1 - by_chance, 0.0)
    return ratio(observed - by_chance, left)


# --- of tables ----------------------------------------------------------------------------


def kappa_of(first: np.ndarray, second: np.ndarray) -> float:
    """Return Cohen's κ of what two people said of the same units: int of shape (units,)."""
    both = np.stack([first, second])
    one, other = (counts(row) for row in _numbered(both)[:, None])
    width = max(one.shape[1], other.shape[1])
    margins = [np.pad(each, ((0, 0), (0, width - each.shape[1]))).sum(0) for each in (one, other)]
    return float(kappa(np.array(float((first == second).sum())), *margins))


def fleiss_of(ratings: np.ndarray) -> float:
    """Return Fleiss' κ of a table, int of shape (people, units), -1 where nobody said anything."""
    agreed, shares, *_ = of_counts(counts(_numbered(ratings)))
    return float(fleiss(agreed, shares))


def ac1_of(ratings: np.ndarray) -> float:
    """Return Gwet's AC1 of such a table."""
    table = counts(_numbered(ratings))
    agreed, shares, *_ = of_counts(table)
    return float(ac1(agreed, shares, int((table.sum(0) > 0).sum())))


def alpha_of(ratings: np.ndarray) -> float:
    """Return Krippendorff's α of such a table."""
    _, _, disagreed, values = of_counts(counts(_numbered(ratings)))
    return float(alpha(disagreed, values))


def _numbered(ratings: np.ndarray) -> np.ndarray:
    """Return the same with its categories numbered from 0 on."""
    known = np.unique(ratings[ratings >= 0])
    return np.where(ratings >= 0, np.searchsorted(known, ratings), -1)


def counts(ratings: np.ndarray) -> np.ndarray:
    """Return how many people gave a unit each category: float64 of shape (units, categories)."""
    width = int(ratings.max(initial=0)) + 1
    return np.stack([(ratings == each).sum(axis=0) for each in range(width)], axis=1).astype(float)


def of_counts(table: np.ndarray) -> tuple[Sums, Sums, Sums, Sums]:
    """Return the sums of units of which two people or more have said something.

    They are what `fleiss` and `alpha` ask for: agreed, shares, disagreed, values.
    """
    people = table.sum(axis=1, keepdims=True)
    table, people = table[people[:, 0] > 1], people[people[:, 0] > 1]
    pairs = (table * (people - table)).sum(axis=1) / (people[:, 0] - 1)
    agreed = np.sum(1 - pairs / people[:, 0])
    return agreed, (table / people).sum(axis=0), pairs.sum(), table.sum(axis=0)
