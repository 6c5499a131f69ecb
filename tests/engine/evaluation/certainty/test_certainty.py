"""Intervals and calibration: what is counted from matches, and what it may say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.bootstrap import Interval
from engine.evaluation.certainty import calibration, intervals
from engine.evaluation.certainty.judged import Judged, Judgement
from engine.tasks.spans.metrics.scoring import match_documents, score
from storage.types import Document, Span

LABELS = ("PER", "ORG", "LOC")
sides = st.one_of(st.none(), st.sampled_from(LABELS))
rows = st.lists(
    st.builds(
        lambda document, gold, predicted, score: Judgement(
            document, gold, predicted, gold == predicted, score if predicted else None
        ),
        st.integers(0, 5),
        sides,
        sides,
        st.one_of(st.none(), st.floats(0, 1)),
    ).filter(lambda row: row.gold or row.predicted),
    max_size=40,
)


@given(rows)
def test_an_interval_of_each_label_lies_between_0_and_1_around_its_f1(found: list) -> None:
    judged = Judged.of(found)
    sure = intervals.of(judged, 10, resamples=50)
    assert list(sure.labels) == list(judged.labels)
    for each in (sure.micro, *sure.labels.values()):
        assert 0 <= each.low <= each.high <= 1
    assert intervals.Intervals.of_json(sure.to_json()) == sure


def test_intervals_are_of_the_figures_that_the_scorer_counts() -> None:
    chance = np.random.default_rng(1)
    documents, predicted = [], []
    for number in range(300):
        gold = tuple(Span(2 * n, 2 * n + 1, str(chance.choice(LABELS))) for n in range(3))
        documents.append(Document("a b c", spans=gold, id=number))
        predicted.append([span for span in gold if chance.random() < 0.8])
    matches = match_documents(documents, predicted)
    judged = Judged.of(map(Judgement.of, matches))
    entity = score(documents, predicted)["entity"]
    sure = intervals.of(judged, len(documents))
    for name, each in sure.labels.items():
        assert each.low < entity["labels"][name]["f1"] < each.high
        assert 0.02 < each.high - each.low < 0.1
    assert sure.micro.low < entity["micro"]["f1"] < sure.micro.high
    assert sure.micro.high - sure.micro.low < min(i.high - i.low for i in sure.labels.values())


@pytest.mark.parametrize(
    ("support", "interval", "unsure"),
    [
        (19, Interval(0.9, 0.95), True),
        (20, Interval(0.9, 0.95), False),
        (200, Interval(0.5, 0.71), True),
        (200, None, False),
    ],
)
def test_few_marks_or_a_wide_interval_say_little(
    support: int, interval: Interval | None, unsure: bool
) -> None:
    assert intervals.unsure(support, interval) is unsure


def test_a_model_that_is_right_as_often_as_it_is_sure_has_no_error() -> None:
    score = np.repeat([0.2, 0.5, 0.8, 1.0], 10)
    right = np.concatenate([np.arange(10) < 10 * share for share in (0.2, 0.5, 0.8, 1.0)])
    found = calibration.calibrate(score, right, bins=4)
    assert found.error == pytest.approx(0)
    assert [each.count for each in found.bins] == [10] * 4
    sure = calibration.calibrate(np.full(40, 0.9), np.arange(40) % 2 == 0, bins=4)
    assert (sure.error, sure.lean) == (pytest.approx(0.4), pytest.approx(0.4))


@given(rows, st.integers(1, 12))
def test_every_scored_mark_is_in_one_bin_and_the_error_is_a_share(found: list, bins: int) -> None:
    judged = Judged.of(found)
    each = calibration.of(judged, bins=bins)
    assert each.count == sum(b.count for b in each.bins)
    assert each.count == sum(row.score is not None for row in found)
    assert abs(each.lean) - 1e-9 <= each.error <= 1
    edges = [edge for b in each.bins for edge in (b.low, b.high)]
    assert edges == sorted(edges)


@given(rows, st.sampled_from([None, *LABELS]))
def test_a_threshold_counts_what_taking_lower_marks_away_would_leave(
    found: list, label: str | None
) -> None:
    judged, thresholds = Judged.of(found), np.array([0.0, 0.3, 0.6, 1.0])
    curve = calibration.curve(judged, thresholds, label)
    for at, threshold in enumerate(thresholds):
        made = [
            row for row in found if row.predicted and (row.score is None or row.score >= threshold)
        ]
        made = [row for row in made if label in (None, row.predicted)]
        right = sum(row.right for row in made)
        gold = sum(label in (None, row.gold) for row in found if row.gold)
        assert curve.kept[at] == len(made)
        assert curve.precision[at] == pytest.approx(right / len(made) if made else 0)
        assert curve.recall[at] == pytest.approx(right / gold if gold else 0)
    assert (np.diff(curve.kept) <= 0).all() and (np.diff(curve.recall) <= 0).all()
    assert curve.f1[curve.best] == curve.f1.max()
    assert [curve.at(t) for t in (0, 0.29, 0.3, 2)] == [0, 0, 1, 3]
