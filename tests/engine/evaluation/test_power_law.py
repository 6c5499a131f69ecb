"""Power laws: planted ones are found again, and more data is never told to do harm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from engine.evaluation import power_law
from engine.evaluation.power_law import EXPONENTS

SIZES = np.array([40.0, 80, 160, 240, 320, 40, 80, 160, 240, 320])


@given(
    at_first=some.floats(0.2, 0.8),
    exponent=some.sampled_from(list(EXPONENTS[10:55])),
    floor=some.floats(0.0, 0.2),
)
def test_a_planted_law_is_found_again(at_first: float, exponent: float, floor: float) -> None:
    planted = np.array([[at_first * 40**exponent, exponent, floor]])
    found = power_law.fit(SIZES, power_law.error(planted, SIZES)[None], 1e-5)
    assert found[0, 1] == pytest.approx(exponent)
    assert found == pytest.approx(planted, rel=1e-3, abs=1e-4)
    slope = power_law.error(planted, 320.0) - power_law.error(planted, 321.0)
    assert power_law.slope(found, 320.5) == pytest.approx(slope, rel=0.02, abs=1e-7)


@given(arrays.arrays(np.float64, (4, len(SIZES)), elements=some.floats(0, 1)))
def test_whatever_was_measured_more_data_does_no_harm(errors: np.ndarray) -> None:
    laws = power_law.fit(SIZES, errors, 0.03)
    assert (laws >= 0).all() and np.isfinite(laws).all()
    told = power_law.error(laws[:, None, :], np.array([1.0, 40, 41, 320, 1e3, 1e9]))
    assert (np.diff(told) <= 1e-12).all()
    assert ((told >= 0) & (told <= 1)).all()
    assert (power_law.slope(laws, 320) >= 0).all()


def test_errors_that_rise_are_level() -> None:
    laws = power_law.fit(SIZES[:5], np.array([[0.1, 0.2, 0.3, 0.4, 0.5]]), 0.02)
    assert power_law.error(laws, 40) == power_law.error(laws, 10_000) == pytest.approx(0.3)


def test_few_noisy_points_keep_to_usual_exponents_and_many_sure_ones_do_not() -> None:
    steep = power_law.error(np.array([[60.0, 1.4, 0.05]]), SIZES)[None]
    unsure, sure = (power_law.fit(SIZES, steep, noise)[0, 1] for noise in (0.3, 0.001))
    assert unsure < 1.0 < sure == pytest.approx(1.4, rel=0.05)


def test_points_that_count_more_are_met_more_closely() -> None:
    errors = np.array([[0.5, 0.4, 0.3, 0.25, 0.4]])
    plain = power_law.fit(SIZES[:5], errors, 0.02)
    leaning = power_law.fit(SIZES[:5], errors, 0.02, np.array([1.0, 1, 1, 1, 50]))
    off = [abs(power_law.error(laws, 320)[0] - 0.4) for laws in (plain, leaning)]
    assert off[1] < off[0] / 3
