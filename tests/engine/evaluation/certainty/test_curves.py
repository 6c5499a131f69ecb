"""ROC and precision-recall curves: scikit-learn's points and areas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from engine.evaluation.certainty import curves

ANSWERS = st.lists(
    st.tuples(st.integers(0, 12).map(lambda n: n / 12), st.booleans()), min_size=2, max_size=60
).filter(lambda rows: len({right for _, right in rows}) == 2)


@given(ANSWERS)
def test_points_and_areas_are_those_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    scores, right = (np.array(each) for each in zip(*rows, strict=True))
    found = curves.of(scores, right)
    assert found
    false, true, thresholds = roc_curve(right, scores, drop_intermediate=False)
    theirs = [
        [x, y, at if np.isfinite(at) else None]
        for x, y, at in zip(false, true, thresholds, strict=True)
    ]
    assert found["roc"] == theirs
    precision, recall, thresholds = precision_recall_curve(right, scores)
    ours = np.array([row[:2] for row in found["precision_recall"]])
    assert np.array_equal(ours, np.stack([recall, precision], axis=1))
    assert [row[2] for row in found["precision_recall"]] == [*thresholds, None]
    assert found["auroc"] == pytest.approx(roc_auc_score(right, scores), abs=1e-12)
    theirs = average_precision_score(right, scores)
    assert found["average_precision"] == pytest.approx(theirs, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(ANSWERS)
def test_no_other_threshold_has_a_higher_f1(rows: list[tuple[float, bool]]) -> None:
    scores, right = (np.array(each) for each in zip(*rows, strict=True))
    found = curves.of(scores, right)
    assert found
    every = {at: f1_score(right, scores >= at) for at in scores}
    best = found["best"]
    assert best["f1"] == pytest.approx(max(every.values()))
    assert every[best["threshold"]] == pytest.approx(best["f1"])


def test_a_long_curve_is_thinned_out_and_keeps_its_ends_its_shape_and_its_areas() -> None:
    draw = np.random.default_rng(0)
    right = draw.random(5000) < 0.3
    scores = draw.normal(right * 1.5)
    found = curves.of(scores, right)
    assert found
    assert found["auroc"] == pytest.approx(roc_auc_score(right, scores), abs=1e-12)
    points = np.array([row[:2] for row in found["roc"]])
    assert len(points) <= curves.KEPT + 2
    assert points[0].tolist() == [0, 0] and points[-1].tolist() == [1, 1]
    assert np.trapezoid(points[:, 1], points[:, 0]) == pytest.approx(found["auroc"], abs=2e-3)


def test_of_one_answer_alone_there_is_no_curve() -> None:
    assert curves.of(np.array([0.2, 0.9]), np.array([True, True])) is None
    assert curves.of(np.array([0.2, 0.9]), np.array([False, False])) is None
