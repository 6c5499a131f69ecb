"""The conditional logit: shares of choices, weights that explain them, a prior for a few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.evaluation.conditional_logit import Choices, fit, log_chances

REAL = np.array([1.5, -0.7])


def drawn(choices: int, seed: int, weights: np.ndarray = REAL) -> Choices:
    """Draw choices of 2 to 5 alternatives by people who weigh so."""
    generator = np.random.default_rng(seed)
    sizes = generator.integers(2, 6, choices)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    features = generator.normal(size=(sizes.sum(), len(weights)))
    chosen = np.zeros(len(features), dtype=bool)
    noise = generator.gumbel(size=len(features))
    for first, size in zip(starts, sizes, strict=True):
        chosen[first + (features @ weights + noise)[first : first + size].argmax()] = True
    return Choices(features, starts, chosen)


def test_the_weights_of_many_choices_are_found() -> None:
    assert fit(drawn(4000, 1), np.zeros(2)) == pytest.approx(REAL, abs=0.1)


def test_few_choices_leave_what_is_usual() -> None:
    usual = np.array([-1.0, 2.0])
    none = Choices(np.zeros((0, 2)), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
    assert fit(none, usual) == pytest.approx(usual)
    few, many = (fit(drawn(count, 2), usual) for count in (3, 3000))
    assert np.abs(few - usual).max() < np.abs(many - usual).max()


def test_a_weight_can_be_held() -> None:
    found = fit(drawn(4000, 1), np.array([0.0, -0.7]), np.array([1.0, 1e9]))
    assert found == pytest.approx(REAL, abs=0.1)
    assert found[1] == pytest.approx(-0.7, abs=1e-5)


def test_evidence_that_leaves_no_doubt_has_finite_weights() -> None:
    features = np.array([[1.0], [0.0]] * 500)
    found = fit(Choices(features, np.arange(0, 1000, 2), features[:, 0] > 0), np.zeros(1))
    assert 3 < found[0] < 20


def test_a_feature_that_all_alternatives_share_says_nothing() -> None:
    plain = drawn(50, 3)
    shared = plain.spread(np.random.default_rng(0).normal(size=(50, 1)))
    both = Choices(np.hstack([plain.features, shared]), plain.starts, plain.chosen)
    assert fit(both, np.zeros(3)) == pytest.approx([*fit(plain, np.zeros(2)), 0], abs=1e-6)


@given(
    arrays(float, (7, 2), elements=st.floats(-500, 500)),
    arrays(float, 2, elements=st.floats(-9, 9)),
)
def test_chances_of_a_choice_sum_to_one(features: np.ndarray, weights: np.ndarray) -> None:
    made = Choices(features, np.array([0, 2, 3]), np.zeros(7, dtype=bool))
    sums = np.add.reduceat(np.exp(log_chances(made, weights)), made.starts)
    assert sums == pytest.approx([1, 1, 1])
