"""What answers are worth, and how well a pair fits by their probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from engine.tasks.pairs.grades import grade
from engine.tasks.pairs.relevance import relevance


@pytest.mark.parametrize(
    "label", ["no match", "No", "0", "-2", "FALSE", "not relevant", "no_match", "non-match", "否"]
)
def test_what_denies_is_worth_nothing(label: str) -> None:
    assert grade(label) == 0


@pytest.mark.parametrize(
    ("label", "worth"),
    [("match", 1), ("1", 1), ("3", 3), ("2.0", 2), ("yes", 1), ("notable", 1), ("nonsense", 1)],
)
def test_a_number_is_worth_itself_and_a_word_one(label: str, worth: int) -> None:
    assert grade(label) == worth


def test_relevance_is_the_expected_grade() -> None:
    chances = np.array([[0.25, 0.75], [1.0, 0.0]])
    assert relevance(chances, ["match", "no match"]) == pytest.approx([0.25, 1.0])
    assert relevance(np.array([[0.5, 0.25, 0.25]]), ["0", "2", "3"]) == pytest.approx([1.25])
