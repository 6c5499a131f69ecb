"""What speaks for each answer to "what is this?": the tag probabilities, and the corpus.

All evidence is in nats, and about 0 where it says nothing. Two questions are kept apart, since
models and people fail at them differently: whether there is an entity at all, and with which
label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.tasks.spans.tagging import decoding

LEAST = -20.0
"""Of log-probabilities: what is less likely is as good as impossible."""


class Range(NamedTuple):
    """Tokens ``first`` to ``last`` (exclusive)."""

    first: int
    last: int

    def meets(self, other: Range) -> bool:
        """Tell whether both have a token in common."""
        return self.first < other.last and other.first < self.last


def pooled(scores: np.ndarray) -> np.ndarray:
    """Return the log of the models' mean probability: (models, tokens, tags) to (tokens, tags)."""
    if len(scores) == 1:
        return scores[0]
    return np.logaddexp.reduce(scores, axis=0) - np.log(len(scores))


class Reading:
    """What models say of one document's tokens, from log-probabilities (tokens, tags)."""

    def __init__(self, scores: np.ndarray) -> None:
        scores = np.maximum(scores.astype(np.float64), LEAST)
        self._outside, begins, insides = scores[:, 0], scores[:, 1::2], scores[:, 2::2]
        entity = np.log(np.maximum(-np.expm1(np.minimum(self._outside, 0)), np.exp(LEAST)))
        self._entity = entity - self._outside
        self._labels = np.logaddexp(begins, insides)
        self._among = self._labels - entity[:, None]
        self._begin = np.logaddexp.reduce(begins, axis=1)
        self._inside = np.logaddexp.reduce(insides, axis=1)

    def entity(self, at: Range) -> float:
        """Return the mean log-odds that the tokens are part of an entity."""
        return float(self._entity[at.first : at.last].mean())

    def labels(self, at: Range) -> np.ndarray:
        """Return each label's mean log-probability, given that there is an entity: (labels,)."""
        return self._among[at.first : at.last].mean(axis=0)

    def borders(self, at: Range, around: Range) -> float:
        """Return the log-probability that of the tokens around exactly these are an entity."""
        return float(
            self._outside[around.first : at.first].sum()
            + self._begin[at.first]
            + self._inside[at.first + 1 : at.last].sum()
            + self._outside[at.last : around.last].sum()
        )

    def chance(self, at: Range, label: int | None) -> float:
        """Return the mean probability of a label, or of none, over the tokens."""
        kept = self._outside if label is None else self._labels[:, label]
        return float(np.exp(kept[at.first : at.last]).mean())

    def says(self, at: Range, label: int | None, than: Range) -> bool:
        """Tell whether no label, and not none, is likelier there, nor the borders ``than``."""
        chances = np.exp(self._labels[at.first : at.last]).mean(axis=0)
        none = self.chance(at, None)
        best = None if none >= chances.max() else int(chances.argmax())
        around = Range(min(at.first, than.first), max(at.last, than.last))
        return best == label and (
            at == than or self.borders(at, around) > self.borders(than, around)
        )


def decoded(scores: Sequence[np.ndarray]) -> list[list[Range]]:
    """Return the ranges of the best valid tags of each document."""
    return [_ranges(path.tolist()) for path in decoding.decode(scores)]


def _ranges(tags: list[int]) -> list[Range]:
    found, first = [], 0
    for at in range(1, len(tags) + 1):
        # The I of the tag before goes on; everything else begins something.
        goes_on = at < len(tags) and tags[at] and tags[at] == tags[first] + tags[first] % 2
        if not goes_on:
            if tags[first]:
                found.append(Range(first, at))
            first = at
    return found


class Prior:
    """How counts of a string's labels speak, beside what all strings' counts are."""

    def __init__(self, totals: np.ndarray) -> None:
        """``totals`` counts labelled places by label, and at last unlabelled ones."""
        labelled = max(int(totals[:-1].sum()), 1)
        self._labels = (totals[:-1] + 1) / (labelled + len(totals) - 1)
        self._entity = (labelled + 1) / (labelled + totals[-1] + 2)

    def labels(self, counts: np.ndarray) -> np.ndarray:
        """Return how much more likely than usual each label is, given that there is an entity."""
        labelled = counts[:-1].sum()
        return np.log((counts[:-1] / self._labels + 1) / (labelled + 1))

    def entity(self, counts: np.ndarray) -> float:
        """Return how much more likely than usual an entity is, as a difference of log-odds."""
        usual = self._entity / (1 - self._entity)
        odds = (counts[:-1].sum() + self._entity) / (counts[-1] + 1 - self._entity)
        return float(np.log(odds / usual))
