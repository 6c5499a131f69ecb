"""The nearest vectors among many, by cosine: chunk after chunk, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# 1,000 × 4,000 similarities are 16 MB.
QUERIES, KEYS = 1000, 4000
# The similarity of what may not be compared, and of nothing: below every cosine.
NONE = -2.0


class Nearest(NamedTuple):
    """The nearest keys of each query, the most similar first; -1 where there are not so many.

    Both of shape (queries, count): int64 numbers of keys, float32 cosines.
    """

    keys: np.ndarray
    similarities: np.ndarray


def nearest(
    queries: np.ndarray,
    keys: np.ndarray,
    count: int,
    apart: tuple[np.ndarray, np.ndarray] | None = None,
    pause: Callable[[], None] = lambda: None,
) -> Nearest:
    """Return the ``count`` nearest keys of every query.

    Args:
        queries, keys: vectors of length 1, or 0, of shape (…, width); one of zeros is near none.
        apart: a number for each query and each key. Those with equal numbers are not compared:
            a vector and itself, two marks of one document.
        pause: called after every portion; may raise.
    """
    found = Nearest(
        np.full((len(queries), count), -1, dtype=np.int64),
        np.full((len(queries), count), NONE, dtype=np.float32),
    )
    there = np.any(keys, axis=1)
    for start in range(0, len(queries), QUERIES):
        rows = slice(start, start + QUERIES)
        asked = np.any(queries[rows], axis=1)
        for first in range(0, len(keys), KEYS):
            columns = slice(first, first + KEYS)
            likeness = queries[rows] @ keys[columns].T
            hidden = ~(asked[:, None] & there[columns])
            if apart:
                hidden |= apart[0][rows, None] == apart[1][columns]
            likeness[hidden] = NONE
            _merge(found, rows, first, likeness)
            pause()
    found.keys[found.similarities <= NONE] = -1
    return found


def _merge(found: Nearest, rows: slice, first: int, likeness: np.ndarray) -> None:
    """Keep the best of what was found before and of the next portion; equals in their order."""
    numbers = np.broadcast_to(np.arange(first, first + likeness.shape[1]), likeness.shape)
    both = np.concatenate([found.similarities[rows], likeness], axis=1)
    names = np.concatenate([found.keys[rows], numbers], axis=1)
    order = np.argsort(-both, axis=1, kind="stable")[:, : found.keys.shape[1]]
    found.similarities[rows] = np.take_along_axis(both, order, axis=1)
    found.keys[rows] = np.take_along_axis(names, order, axis=1)
