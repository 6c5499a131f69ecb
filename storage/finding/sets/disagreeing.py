"""Which documents people and the newest model do not agree about, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from storage.finding.sets import bit_sets


@dataclass(frozen=True, slots=True)
class Disagreeing:
    """The documents where people and the newest model do not agree, in ascending order."""

    ids: np.ndarray
    """int64."""
    scores: np.ndarray
    """float64: how sure the model is of its surest mark; NaN where it only lacks one."""

    @classmethod
    def of(cls, found: Mapping[int, float | None]) -> Disagreeing:
        """Take what ``disagreements.find`` says."""
        scores = [nan if score is None else score for score in found.values()]
        return cls(np.array(list(found), np.int64), np.array(scores, np.float64))

    @property
    def members(self) -> int:
        """Return them as a set."""
        return bit_sets.of(self.ids)

    def surest(self, most: int | None = None) -> list[tuple[int, float | None]]:
        """Return them with their scores, the surest first; those without a score come last."""
        sure = np.nan_to_num(self.scores)
        order = np.lexsort((self.ids, -sure))[:most]
        found = zip(self.ids[order].tolist(), self.scores[order].tolist(), strict=True)
        return [(id, None if isnan(score) else score) for id, score in found]

    def with_changes(self, changed: int, found: Disagreeing) -> Disagreeing:
        """Return them with what is found now of a set of documents that changed."""
        left = ~np.isin(self.ids, bit_sets.numbers(changed))
        ids = np.concatenate([self.ids[left], found.ids])
        scores = np.concatenate([self.scores[left], found.scores])
        order = np.argsort(ids)
        return Disagreeing(ids[order], scores[order])
