"""Who stands out: who agrees with the others less than these agree with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.agreement.counting import middle
from engine.agreement.pairs import MEASURES, Measure, Pair

# By less than this nobody stands out, however sure the difference is: it would take no action.
MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class Standing:
    """How one person agrees with the others, by the mean of Cohen's κ over pairs.

    ``difference`` is the mean of the person's pairs less that of all others' pairs, with the
    middle 95 % of it over documents that are drawn anew; None where nothing can be said.
    """

    person: int
    documents: int
    """Of the pairs' documents: those that the person has in common with others, added up."""
    kappa: float | None
    others: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def stands_out(self) -> bool:
        """Tell whether the person surely agrees less, and by enough to be worth a talk."""
        return self.high is not None and self.high < -MARGIN


def standings(pairs: Sequence[Pair], people: int) -> list[Standing]:
    """Return how each person stands, lowest first; empty with fewer than three people.

    Of two nobody can tell which of them is the one.
    """
    if people < 3:
        return []
    found = [_standing(pairs, person) for person in range(people)]
    return sorted(found, key=lambda each: (each.difference is None, each.difference))


def _standing(pairs: Sequence[Pair], person: int) -> Standing:
    own = [pair for pair in pairs if person in (pair.a, pair.b)]
    rest = [pair for pair in pairs if person not in (pair.a, pair.b)]
    kappa, others = _mean(own), _mean(rest)
    spread = _means(own) - _means(rest)
    low, high = middle(spread[None])
    said = [kappa, others, kappa - others, float(low[0]), float(high[0])]
    documents = sum(pair.documents for pair in own)
    return Standing(person, documents, *(None if np.isnan(each) else each for each in said))


def _mean(pairs: Sequence[Pair]) -> float:
    row = MEASURES.index(Measure.KAPPA)
    known = [pair.values[row, 0] for pair in pairs if not np.isnan(pair.values[row, 0])]
    return float(np.mean(known)) if known else float("nan")


def _means(pairs: Sequence[Pair]) -> np.ndarray:
    """Return the mean κ of each draw; NaN where no pair has one."""
    drawn = np.stack([pair.kappas for pair in pairs])
    known = ~np.isnan(drawn)
    total, count = np.where(known, drawn, 0.0).sum(axis=0), known.sum(axis=0)
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
