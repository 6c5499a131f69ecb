"""Satisfies ``engine.tasks.base.Fitting``: answers stand for grades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.tasks.pairs.grades import MATCH, NO_MATCH, grade, least_positive

if TYPE_CHECKING:
    import numpy as np


class Graded:
    """Answers as grades: "match" is 1, "no match" is 0, a number stands for itself."""

    def grade(self, label: str) -> int:
        """Return the grade that an answer stands for."""
        return grade(label)

    def positive(self, labels: Sequence[str]) -> int:
        """Return the grade from which a pair belongs together: half of the highest."""
        return least_positive(labels)

    def relevance(self, chances: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Return the expected grade of each pair: float64 of shape (pairs,)."""
        from engine.tasks.pairs.relevance import relevance

        return relevance(chances, labels)

    def answers(self, labels: Sequence[str]) -> tuple[str, str]:
        """Return the answers with the highest grade and with none; new ones where one lacks."""
        best = max(labels, key=grade, default=MATCH)
        none = next((label for label in labels if not grade(label)), NO_MATCH)
        return (best if grade(best) else MATCH), none
