"""Counts by label and document, and the same of documents that are drawn anew.

A figure's interval holds the middle 95 % of what comes out where the documents are drawn again:
each comes as often as a Poisson variable of mean 1 says (Hanley and MacGibbon 2006, "Creating
non-parametric bootstrap samples using Poisson frequencies"). So one draw serves all pairs of
people, whichever documents they have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation.bootstrap import LEVEL

DRAWS = 500
TOGETHER = 8


def weights(documents: int, seed: int = 0, draws: int = DRAWS) -> np.ndarray:
    """Return how often each document is drawn: float32 of shape (documents, draws)."""
    generator = np.random.default_rng(seed)
    return generator.poisson(1.0, (documents, draws)).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Counts by label and document, where there are any; ordered by label."""

    labels: int
    label: np.ndarray
    document: np.ndarray
    counts: np.ndarray
    """float32 of shape (entries, kinds of count)."""

    @classmethod
    def of(
        cls, labels: int, documents: int, parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    ) -> Table:
        """Add up: each kind of count is a part of (label, document, how many)."""
        keys = [label * documents + document for label, document, _ in parts]
        known, place = np.unique(np.concatenate(keys), return_inverse=True)
        ends = np.cumsum([len(each) for each in keys])
        columns = [
            np.bincount(place[end - len(key) : end], weights=many, minlength=len(known))
            for key, end, (_, _, many) in zip(keys, ends, parts, strict=True)
        ]
        table = np.stack(columns, axis=1).astype(np.float32)
        return cls(labels, known // max(1, documents), known % max(1, documents), table)

    def totals(self) -> np.ndarray:
        """Return the sums: float64 of shape (labels, kinds of count)."""
        kinds = [
            np.bincount(self.label, weights=column, minlength=self.labels)
            for column in self.counts.T
        ]
        return np.stack(kinds, axis=1)

    def drawn(self, weights: np.ndarray) -> np.ndarray:
        """Return the sums of each draw: float64 of shape (labels, draws, kinds of count)."""
        kinds = self.counts.shape[1]
        found = np.zeros((weights.shape[1], self.labels, kinds))
        # Some labels at once: the draws of their documents are fetched once for all of them.
        for begun in range(0, self.labels, TOGETHER):
            low, high = np.searchsorted(self.label, [begun, begun + TOGETHER])
            documents, place = np.unique(self.document[low:high], return_inverse=True)
            table = np.zeros((len(documents), TOGETHER, kinds), np.float32)
            table[place, self.label[low:high] - begun] = self.counts[low:high]
            sums = weights[documents].T @ table.reshape(len(documents), TOGETHER * kinds)
            part = found[:, begun : begun + TOGETHER]
            part[:] = sums.reshape(-1, TOGETHER, kinds)[:, : part.shape[1]]
        return np.moveaxis(found, 0, 1)


def middle(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of the middle 95 % of values, of shape (…, draws); NaN counts for nothing.

    Where fewer than half of the draws say anything there is no interval.
    """
    ordered = np.sort(values, axis=-1)
    known = (~np.isnan(values)).sum(axis=-1)
    ends = []
    for share in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        place = share * np.maximum(known - 1, 0)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, np.maximum(known - 1, 0))
        at = (np.take_along_axis(ordered, each[..., None], -1)[..., 0] for each in (low, high))
        before, after = at
        end = before + (place - low) * (after - before)
        ends.append(np.where(2 * known >= values.shape[-1], end, np.nan))
    return ends[0], ends[1]
