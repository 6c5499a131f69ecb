"""The learner's sums: exact, whatever the order, and as if what was unlearned had never been."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from engine.coach.regression.calibration import Calibration, fitted
from engine.coach.regression.ridge import EVENNESS, PENALTY, Ridge, Units
from engine.training.loss import BinaryCrossEntropy, CrossEntropy

WIDTH, OUTPUTS = 4, 3


def drawn(seed: int, units: int) -> Units:
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(units, WIDTH)).astype(np.float32)
    answers = np.eye(OUTPUTS, dtype=np.float32)[draw.integers(0, OUTPUTS, units)]
    return Units(rows, answers, answers[:, 0] == 1)


def learned(documents, signs=None) -> Ridge:
    ridge = Ridge(WIDTH, OUTPUTS)
    for number, units in enumerate(documents):
        ridge.add(units, signs[number] if signs else 1.0)
    return ridge


def directly(documents) -> np.ndarray:
    """Solve the weighted problem as a textbook does."""
    parts = [(each.rows, each.answers, each.outside) for each in documents]
    rows, answers, outside = map(np.concatenate, zip(*parts, strict=True))
    inside = max(1, (~outside).sum())
    weight = min(1.0, (inside / max(1, outside.sum())) ** EVENNESS)
    weights = np.where(outside, weight, 1.0)[:, None]
    left = (rows * weights).T.astype(float) @ rows + PENALTY * np.eye(WIDTH)
    return np.linalg.solve(left, (rows * weights).T.astype(float) @ answers)


@given(units=some.lists(some.integers(1, 6), min_size=1, max_size=6), order=some.randoms())
def test_the_solution_is_that_of_all_documents_in_whatever_order(units, order):
    documents = [drawn(seed, count) for seed, count in enumerate(units)]
    expected = directly(documents)
    order.shuffle(documents)
    assert learned(documents).solve().weights.numpy() == pytest.approx(expected, abs=1e-6)


@given(seed=some.integers(0, 99))
def test_what_was_unlearned_leaves_no_trace(seed):
    stays, goes = [drawn(seed, 5)], drawn(seed + 1, 4)
    ridge = learned([*stays, goes, goes], [1.0, 1.0, -1.0])
    assert ridge.inside.count + ridge.outside.count == 5
    expected = learned(stays).solve().weights
    assert torch.allclose(ridge.solve().weights, expected, atol=1e-9)


def test_an_output_that_comes_later_changes_nothing_of_the_others():
    document = drawn(1, 9)
    ridge = learned([document])
    before = ridge.solve().weights
    ridge.widen(OUTPUTS + 2)
    assert ridge.outputs == OUTPUTS + 2
    after = ridge.solve().weights
    assert torch.equal(after[:, :OUTPUTS], before) and not after[:, OUTPUTS:].any()


def test_values_without_a_document_are_those_of_a_learner_that_never_saw_it():
    # Nothing is outside, so that what outside weighs stays the same without the document.
    drawn_ones = [drawn(seed, seed + 3) for seed in range(5)]
    documents = [replace(each, outside=np.zeros(len(each.rows), bool)) for each in drawn_ones]
    told = learned(documents).solve().without(documents[1:3])
    for number in (1, 2):
        others = learned(documents[:number] + documents[number + 1 :]).solve()
        expected = others.predict(documents[number].rows)
        assert told[number - 1] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("objective", [CrossEntropy, BinaryCrossEntropy])
def test_calibration_says_as_much_as_the_values_know(objective):
    draw = np.random.default_rng(0)
    answers = np.eye(OUTPUTS)[draw.integers(0, OUTPUTS, 400)]
    sure = 0.8 * answers + 0.1
    guessed = 0.8 * np.eye(OUTPUTS)[draw.integers(0, OUTPUTS, 400)] + 0.1
    assert fitted(sure, answers, objective.chances).slope == 24.0
    assert fitted(guessed, answers, objective.chances).slope == 2.0
    assert fitted(sure[:0], answers[:0], objective.chances) == Calibration()
    scores = fitted(sure, answers, objective.chances).scores(sure, objective.chances)
    assert scores.dtype == np.float32 and (scores <= 0).all()
