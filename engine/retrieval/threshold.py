"""From which score on an answer is good enough to be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

# All but so many of the pairs that fit are more alike than what is far from everything.
FAR = 0.05


@dataclass(frozen=True, slots=True)
class Threshold:
    """A score, and how well it tells good pairs from bad ones where it was chosen.

    A model that reads two texts together was never shown what is out of its world, and may be
    sure of anything there; how alike the texts are, read apart, tells that.
    """

    value: float
    likeness: float
    """The cosine below which an answer is not good either: all but 5 % of the good pairs have
    more."""
    precision: float
    recall: float
    f1: float
    pairs: int
    good: int

    def to_json(self) -> dict[str, Any]:
        """Return what a report holds under "threshold"."""
        return asdict(self)


def choose(
    scores: Sequence[float], good: Sequence[bool], likenesses: Sequence[float]
) -> Threshold | None:
    """Return the threshold with the highest F1 of "good", the highest of several.

    It lies in the middle between the lowest score that is let through and the next below it, so
    that small changes of a score do not matter. None where no pair is good, or none is bad:
    nothing can be chosen between.
    """
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    ranked, right = np.asarray(scores, dtype=np.float64)[order], np.asarray(good, bool)[order]
    total = int(right.sum())
    if not 0 < total < len(right):
        return None
    hits = np.cumsum(right)
    # A threshold cannot part equal scores: only their last place counts.
    last = np.append(ranked[1:] < ranked[:-1], True)
    f1 = np.where(last, 2 * hits / (np.arange(1, len(ranked) + 1) + total), -1.0)
    at = int(np.argmax(f1))
    below = ranked[at + 1] if at + 1 < len(ranked) else ranked[at]
    found = int(hits[at])
    return Threshold(
        value=float((ranked[at] + below) / 2),
        likeness=float(np.quantile(np.asarray(likenesses)[np.asarray(good, bool)], FAR)),
        precision=found / (at + 1),
        recall=found / total,
        f1=float(f1[at]),
        pairs=len(ranked),
        good=total,
    )
