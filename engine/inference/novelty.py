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

Pause = Callable[[], None]


def novelty(
    vectors: np.ndarray, labelled: np.ndarray, chosen: int = CHOSEN, pause: Pause = lambda: None
) -> np.ndarray:
    """Return each document's distance to all that comes before it: 0 where it is labelled.

    Distance is 1 less the cosine. First come the labelled documents, ``labelled`` marks them,
    then ``chosen`` others, farthest first; the rest is measured from all of these. So sorting
    by distance gives the order in which they were chosen.
    """
    waiting = ~labelled & vectors.any(axis=1)
    nearest = np.where(waiting, _distances(vectors, vectors[labelled], pause), 0.0)
    for _ in range(min(chosen, int(waiting.sum()))):
        pause()
        farthest = int(np.where(waiting, nearest, -1.0).argmax())
        waiting[farthest] = False
        closer = (1 - vectors @ vectors[farthest]).clip(min=0)
        nearest[waiting] = np.minimum(nearest, closer)[waiting]
    return nearest


def _distances(vectors: np.ndarray, others: np.ndarray, pause: Pause) -> np.ndarray:
    """Return the distance of each vector to the nearest of the others, the greatest without any."""
    nearest = np.full(len(vectors), GREATEST)
    for start in range(0, len(vectors), ROWS):
        rows = slice(start, start + ROWS)
        for first in range(0, len(others), ROWS):
            closest = (vectors[rows] @ others[first : first + ROWS].T).max(axis=1)
            nearest[rows] = np.minimum(nearest[rows], 1 - closest)
            pause()
    return nearest.clip(min=0)
