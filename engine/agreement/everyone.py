"""All people together, label by label: what is computed of more than two at once.

Units of which one person alone has said something say nothing of agreement and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.agreement import nominal
from engine.agreement.counting import Table, middle, weights
from engine.agreement.ratings import Ratings, rate
from engine.agreement.versions import Versions


class Shared(StrEnum):
    """The coefficients of several people; the value is its name in answers of commands."""

    FLEISS = "fleiss_kappa"
    ALPHA = "alpha"
    AC1 = "ac1"


SHARED = tuple(Shared)


@dataclass(frozen=True, slots=True, eq=False)
class Everyone:
    """The rows of arrays are all labels together, then each label."""

    documents: int
    """Documents that two people or more have finished."""
    units: int
    """Units of these, each once."""
    marked: np.ndarray
    """int64: in how many documents somebody gave the label."""
    values: np.ndarray
    """float64 of shape (measures, 1 + labels); NaN where a figure says nothing."""
    low: np.ndarray
    high: np.ndarray


def compare(versions: Versions, seed: int = 0) -> Everyone:
    """Compare all people at once."""
    ratings = rate(versions.of_documents(versions.shared))
    people = ratings.finished.sum(axis=0)[ratings.document].astype(float)
    labels, categories = _labels(ratings, people), _categories(ratings, people)
    units = _units(ratings, people)
    drawn = weights(ratings.documents, seed)
    sums = units.sum(axis=0, dtype=float), (drawn.T @ units).astype(float)
    values = _said(ratings, sums[0], labels.totals(), categories.totals())
    spread = _said(ratings, sums[1], labels.drawn(drawn), categories.drawn(drawn))
    low, high = middle(spread)
    marked = np.bincount(labels.label, minlength=labels.labels)
    every = len(np.unique(labels.document))
    return Everyone(
        ratings.documents,
        len(ratings.document),
        np.append(every, marked),
        *(values, low, high),
    )


# Kinds of count: how often a category was given, by what share of the people, how many ordered
# pairs of people disagree on whether, as `nominal.alpha` counts them, and as a share.
GIVEN, SHARE, APART, LOST = range(4)


def _labels(ratings: Ratings, people: np.ndarray) -> Table:
    """Count for each label by itself."""
    every = [np.zeros(0, np.int64), *ratings.given]
    codes, times = np.unique(np.concatenate(every), return_counts=True)
    unit, label = codes // ratings.labels, codes % ratings.labels
    each, of = times.astype(float), people[unit]
    apart = 2 * each * (of - each) / (of - 1)
    places = label, ratings.document[unit]
    columns = each, each / of, apart, apart / of
    return Table.of(ratings.labels, ratings.documents, [(*places, many) for many in columns])


def _categories(ratings: Ratings, people: np.ndarray) -> Table:
    """Count each category but that of no label."""
    person, unit = np.nonzero(ratings.said > 0)
    category = ratings.said[person, unit].astype(np.int64) - 1
    places = category, ratings.document[unit]
    columns = np.ones(len(unit)), 1 / people[unit]
    return Table.of(ratings.categories, ratings.documents, [(*places, many) for many in columns])


def _units(ratings: Ratings, people: np.ndarray) -> np.ndarray:
    """Count in each document units, what was said of them, and who disagrees (APART, LOST).

    float32 of shape (documents, 4).
    """
    person, unit = np.nonzero(ratings.said > 0)
    keys = unit * (ratings.categories + 1) + ratings.said[person, unit]
    known, times = np.unique(keys, return_counts=True)
    of = known // (ratings.categories + 1)
    size = len(ratings.document)
    squares = np.bincount(of, weights=times.astype(float) ** 2, minlength=size)
    nothing = people - np.bincount(of, weights=times, minlength=size)
    apart = (people**2 - squares - nothing**2) / (people - 1)
    columns = np.ones(size), people, apart, apart / people
    return np.stack(
        [np.bincount(ratings.document, each, ratings.documents) for each in columns], axis=1
    ).astype(np.float32)


def _said(
    ratings: Ratings, units: np.ndarray, labels: np.ndarray, categories: np.ndarray
) -> np.ndarray:
    """Return all measures: of shape (measures, 1 + labels, …)."""
    count, people, apart, lost = np.moveaxis(units, -1, 0)
    each = _binary(count, people, labels)
    if ratings.pooled:
        whole = _binary(count * ratings.labels, people * ratings.labels, labels.sum(axis=0))
    else:
        given, shares = (np.moveaxis(categories[..., kind], 0, -1) for kind in (GIVEN, SHARE))
        values, parts = _with_none(given, people), _with_none(shares, count)
        whole = _measures(count - lost, parts, apart, values)
    rows = zip(whole, each, strict=True)
    return np.stack([np.concatenate([all_[None], some]) for all_, some in rows])


def _binary(count: np.ndarray, people: np.ndarray, sums: np.ndarray) -> list[np.ndarray]:
    given, share, apart, lost = np.moveaxis(sums, -1, 0)
    values, parts = _with_none(given[..., None], people), _with_none(share[..., None], count)
    return _measures(count - lost, parts, apart, values)


def _with_none(given: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Put before the other categories that of no label: what is left of all."""
    # What is left over of sums of shares may be a rounding below nothing.
    none = np.maximum(every - given.sum(axis=-1), 0.0)
    return np.concatenate([none[..., None], given], axis=-1)


def _measures(
    agreed: np.ndarray, shares: np.ndarray, apart: np.ndarray, values: np.ndarray
) -> list[np.ndarray]:
    used = (values > 0.5).sum(axis=-1)
    return [
        nominal.fleiss(agreed, shares),
        nominal.alpha(apart, values),
        nominal.ac1(agreed, shares, used),
    ]
