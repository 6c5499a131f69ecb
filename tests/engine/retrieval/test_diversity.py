"""A diverse list: it begins with the best, and what is like an entry comes after what is not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.retrieval.diversity import diversify

# Two that are nearly one, and one apart; the first two fit best.
VECTORS = np.array([[1, 0], [0.99, 0.1411], [0, 1]], dtype=np.float32)
RELEVANCE = np.array([0.9, 0.8, 0.5])


@pytest.mark.parametrize(
    ("share", "order"), [(0.0, [0, 1, 2]), (0.3, [0, 1, 2]), (0.6, [0, 2, 1]), (1.0, [0, 2, 1])]
)
def test_the_more_difference_counts_the_later_comes_what_is_there_already(
    share: float, order: list[int]
) -> None:
    assert diversify(RELEVANCE, VECTORS, 3, share) == order


def test_no_more_is_chosen_than_asked_for_and_than_there_is() -> None:
    assert diversify(RELEVANCE, VECTORS, 2, 0.6) == [0, 2]
    assert diversify(RELEVANCE[:0], VECTORS[:0], 2, 0.6) == []
    assert sorted(diversify(np.ones(3), VECTORS, 9, 0.5)) == [0, 1, 2]
