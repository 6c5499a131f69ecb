"""Batches: fixed by seed and epoch, little padding, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.batches import by_budget, collate, order
from engine.encoding.examples import IGNORED, Window

LENGTHS = st.lists(st.integers(2, 128), max_size=300)


def window(length: int, words: int = 1) -> Window:
    return Window(
        0, tuple(range(1, length + 1)), tuple(range(words)), tuple(range(words)), (0,) * words
    )


@given(LENGTHS, st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(1, 50))
def test_an_epoch_holds_every_window_once(lengths: list, size: int, seed: int, epoch: int) -> None:
    batches = order(lengths, size, seed, epoch)
    assert sorted(sum(batches, [])) == list(range(len(lengths)))
    assert all(len(batch) <= size for batch in batches)
    assert len(batches) == -(-len(lengths) // size)


def test_the_order_follows_from_seed_and_epoch_alone() -> None:
    lengths = np.random.default_rng(0).integers(4, 60, 200).tolist()
    first = order(lengths, 8, 1, 1)
    np.random.seed(99)
    assert order(lengths, 8, 1, 1) == first
    assert order(lengths, 8, 1, 2) != first
    assert order(lengths, 8, 2, 1) != first


def test_at_least_85_percent_of_a_batch_are_real_pieces() -> None:
    # Lengths as in news: about 20 words, some very long.
    lengths = (np.random.default_rng(0).gamma(2.5, 8, 2000) + 3).astype(int).tolist()
    batches = order(lengths, 16, 3, 1)
    padded = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
    assert sum(lengths) / padded >= 0.85


@given(LENGTHS, st.integers(1, 500))
def test_a_budget_holds_but_for_a_single_long_window(lengths: list, budget: int) -> None:
    batches = list(by_budget(lengths, budget))
    assert sorted(sum(batches, [])) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget


def test_padding_is_masked_and_asks_for_no_tag() -> None:
    batch = collate([window(5, 3), window(2, 1)], padding=9)
    assert batch.pieces.tolist() == [[1, 2, 3, 4, 5], [1, 2, 9, 9, 9]]
    assert batch.mask.tolist() == [[1] * 5, [1, 1, 0, 0, 0]]
    assert batch.targets.tolist() == [[0, 0, 0, IGNORED, IGNORED], [0] + [IGNORED] * 4]
    assert (batch.asked, batch.units) == (4, 4)


def test_tokens_of_unknown_tag_are_words_but_not_asked() -> None:
    unknown = Window(0, (1, 2, 3), (0, 1), (0, 1), (IGNORED, 2))
    batch = collate([unknown], padding=0)
    assert (batch.asked, batch.units) == (1, 2)


@pytest.mark.parametrize("count", [0, 1])
def test_no_window_or_one_window_is_no_special_case(count: int) -> None:
    assert order([5] * count, 8, 1, 1) == [[0]] * count
    assert list(by_budget([5] * count, 10)) == [[0]] * count
