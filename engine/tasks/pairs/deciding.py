"""Which answer a pair has by its probabilities, with the threshold that dev chose. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.tasks.pairs.grades import grade
from storage.types import Source, Span


def answer(
    chances: np.ndarray, labels: Sequence[str], threshold: float | None
) -> list[tuple[Span, ...]]:
    """Return the answer of each pair: the likeliest, or what the threshold says.

    ``chances`` are probabilities: float64 of shape (pairs, labels).
    """
    if not len(chances):
        return []
    best, column = chances.argmax(axis=1), positive(labels)
    if threshold is not None and column is not None:
        best = np.where(chances[:, column] >= threshold, column, 1 - column)
    sure = chances[np.arange(len(best)), best].tolist()
    made = zip(best.tolist(), sure, strict=True)
    return [(Span(0, 0, labels[n], "", Source.MODEL, chance),) for n, chance in made]


def positive(labels: Sequence[str]) -> int | None:
    """Return which of two answers says that a pair fits; None where it is not one of two."""
    fits = [place for place, label in enumerate(labels) if grade(label)]
    return fits[0] if len(labels) == 2 and len(fits) == 1 else None


def chances_of(scores: Sequence[np.ndarray], places: Sequence[int]) -> np.ndarray:
    """Return the probabilities of the answers: float64 of shape (places, labels)."""
    return np.exp(np.stack([scores[place][0] for place in places]).astype(np.float64))
