"""Learning curves: what is said of more data, and that it comes as it was said."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from engine.evaluation import learning_curve, power_law
from engine.evaluation.learning_curve import (
    ALL,
    SHARES,
    Curve,
    Outlook,
    Point,
    curves,
    of_json,
    step,
)

DOCUMENTS = 150
# Error of each label by the sentences that have it: a, b, c.
STEEP, LEVEL = (4.0, 0.55, 0.02), (0.0, 0.5, 0.3)


def points(laws: Sequence[tuple], most: int = 240, *, seed: int = 0) -> list[Point]:
    """Make the points of labels A, B, …: dev has a mark of each in every document.

    How often the model is right follows the label's law; a wrong mark has nothing in its place.
    """
    chance, labels = np.random.default_rng(seed), [chr(65 + at) for at in range(len(laws))]
    luck, found = chance.random((DOCUMENTS, len(laws))), []
    for repeat in (1, 2):
        for share in SHARES:
            size = most * share // 8
            # The same documents are hard for all models: their luck hardly changes.
            shaken = (luck + chance.normal(0, 0.04, luck.shape)) % 1
            wrong = power_law.error(np.array(laws, dtype=float), size)
            right = (shaken > wrong).astype(float)
            counts = np.zeros((DOCUMENTS, len(laws) + 1, 3))
            counts[:, :-1] = np.stack([right, np.ones_like(right), np.ones_like(right)], axis=-1)
            counts[:, -1] = counts[:, :-1].sum(axis=1)
            found.append(Point(2 * size, repeat, dict.fromkeys(labels, size), counts))
    return found


def drawn(*laws: tuple, most: int = 240, seed: int = 0) -> dict[str, Curve]:
    labels = [chr(65 + at) for at in range(len(laws))]
    return curves(labels, points(laws, most, seed=seed), DOCUMENTS)


def test_a_label_that_still_grows_is_told_with_what_more_of_it_should_bring() -> None:
    found = drawn(STEEP, LEVEL)
    assert list(found) == ["A", "B", ALL]
    curve = found["A"]
    assert (curve.now, curve.support, curve.outlook) == (240, DOCUMENTS, Outlook.GROWS)
    gain = curve.gain(100)
    low, high = round(100 * gain.low), round(100 * gain.high)
    assert curve.sentence == f"100 more documents with A should bring {low}–{high} points."
    a, b, _ = STEEP
    assert curve.slope == pytest.approx(a * b * 240 ** (-b - 1), rel=0.5)
    assert found[ALL].sentence.startswith("200 more documents ")
    assert (found[ALL].now, found[ALL].support) == (480, 2 * DOCUMENTS)


def test_a_label_that_does_not_grow_is_not_praised() -> None:
    told = [drawn(LEVEL, seed=seed)["A"] for seed in range(4)]
    assert not any(curve.outlook is Outlook.GROWS for curve in told)
    assert any("may bring" in curve.sentence or "hardly" in curve.sentence for curve in told)
    flat = Curve("A", (50, 100, 200), (0.7,) * 3, 99, np.array([[0, 0.5, 0.3]] * 9), 0.01)
    assert flat.sentence == "100 more documents with A would hardly help: less than 1 point."
    assert flat.slope == 0


@pytest.mark.parametrize(
    ("sizes", "f1", "support", "because"),
    [
        ((50, 100, 200), (0.5, 0.6, 0.7), 9, "A: dev has only 9 marks of A, too few to tell."),
        ((1, 3, 7), (0.5, 0.6, 0.7), 30, "A: only 7 documents with A, too few for a curve."),
        ((200, 200), (0.6, 0.7), 30, "A: only 200 documents with A, too few for a curve."),
        ((50, 100, 200), (0, 0, 0), 30, "A: no model has found one yet, at any size."),
    ],
)
def test_where_nothing_can_be_said_that_is_said(
    sizes: tuple, f1: tuple, support: int, because: str
) -> None:
    curve = Curve("A", sizes, f1, support, np.zeros((1, 3)), 0.0)
    assert (curve.outlook, curve.sentence) == (Outlook.UNKNOWN, because)


def test_what_was_predicted_comes_as_often_as_was_said() -> None:
    """Fitted to half of what there will be; the law goes on as it was planted."""
    inside, gained, (a, b, _) = [], [], STEEP
    for seed in range(30):
        curve = drawn(STEEP, most=200, seed=seed)["A"]
        later = points((STEEP,), most=400, seed=seed)[4].counts[:, -1].sum(axis=0)
        expected, low, high = curve.at(400)
        assert 0 <= low <= expected + 0.1 and expected - 0.1 <= high <= 1
        inside.append(low <= later[0] / later[2] <= high)
        gain = curve.gain(100)
        gained.append(gain.low <= a * (200**-b - 300**-b) <= gain.high)
        first, last = curve.rise(200, 400)
        assert first < last
    assert np.mean(inside) >= 0.7 and np.mean(gained) >= 0.6
    assert low > 0 and high - low < 0.3, "an interval that says nothing is always right"


def test_a_curve_comes_back_from_its_report_and_is_drawn_the_same_each_time() -> None:
    found = drawn(STEEP, LEVEL)
    text = json.dumps({label: curve.to_json() for label, curve in found.items()})
    for label, curve in found.items():
        again = of_json(label, json.loads(text)[label])
        assert again.sentence == curve.sentence
        assert again.at(500) == pytest.approx(curve.at(500), abs=1e-3)
    assert text == json.dumps({k: c.to_json() for k, c in drawn(STEEP, LEVEL).items()})


def test_a_label_that_some_parts_lack_is_fitted_to_the_others() -> None:
    made = points((STEEP,), most=240)
    lacking = [
        Point(p.documents, p.repeat, {} if p.documents < 100 else p.sentences, p.counts)
        for p in made
    ]
    curve = curves(["A"], lacking, DOCUMENTS)["A"]
    assert min(curve.sizes) == 0 and not curve.unknown
    assert curve.gain(100).high > 0


@pytest.mark.parametrize(("now", "more"), [(8, 5), (40, 20), (300, 150), (348, 150), (5000, 2000)])
def test_one_speaks_of_a_round_number_of_sentences(now: int, more: int) -> None:
    assert step(now) == more


def test_the_smallest_part_comes_first_and_the_largest_is_all() -> None:
    assert list(SHARES) == sorted(SHARES)
    assert SHARES[-1] == learning_curve.EIGHTHS
