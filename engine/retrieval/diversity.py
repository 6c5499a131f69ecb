"""A list whose entries fit and differ from each other."""

from __future__ import annotations

import numpy as np


def diversify(relevance: np.ndarray, vectors: np.ndarray, most: int, share: float) -> list[int]:
    """Choose rows one by one: each fits well, and is unlike those chosen before it.

    Maximal marginal relevance (Carbonell and Goldstein 1998): the next row is the one with the
    highest ``(1 - share) · relevance - share · likeness``, where likeness is the highest inner
    product with a chosen row. With 0 the order is that of the relevance alone; with 1 only what
    is unlike counts, after the first.

    Args:
        relevance: of shape (rows,), brought to 0 … 1 here, so that both sides weigh alike.
        vectors: float32 of shape (rows, width), each of length 1.
        most: how many to choose at most.
        share: from 0 to 1.

    Returns the places of the chosen rows, the first chosen first.
    """
    fits = _to_unit(np.asarray(relevance, dtype=np.float64))
    likeness = np.zeros(len(fits))
    chosen: list[int] = []
    left = np.ones(len(fits), dtype=bool)
    for _ in range(min(most, len(fits))):
        worth = np.where(left, (1 - share) * fits - share * likeness, -np.inf)
        # The first is always the one that fits best: there is nothing yet to be unlike.
        best = int(np.argmax(worth if chosen else np.where(left, fits, -np.inf)))
        chosen.append(best)
        left[best] = False
        near = np.asarray(vectors @ vectors[best], dtype=np.float64)
        likeness = near if len(chosen) == 1 else np.maximum(likeness, near)
    return chosen


def _to_unit(values: np.ndarray) -> np.ndarray:
    if not len(values):
        return values
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.ones_like(values)
