"""How unsure a model is: from probabilities that are worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.tasks.uncertainty import doubt


def logs(*rows: list[float]) -> np.ndarray:
    # A model's probabilities are small, never zero.
    return np.log(np.array(rows, dtype=np.float32).clip(min=1e-30))


def test_a_model_that_is_sure_has_no_doubt() -> None:
    found = doubt(logs([1, 0, 0], [0, 0, 1]))
    assert (found.entropy, found.confidence, found.margin) == (pytest.approx(0), 0, 1)


def test_a_model_that_knows_nothing_has_the_most() -> None:
    found = doubt(logs([1 / 3] * 3, [1 / 3] * 3))
    assert found.entropy == pytest.approx(math.log(3))
    assert found.confidence == pytest.approx(2 / 3)
    assert found.margin == pytest.approx(0, abs=1e-6)


def test_entropy_is_the_mean_and_the_others_are_the_worst_token() -> None:
    found = doubt(logs([0.5, 0.5, 0], [1, 0, 0], [0.6, 0.3, 0.1], [1, 0, 0]))
    entropy = math.log(2) - 0.6 * math.log(0.6) - 0.3 * math.log(0.3) - 0.1 * math.log(0.1)
    assert found.entropy == pytest.approx(entropy / 4, rel=1e-5)
    assert found.confidence == pytest.approx(0.5)
    assert found.margin == pytest.approx(0, abs=1e-6)
    assert doubt(logs([0.6, 0.3, 0.1])).margin == pytest.approx(0.3)


def test_a_document_without_a_token_has_nothing_to_measure() -> None:
    assert doubt(np.zeros((0, 3), dtype=np.float32)) is None
