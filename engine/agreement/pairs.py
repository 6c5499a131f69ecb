"""Pairs of people, label by label: every coefficient with its interval.

Coefficients of a pair are computed on the documents that both have finished, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from engine.agreement import nominal
from engine.agreement.counting import Table, middle, weights
from engine.agreement.ratings import Ratings, rate
from engine.agreement.spans import Placed
from engine.agreement.versions import Versions


class Measure(StrEnum):
    """The coefficients of a pair; the value is its name in answers of commands."""

    KAPPA = "kappa"
    ALPHA = "alpha"
    AC1 = "ac1"
    F1 = "span_f1"
    PARTIAL = "span_f1_partial"


MEASURES = tuple(Measure)
Tell = Callable[[int, int, int, int], None]
"""Is told how many pairs are done of how many, and which two are next."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two people by their places; the rows of arrays are all labels together, then each label."""

    a: int
    b: int
    documents: int
    units: np.ndarray
    """int64: how many units each figure is about."""
    marks: np.ndarray
    """int64: the different marks that the two gave."""
    marked: np.ndarray
    """int64: in how many documents these are."""
    values: np.ndarray
    """float64 of shape (measures, 1 + labels); NaN where a figure says nothing."""
    low: np.ndarray
    high: np.ndarray
    kappas: np.ndarray
    """float64 of shape (draws,): κ over all labels, of documents that are drawn anew."""


# Kinds of count in a pair's table: units that both gave a label, the first alone, the second
# alone; the same marks, all of each, and those of each that overlap one of the other's.
BOTH, FIRST, SECOND, SAME, ONE, OTHER, ONE_HIT, OTHER_HIT = range(8)


def compare(
    versions: Versions, seed: int = 0, tell: Tell = lambda done, of, a, b: None
) -> list[Pair]:
    """Compare each two people, in the order of their places."""
    ratings = rate(versions)
    placed = [
        Placed(versions.marks.those(versions.marks.person == at), versions.sizes)
        for at in range(len(versions.people))
    ]
    drawn = weights(ratings.documents, seed)
    both = list(combinations(range(len(versions.people)), 2))
    found = []
    for done, (a, b) in enumerate(both):
        tell(done, len(both), a, b)
        found.append(_Both(ratings, a, b, placed[a], placed[b]).compare(drawn))
    return found


