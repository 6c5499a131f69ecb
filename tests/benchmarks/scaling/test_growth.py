"""What is told of times that were made up: what grows, and with what."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks.scaling.growth import growth, plan
from tests.benchmarks.scaling.rows import Size

SIZES = (1_000, 10_000, 100_000)
ASKED = {"documents": [100, 1_000], "runs": [50, 10], "annotators": [5]}


@pytest.mark.parametrize(
    ("ms", "exponent", "is_fast"),
    [
        ([50, 50, 50], 0.0, False),
        ([50, 55, 60], 0.04, False),
        ([10 * math.log(size) for size in SIZES], 0.11, False),
        ([size / 100 for size in SIZES], 1.0, True),
        ([size**0.5 for size in SIZES], 0.5, True),
        # What is always there hides what grows from the exponent, and not from the verdict.
        ([100 + size / 500 for size in SIZES], 0.23, True),
        ([60, 90, 40], -0.09, False),
        ([0.1, 0.2, 1.9], None, False),
        ([0.1, 1, 100], 0.85, True),
    ],
)
def test_faster_than_a_logarithm_is_told_from_times(ms, exponent, is_fast):
    found = growth(SIZES, ms)
    assert found.exponent == (None if exponent is None else pytest.approx(exponent, abs=0.005))
    assert found.is_fast is is_fast


def test_one_size_grows_from_nothing():
    found = growth([1], [100.0])
    assert (found.exponent, found.is_fast) == (None, False)


def test_one_dimension_grows_and_the_others_are_held_at_their_smallest():
    documents = [Size(100, 10, 5), Size(1_000, 10, 5)]
    runs = [Size(100, 10, 5), Size(100, 50, 5)]
    every = ("documents", "runs", "annotators")
    assert plan(ASKED, every) == {"documents": documents, "runs": runs}
    assert plan(ASKED, ["runs"]) == {"runs": runs}
    # Nothing grows, and the size that was asked for is measured all the same.
    assert plan(ASKED, ["annotators"]) == {"documents": documents[:1]}
