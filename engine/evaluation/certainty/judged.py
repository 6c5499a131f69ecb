"""What a report's figures are counted from, as arrays: a row for each match. NumPy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from storage.types import ErrorKind, Match

RIGHT, PREDICTED, GOLD = range(3)


class Judgement(NamedTuple):
    """A match without its places: labels are None on a side that is not there."""

    document: int
    gold: str | None
    predicted: str | None
    right: bool
    score: float | None
    """How sure the model was of what it predicted, where that is known."""

    @classmethod
    def of(cls, match: Match) -> Judgement:
        gold, predicted = match.gold, match.predicted
        return cls(
            match.document,
            gold.label if gold else None,
            predicted.label if predicted else None,
            match.kind is ErrorKind.EXACT,
            predicted.score if predicted else None,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """All matches of a split. ``gold`` and ``predicted`` are places in ``labels``, or -1.

    ``document`` numbers those documents that have a match, from 0. Each array has the shape
    (matches,); a score is NaN where nothing was predicted, or it is not known.
    """

    labels: tuple[str, ...]
    document: np.ndarray
    gold: np.ndarray
    predicted: np.ndarray
    right: np.ndarray
    score: np.ndarray

    @classmethod
    def of(cls, found: Iterable[Judgement]) -> Judged:
        """Return them in their order."""
        rows = list(found)
        labels = sorted({name for row in rows for name in (row.gold, row.predicted) if name})
        place: dict[str | None, int] = {None: -1, **{name: at for at, name in enumerate(labels)}}
        documents = np.array([row.document for row in rows], dtype=np.int64)
        return cls(
            tuple(labels),
            np.unique(documents, return_inverse=True)[1].reshape(-1),
            np.array([place[row.gold] for row in rows], dtype=np.int64),
            np.array([place[row.predicted] for row in rows], dtype=np.int64),
            np.array([row.right for row in rows], dtype=bool),
            np.array([row.score for row in rows], dtype=np.float64),
        )

    def counts(self, label: int | None = None) -> np.ndarray:
        """Count what is right, predicted and gold of a label, or of all, in each document.

        Returns:
            int64 of shape (documents that have some, 3).
        """
        sides = [
            side == label if label is not None else side >= 0
            for side in (self.predicted, self.gold)
        ]
        size = int(self.document.max(initial=-1)) + 1
        columns = [
            np.bincount(self.document[rows], minlength=size)
            for rows in (self.right & sides[1], *sides)
        ]
        counts = np.stack(columns, axis=1)
        return counts[counts.any(axis=1)]
