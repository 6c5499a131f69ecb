"""What is most unlike the labelled documents, and how the first of these differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference import novelty as module
from engine.inference.novelty import novelty


def at(*degrees: float) -> np.ndarray:
    """Return vectors of length 1 in these directions."""
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def gap(degrees: float) -> Any:
    return pytest.approx(1 - np.cos(np.radians(degrees)), abs=1e-6)


def test_labelled_documents_have_none_and_far_ones_most() -> None:
    found = novelty(at(0, 10, 90, 40), np.array([True, False, False, False]), chosen=0)
    assert found[0] == 0
    assert found.tolist() == [0, gap(10), gap(90), gap(40)]


def test_the_first_ones_also_differ_from_one_another() -> None:
    # 90 and 89 are the farthest from 0; but once 90 is chosen, 89 is next to it.
    found = novelty(at(0, 90, 89, 45), np.array([True, False, False, False]))
    assert np.argsort(-found).tolist() == [1, 3, 2, 0]
    assert found.tolist() == [0, gap(90), gap(1), gap(45)]


def test_a_twin_and_a_document_without_a_word_are_no_news() -> None:
    vectors = np.concatenate([at(0, 0, 70, 70), np.zeros((1, 2), dtype=np.float32)])
    found = novelty(vectors, np.array([True, False, False, False, False]))
    assert found.tolist() == [0, gap(0), gap(70), gap(0), 0]


def test_without_a_label_everything_is_new() -> None:
    found = novelty(at(0, 90), np.zeros(2, dtype=bool))
    assert found.tolist() == [2, gap(90)]


@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.integers(0, 12))
def test_distances_fall_in_the_order_of_choosing(seed: int, count: int, chosen: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labelled = random.random(count) < 0.3
    found = novelty(vectors, labelled, chosen)
    before = [int(row) for row in np.flatnonzero(labelled)]
    order = [int(row) for row in np.argsort(-found, kind="stable") if not labelled[row]]
    for row in order[:chosen]:
        nearest = min((1 - float(vectors[row] @ vectors[other]) for other in before), default=2.0)
        assert found[row] == pytest.approx(max(0.0, nearest), abs=1e-5)
        before.append(row)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labelled = at(*range(0, 170, 7)), np.arange(25) % 3 == 0
    whole = novelty(vectors, labelled)
    monkeypatch.setattr(module, "ROWS", 2)
    assert novelty(vectors, labelled).tolist() == whole.tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_who_looks_at_some_at_a_time_chooses_the_same(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labelled = random.random(count) < 0.3
    whole = novelty(vectors, labelled, 12)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(module, "POOL", 3)
        small.setattr(module, "ROWS", 4)
        assert novelty(vectors, labelled, 12).tolist() == pytest.approx(whole.tolist(), abs=1e-5)


def test_of_very_many_labelled_documents_some_stand_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "COMPARED", 2)
    found = novelty(at(0, 20, 40, 90), np.array([True, True, True, False]))
    assert found.tolist() == [0, 0, 0, gap(50)]
