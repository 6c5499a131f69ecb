"""Thresholds: from when on a label is given, as dev says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from engine.tasks.classification import thresholds
from engine.tasks.classification.thresholds import ENOUGH, HIGHEST, LOWEST, USUAL
from storage.types import Document, Span

answers = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.7, 0.9]), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(answers)
def test_no_other_threshold_has_a_better_f1(pairs: list[tuple[float, bool]]) -> None:
    chances, right = (np.array(side) for side in zip(*pairs, strict=True))
    chosen = thresholds.best(chances, right)
    assert LOWEST <= chosen <= HIGHEST
    tried = (0.15, 0.25, 0.4, 0.6, 0.8, chosen)
    scores = [f1_score(right, chances >= t, zero_division=0) for t in tried]
    assert scores[-1] >= max(scores) - 1e-12


def documents(*labels: str) -> list[Document]:
    return [Document("", spans=(Span(0, 0, label),) if label else ()) for label in labels]


def test_a_label_that_dev_seldom_has_takes_the_one_that_is_best_for_all() -> None:
    often = ["a"] * ENOUGH + ["b"] + [""] * 4
    chances = np.array([[0.4, 0.02]] * ENOUGH + [[0.1, 0.3]] + [[0.1, 0.02]] * 4)
    found = thresholds.choose(documents(*often), np.log(chances), ["a", "b"])
    assert found["a"] == 0.25
    assert 0.1 < found["b"] < 0.3


def test_without_dev_every_label_is_given_from_one_half_on() -> None:
    assert thresholds.choose([], np.zeros((0, 2)), ["a", "b"]) == {}
    assert thresholds.choose(documents("", ""), np.zeros((2, 1)), ["a"]) == {}
    assert thresholds.in_order({"a": 0.2}, ["a", "b"]).tolist() == [0.2, USUAL]
