"""Resampled sums: as many documents each time, drawn with replacement, the same for equal seeds."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation import bootstrap
from engine.evaluation.bootstrap import Interval, resample

COUNTS = np.random.default_rng(7).integers(0, 5, size=(60, 2, 3))


def test_every_resample_draws_as_many_documents_as_there_are() -> None:
    sums = resample(np.ones((60, 1)), resamples=50)
    assert sums.shape == (50, 1)
    assert (sums == 60).all()


def test_sums_keep_the_shape_of_what_is_counted() -> None:
    assert resample(COUNTS, resamples=20).shape == (20, 2, 3)


def test_sums_lie_around_the_whole_as_far_as_theory_says() -> None:
    values = COUNTS[:, 0, 0].astype(float)
    sums = resample(COUNTS, resamples=4000)[:, 0, 0]
    spread = np.sqrt(len(values)) * values.std()
    assert abs(sums.mean() - values.sum()) < 4 * spread / np.sqrt(4000)
    assert sums.std() == pytest.approx(spread, rel=0.05)


def test_documents_in_which_nothing_is_counted_may_be_left_out() -> None:
    with_empty = np.concatenate([COUNTS, np.zeros((540, 2, 3))])
    whole = resample(with_empty, resamples=4000)[:, 0, 0]
    short = resample(COUNTS, resamples=4000, documents=600)[:, 0, 0]
    assert short.mean() == pytest.approx(whole.mean(), rel=0.01)
    assert short.std() == pytest.approx(whole.std(), rel=0.05)


def test_draws_do_not_depend_on_how_many_are_made_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = resample(COUNTS, resamples=30)
    monkeypatch.setattr(bootstrap, "_PORTION", 200)
    assert (resample(COUNTS, resamples=30) == expected).all()
    assert (resample(COUNTS, resamples=30, seed=1) != expected).any()


def test_an_interval_holds_the_middle_of_the_values() -> None:
    found = Interval.of(np.arange(1001) / 1000)
    assert (found.low, found.high) == pytest.approx((0.025, 0.975))
