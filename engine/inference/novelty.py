"""Which documents are most unlike those that are labelled, by the vectors of an encoder.

The order is farthest-first traversal:
next is always the document that is farthest from everything labelled and from everything
chosen before it, so that the first ones also differ from one another (Gonzalez 1985,
"Clustering to Minimize the Maximum Intercluster Distance"; for active learning, Sener and
Savarese 2018, "Active Learning for Convolutional Neural Networks: A Core-Set Approach").
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# So many are chosen one by one: more than a person tags before the next training.
CHOSEN = 500
# Rows compared at a time; 2,000 × 2,000 similarities are 16 MB.
ROWS = 2000
GREATEST = 2.0
# Labelled documents that all others are compared with at most, and others that are looked at to
# choose from: with a million documents, minutes instead of hours.
COMPARED, POOL = 20_000, 20_000

Pause = Callable[[], None]


def novelty(
    vectors: np.ndarray, labelled: np.ndarray, chosen: int = CHOSEN, pause: Pause = lambda: None
) -> np.ndarray:
    """Return each document's distance to all that comes before it: 0 where it is labelled.

    Distance is 1 less the cosine. First come the labelled documents, ``labelled`` marks them,
    then ``chosen`` others, farthest first; the rest is measured from all of these. So sorting
    by distance gives the order in which they were chosen. Of very many labelled documents some
    stand for all, evenly taken. No more than some thousands of ``vectors`` are held at a time.
    """
    nearest = np.zeros(len(vectors))
    waiting = ~labelled & _any(vectors)
    known = _evenly(np.flatnonzero(labelled), COMPARED)
    nearest[waiting] = GREATEST
    _come_nearer(nearest, vectors, np.flatnonzero(waiting), vectors[known], pause)
    nearest.clip(min=0, out=nearest)
    left = min(chosen, int(waiting.sum()))
    while left:
        found = _choose(nearest, vectors, np.flatnonzero(waiting), left, pause)
        waiting[found] = False
        left -= len(found)
        _come_nearer(nearest, vectors, np.flatnonzero(waiting), vectors[found], pause)
        nearest.clip(min=0, out=nearest)
    return nearest


def _choose(
    nearest: np.ndarray, vectors: np.ndarray, waiting: np.ndarray, most: int, pause: Pause
) -> list[int]:
    """Return the farthest of the waiting rows, one after another, as long as that is sure.

    Only the farthest are looked at: all others are at most as far as ``beyond``, and come nearer
    with each that is chosen. ``nearest`` of those that are returned is what it was then.
    """
    pool, beyond = waiting, -1.0
    if len(waiting) > POOL:
        # Stable: of equally far ones the first is chosen, as where all are looked at.
        order = np.argsort(-nearest[waiting], kind="stable")
        pool = np.sort(waiting[order[:POOL]])
        beyond = float(nearest[waiting[order[POOL:]]].max())
    held, far = vectors[pool], nearest[pool]
    found: list[int] = []
    is_open = np.ones(len(pool), dtype=bool)
    while len(found) < min(most, len(pool)):
        pause()
        at = int(np.where(is_open, far, -1.0).argmax())
        if found and far[at] < beyond:
            break
        is_open[at] = False
        found.append(at)
        closer = (1 - held @ held[at]).clip(min=0)
        far[is_open] = np.minimum(far, closer)[is_open]
    nearest[pool[found]] = far[found]
    return pool[found].tolist()


def _come_nearer(
    nearest: np.ndarray, vectors: np.ndarray, rows: np.ndarray, others: np.ndarray, pause: Pause
) -> None:
    """Let ``nearest`` of some rows be no more than the distance to the nearest of the others."""
    for start in range(0, len(rows), ROWS):
        here = rows[start : start + ROWS]
        held = vectors[here]
        for first in range(0, len(others), ROWS):
            closest = (held @ others[first : first + ROWS].T).max(axis=1)
            nearest[here] = np.minimum(nearest[here], 1 - closest)
            pause()


def _any(vectors: np.ndarray) -> np.ndarray:
    """Return which vectors have a direction."""
    found = np.zeros(len(vectors), dtype=bool)
    for start in range(0, len(vectors), ROWS):
        found[start : start + ROWS] = vectors[start : start + ROWS].any(axis=1)
    return found


def _evenly(rows: np.ndarray, most: int) -> np.ndarray:
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
