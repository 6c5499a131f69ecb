"""The threshold of a good answer is the one with the highest F1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.retrieval import threshold


def f1(scores: list[float], good: list[bool], value: float) -> float:
    let = [right for score, right in zip(scores, good, strict=True) if score >= value]
    return 2 * sum(let) / (len(let) + sum(good))


@given(
    st.lists(
        st.tuples(st.integers(0, 8).map(lambda n: n / 8), st.booleans()), min_size=1, max_size=20
    )
)
def test_no_other_threshold_has_a_higher_f1(pairs: list[tuple[float, bool]]) -> None:
    scores, good = [score for score, _ in pairs], [right for _, right in pairs]
    chosen = threshold.choose(scores, good, scores)
    if all(good) or not any(good):
        assert chosen is None
        return
    assert chosen is not None
    assert chosen.f1 == pytest.approx(f1(scores, good, chosen.value))
    assert chosen.f1 >= max(f1(scores, good, score) for score in scores) - 1e-12


def test_it_lies_between_the_lowest_that_passes_and_the_next() -> None:
    chosen = threshold.choose([0.9, 0.7, 0.2, 0.1], [True, True, False, False], [0.8, 0.4, 0, 0])
    assert chosen is not None
    assert (chosen.value, chosen.precision, chosen.recall) == (pytest.approx(0.45), 1.0, 1.0)
    assert (chosen.pairs, chosen.good) == (4, 2)
    assert 0.4 < chosen.likeness < 0.5, "all but 5 % of the good ones are more alike"
