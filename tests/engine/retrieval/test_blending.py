"""How much the retriever's cosine counts beside the model's judgement is chosen on dev."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.retrieval.blending import UNKNOWN, blend, choose, likenesses
from storage.types import Document

TEXTS, GRADES = ["a", "a", "a", "b", "b", "c"], [1, 0, 0, 0, 2, 1]
RIGHT = np.array([0.9, 0.1, 0.2, 0.3, 0.6, 0.0])
WRONG = 1 - RIGHT


@pytest.mark.parametrize(
    ("model", "retriever", "weight"),
    [(RIGHT, WRONG, 0.25), (WRONG, RIGHT, 0.75), (RIGHT, RIGHT, UNKNOWN)],
)
def test_who_orders_better_on_dev_is_trusted(
    model: np.ndarray, retriever: np.ndarray, weight: float
) -> None:
    assert choose(TEXTS, GRADES, model, retriever, 1.0) == weight


def test_where_nothing_can_be_ordered_both_count() -> None:
    assert choose(["a", "b"], [1, 0], WRONG[:2], RIGHT[:2], 1.0) == UNKNOWN
    assert choose([], [], WRONG[:0], RIGHT[:0], 1.0) == UNKNOWN


def test_the_cosine_of_each_pair_is_that_of_its_texts_each_read_once() -> None:
    read: list[str] = []

    def embed(texts: Sequence[str]) -> np.ndarray:
        read.extend(texts)
        return np.array([[np.cos(float(text)), np.sin(float(text))] for text in texts])

    pairs = [Document("0", second_text="1"), Document("0", second_text="2")]
    assert likenesses(pairs, embed) == pytest.approx(np.cos([1.0, 2.0]))
    assert read == ["0", "1", "2"]
    assert likenesses([], embed).shape == (0,)


def test_scores_stay_between_nothing_and_the_highest_grade() -> None:
    found = blend(np.array([0.0, 3.0]), np.array([-0.5, 1.0]), 3.0, 0.5)
    assert found.tolist() == [0.0, 3.0]