class _Both:
    """Two people on the documents that both have finished."""

    def __init__(self, ratings: Ratings, a: int, b: int, one: Placed, other: Placed) -> None:
        self.ratings, self.a, self.b = ratings, a, b
        self.common = ratings.finished[a] & ratings.finished[b]
        self.one, self.other = one.kept(self.common), other.kept(self.common)

    def compare(self, drawn: np.ndarray) -> Pair:
        ratings, table = self.ratings, self._table()
        totals = table.totals()
        both = np.stack([np.where(self.common, ratings.units, 0), self._apart()], axis=1)
        count, apart = both.sum(axis=0)
        values = self._measures(totals, count, apart)
        sums = (drawn.T @ both.astype(np.float32)).astype(float)
        spread = self._measures(table.drawn(drawn), sums[:, 0], sums[:, 1], drawn)
        low, high = middle(spread)
        marks = totals[:, ONE] + totals[:, OTHER] - totals[:, SAME]
        has = table.counts[:, [ONE, OTHER]].any(axis=1)
        marked = np.bincount(table.label[has], minlength=table.labels)
        asked = count * (ratings.labels if ratings.pooled else 1)
        return Pair(
            *(self.a, self.b, int(self.common.sum())),
            np.append(asked, np.full(table.labels, count)).astype(int),
            np.append(marks.sum(), marks).astype(int),
            np.append(len(np.unique(table.document[has])), marked),
            *(values, low, high),
            spread[0, 0],
        )

    def _table(self) -> Table:
        labels, one, other = self.ratings.labels, self.one, self.other
        first, second = (self._within(self.ratings.given[each]) for each in (self.a, self.b))
        both = np.intersect1d(first, second, assume_unique=True)
        parts = [
            (codes % labels, self.ratings.document[codes // labels], np.ones(len(codes)))
            for codes in (
                both,
                np.setdiff1d(first, both, assume_unique=True),
                np.setdiff1d(second, both, assume_unique=True),
            )
        ]
        counted = [
            (one, one.same(other)),
            (one, np.ones(len(one.label))),
            (other, np.ones(len(other.label))),
            (one, one.touching(other)),
            (other, other.touching(one)),
        ]
        parts += [(own.label, own.document, many.astype(float)) for own, many in counted]
        return Table.of(labels, self.ratings.documents, parts)

    def _within(self, codes: np.ndarray) -> np.ndarray:
        return codes[self.common[self.ratings.document[codes // self.ratings.labels]]]

    def _apart(self) -> np.ndarray:
        """Count in each document the units of which the two do not say the same."""
        said, document = self.ratings.said, self.ratings.document
        differ = (said[self.a] != said[self.b]) & self.common[document]
        return np.bincount(document[differ], minlength=self.ratings.documents).astype(float)

    def _measures(
        self,
        sums: np.ndarray,
        units: np.ndarray,
        apart: np.ndarray,
        drawn: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return all measures: of shape (measures, 1 + labels, …).

        ``sums`` are of shape (labels, …, kinds of count), ``units`` and ``apart`` of shape (…,).
        """
        every = sums.sum(axis=0)
        if self.ratings.pooled:
            whole = _binary(every, units * self.ratings.labels)
        else:
            whole = _several(units - apart, *self._margins(sums, units, drawn))
        rows = zip([*whole, *_f1(every)], [*_binary(sums, units), *_f1(sums)], strict=True)
        return np.stack([np.concatenate([all_[None], each]) for all_, each in rows])

    def _margins(
        self, sums: np.ndarray, units: np.ndarray, drawn: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how often each of the two gave each category: of shape (…, categories)."""
        if self.ratings.categories > self.ratings.labels:
            return self._counted(self.a, drawn), self._counted(self.b, drawn)
        first, second = (
            np.moveaxis(sums[..., BOTH] + sums[..., kind], 0, -1) for kind in (FIRST, SECOND)
        )
        return _with_none(first, units), _with_none(second, units)

    def _counted(self, person: int, drawn: np.ndarray | None) -> np.ndarray:
        ratings = self.ratings
        looked = self.common[ratings.document]
        said, document = ratings.said[person][looked], ratings.document[looked]
        parts = [(said.astype(np.int64), document, np.ones(len(said)))]
        table = Table.of(ratings.categories + 1, ratings.documents, parts)
        found = table.totals() if drawn is None else table.drawn(drawn)
        return np.moveaxis(found[..., 0], 0, -1)


def _with_none(given: np.ndarray, units: np.ndarray) -> np.ndarray:
    return np.concatenate([(units - given.sum(axis=-1))[..., None], given], axis=-1)


def _f1(sums: np.ndarray) -> list[np.ndarray]:
    """Return both F1 of counts of marks, of shape (…, kinds of count)."""
    given = sums[..., ONE] + sums[..., OTHER]
    hit = sums[..., ONE_HIT] + sums[..., OTHER_HIT]
    return [nominal.ratio(2 * sums[..., SAME], given), nominal.ratio(hit, given)]


def _binary(sums: np.ndarray, units: np.ndarray) -> list[np.ndarray]:
    """Return κ, α and AC1 of whether a label was given."""
    first, second = sums[..., FIRST], sums[..., SECOND]
    given = [sums[..., BOTH] + alone for alone in (first, second)]
    margins = [_with_none(each[..., None], units) for each in given]
    return _several(units - first - second, *margins)


def _several(agreed: np.ndarray, first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Return κ, α and AC1 of what both said of units: margins of shape (…, categories)."""
    values = first + second
    disagreed = 2 * (first.sum(axis=-1) - agreed)
    used = (values > 0).sum(axis=-1)
    return [
        nominal.kappa(agreed, first, second),
        nominal.alpha(disagreed, values),
        nominal.ac1(agreed, values / 2, used),
    ]
