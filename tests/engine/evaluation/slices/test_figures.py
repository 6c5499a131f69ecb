"""What a slice's figures mean: they add up, whatever a model says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.certainty.intervals import FEW
from engine.evaluation.slices.figures import figures

# A document's marks: right, only predicted, only gold.
document = st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3))
divided = st.lists(st.tuples(document, document), min_size=1, max_size=6)


def counts(drawn: list[tuple[int, int, int]]) -> np.ndarray:
    """Return right, predicted, gold and errors of each document."""
    return np.array([(r, r + p, r + g, p + g) for r, p, g in drawn])


def f1(of: np.ndarray) -> float:
    right, predicted, gold, _ = of.sum(axis=0)
    return 2 * right / (predicted + gold) if predicted + gold else 0.0


@given(divided)
def test_f1_would_rise_by_what_a_slice_costs_if_it_were_as_good_as_the_rest(drawn: list) -> None:
    inside, outside = (counts([each[side] for each in drawn]) for side in (0, 1))
    every = inside + outside
    found = {each.name: each for each in figures({"in": inside, "out": outside}, every, 20)}
    marks = every[:, 1:3].sum()
    for each in found.values():
        share = (each.support + each.predicted) / marks
        assert each.cost == pytest.approx(share * (each.rest - each.f1), abs=1e-12)
        assert each.cost == pytest.approx(each.rest - f1(every), abs=1e-12)
        assert each.errors == (inside if each.name == "in" else outside)[:, 3].sum()
    if len(found) == 2:
        # The mean of both, each by its share, is the whole.
        parts = [(each.support + each.predicted) * each.f1 for each in found.values()]
        assert sum(parts) / marks == pytest.approx(f1(every))
        # What one costs, the other gains, each by its share.
        one, other = found["in"], found["out"]
        assert one.gap == pytest.approx(-other.gap)


def test_the_costliest_comes_first_and_an_empty_slice_not_at_all() -> None:
    bad, good = counts([(0, 2, 2)] * 9), counts([(5, 0, 0)] * 9)
    found = figures({"good": good, "bad": bad, "none": good * 0}, bad + good, 200)
    assert [each.name for each in found] == ["bad", "good"]
    worst, best = found
    assert (worst.support, worst.predicted, worst.right, worst.errors) == (18, 18, 0, 36)
    assert (worst.f1, worst.rest, worst.cost) == (0.0, 1.0, pytest.approx(1 - 90 / 126))
    assert worst.sure and not best.sure
    assert best.cost < 0 < best.gap
    assert worst.few is (worst.support < FEW)
    assert figures({}, good) == []


def test_what_holds_everything_costs_nothing() -> None:
    every = counts([(1, 2, 0), (3, 0, 1)])
    (all_of_it,) = figures({"all": every}, every, 50)
    assert (all_of_it.cost, all_of_it.gap) == (0.0, 0.0)
    assert (all_of_it.costs.low, all_of_it.costs.high) == (0.0, 0.0)


def test_where_marks_come_in_documents_the_interval_knows_it() -> None:
    """Ten marks of one document are one piece of luck, not ten."""
    rest = counts([(5, 1, 1)] * 20)
    alone = np.vstack([counts([(10, 0, 0), (0, 10, 10)]), rest[2:] * 0])
    apart = np.vstack([counts([(1, 0, 0), (0, 1, 1)] * 10)])
    (one,) = figures({"s": alone}, rest + alone, 300)
    (many,) = figures({"s": apart}, rest + apart, 300)
    assert one.f1 == many.f1 == 0.5
    assert one.interval.high - one.interval.low > many.interval.high - many.interval.low
