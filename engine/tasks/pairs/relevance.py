"""How well the second text of a pair fits the first, from the probabilities of the answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.tasks.pairs.grades import grade


def relevance(chances: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Return the expected grade of each pair: float64 of shape (pairs,).

    Of two answers, "match" and "no match", it is the probability of a match; of graded ones the
    mean grade, which ranks by more than the likeliest answer does (Li, Burges and Wu 2007,
    "McRank").

    Args:
        chances: probabilities of shape (pairs, labels), the labels in the order of ``labels``.
    """
    grades = np.array([grade(label) for label in labels], dtype=np.float64)
    return np.asarray(chances, dtype=np.float64) @ grades
