"""αU and γ: agreement on where marks are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from engine.agreement import aligning, unitizing, versions
from engine.agreement.gamma import MOST_UNITS, gamma
from engine.agreement.versions import Marks, Versions
from storage.types import Document, Span
from tests.engine.agreement.answered import answers, texts

LABELS = ("Z", "A", "M")


def spans(*rows: tuple[int, int, str]) -> list[Span]:
    """Return marks of (place on a continuum from 150 on, length, label)."""
    return [Span(start - 150, start - 150 + size, label) for start, size, label in rows]


def two(number: int, seed: int) -> Versions:
    documents = texts(number, LABELS, seed)
    return versions.of_answers(documents, answers(documents, [0.1, 0.5], LABELS, seed=seed))


def test_alpha_u_is_that_of_krippendorffs_example() -> None:
    # Krippendorff 2004, "Content Analysis", page 254.
    first = spans((225, 70, "c"), (370, 30, "c"), (180, 60, "k"), (300, 50, "k"))
    other = spans((220, 80, "c"), (355, 20, "c"), (400, 20, "c"), (180, 60, "k"), (300, 50, "k"))
    document = Document("x" * 300, id=1)
    every, *each = unitizing.alpha(
        versions.of_answers([document], {"a": {1: first}, "b": {1: other}})
    ).values
    assert every == pytest.approx(0.8591, abs=5e-4)
    assert each == pytest.approx([0.7286, 1.0], abs=5e-5)


def test_a_label_that_nobody_gave_has_no_alpha_u() -> None:
    document = Document("x" * 30, id=1)
    found = versions.of_answers([document], {"a": {1: []}, "b": {1: []}}, ["A"])
    said = unitizing.alpha(found)
    assert np.isnan([said.values, said.low, said.high]).all()
    assert np.isnan(unitizing.alpha(found.of_documents(np.array([False]))).values).all()


def test_marks_of_a_label_on_one_another_are_one_unit() -> None:
    document = Document("x" * 100, id=1)
    apart = {"a": {1: spans((150, 10, "A"), (155, 20, "A"))}, "b": {1: spans((150, 25, "A"))}}
    assert unitizing.alpha(versions.of_answers([document], apart)).values[0] == 1.0


def test_the_interval_of_alpha_u_is_that_of_documents_drawn_anew() -> None:
    many = two(60, 3)
    found, drawn = unitizing.alpha(many), np.random.default_rng(1)
    plain = [unitizing.alpha(repeated(many, drawn.integers(0, 60, 60))).values for _ in range(200)]
    low, high = np.quantile(plain, [0.025, 0.975], axis=0)
    assert (found.low < found.values).all() and (found.values < found.high).all()
    assert found.low == pytest.approx(low, abs=0.06)
    assert found.high == pytest.approx(high, abs=0.06)


def repeated(many: Versions, places: np.ndarray) -> Versions:
    """Return versions of some documents, one of which may come again."""
    parts = [many.marks.those(many.marks.document == place) for place in places]
    rows = [
        (person, at, *mark)
        for at, part in enumerate(parts)
        for person, _, *mark in np.column_stack(part).tolist()
    ]
    return replace(
        many,
        documents=np.arange(len(places)),
        sizes=many.sizes[places],
        tokens=np.zeros((0, 2), np.int64),
        token_counts=np.zeros(len(places), np.int64),
        finished=many.finished[:, places],
        when=many.when[:, places],
        marks=Marks.of(rows),
    )


@pytest.mark.parametrize("seed", range(20))
def test_an_assignment_costs_as_little_as_scipys(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    costs = drawn.random((drawn.integers(1, 9), 14)).round(1)
    rows, columns = linear_sum_assignment(costs)
    given = aligning.assign(costs)
    assert len(set(given)) == len(given)
    assert costs[range(len(given)), given].sum() == pytest.approx(costs[rows, columns].sum())


def test_gamma_is_that_of_pygamma_agreement() -> None:
    # pygamma-agreement 0.5.9, of the same documents as one continuum, NumPy's seeds 0 to 2.
    for seed, theirs in enumerate([0.733702, 0.735585, 0.731717]):
        assert gamma(two(12, 5), seed).value == pytest.approx(theirs, abs=2e-6)


def test_gamma_of_the_same_marks_is_one_and_of_none_nothing() -> None:
    documents = texts(5, LABELS)
    right = {each.id: list(each.spans) for each in documents}
    found = gamma(versions.of_answers(documents, {"a": right, "b": right}))
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    empty = dict.fromkeys(right, ())
    assert gamma(versions.of_answers(documents, {"a": empty, "b": empty})).value is None
    assert gamma(versions.of_answers(documents, {"a": right, "b": empty})).value < 0.5


def test_of_many_marks_some_documents_are_drawn_which_is_told() -> None:
    found = gamma(two(600, 1))
    assert found.drawn_from == 600 > found.documents
    assert found.units <= 2 * MOST_UNITS
    assert found.low < found.value < found.high
