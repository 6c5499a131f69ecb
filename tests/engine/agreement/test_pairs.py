"""Pairs of people: every figure is what the same sums by hand say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from engine.agreement import everyone, nominal, pairs, people, versions
from engine.agreement.everyone import SHARED, Shared
from engine.agreement.pairs import MEASURES, Measure, Pair
from engine.agreement.ratings import rate
from engine.agreement.versions import Versions
from storage.types import Document, Span
from tests.engine.agreement.answered import answers, texts

LABELS = ("ORG", "<script>alert(1)</script>", "=1+1", "über\u202e$x$")
WORDS = tuple((at * 6, at * 6 + 5) for at in range(10))


def text(id: int, tokens: tuple = WORDS) -> Document:
    return Document(" ".join(["abcde"] * 10), tokens, id=id)


def value(pair: Pair, measure: Measure, row: int = 0) -> float:
    return float(pair.values[MEASURES.index(measure), row])


@pytest.fixture(scope="module")
def asked() -> Versions:
    documents = texts(150, LABELS, seed=4)
    found = answers(documents, [0.1, 0.2, 0.1, 0.6], LABELS, share=0.8, seed=2)
    return versions.of_answers(documents, found, LABELS)


def test_coefficients_of_all_labels_and_of_each_are_those_of_the_units(asked: Versions) -> None:
    said = rate(asked).said
    for pair in pairs.compare(asked):
        both = said[:, (said[pair.a] >= 0) & (said[pair.b] >= 0)][[pair.a, pair.b]]
        assert (pair.units == both.shape[1]).all()
        for row in range(1 + len(LABELS)):
            told = both if row == 0 else (both == row).astype(int)
            assert value(pair, Measure.KAPPA, row) == pytest.approx(cohen_kappa_score(*told))
            assert value(pair, Measure.ALPHA, row) == pytest.approx(nominal.alpha_of(told))
            assert value(pair, Measure.AC1, row) == pytest.approx(nominal.ac1_of(told))


def test_coefficients_of_several_people_are_those_of_the_units(asked: Versions) -> None:
    said = rate(asked).said
    found = everyone.compare(asked)
    for row in range(1 + len(LABELS)):
        told = said if row == 0 else np.where(said < 0, -1, said == row)
        by_hand = {
            Shared.FLEISS: nominal.fleiss_of(told),
            Shared.ALPHA: nominal.alpha_of(told),
            Shared.AC1: nominal.ac1_of(told),
        }
        for measure, expected in by_hand.items():
            assert found.values[SHARED.index(measure), row] == pytest.approx(expected), measure


def test_intervals_hold_the_figures_and_grow_narrow_with_documents() -> None:
    wide = {}
    for number in (20, 500):
        documents = texts(number, LABELS[:2], seed=1)
        found = answers(documents, [0.2, 0.2], LABELS[:2], seed=1)
        (pair,) = pairs.compare(versions.of_answers(documents, found))
        assert ((pair.low <= pair.values) & (pair.values <= pair.high)).all()
        wide[number] = (pair.high - pair.low)[0, 0]
    assert wide[500] < wide[20] / 3


def test_spans_with_holes_overlaps_and_twins_count_as_what_they_cover() -> None:
    first = [Span(0, 11, "A"), Span(6, 17, "B"), Span(24, 29, "A"), Span(24, 29, "A")]
    other = [Span(0, 11, "A"), Span(6, 17, "B"), Span(24, 29, "B"), Span(30, 35, "A")]
    found = versions.of_answers([text(1)], {"a": {1: first}, "b": {1: other}})
    (pair,) = pairs.compare(found)
    # Units: A, A+B, B, -, A/B, -/A and four of nothing: 8 of 10 are the same.
    said = rate(found).said
    assert (said[0] == said[1]).sum() == 8 and len(np.unique(said[0][:3])) == 3
    assert value(pair, Measure.KAPPA) == pytest.approx(cohen_kappa_score(*said))
    assert value(pair, Measure.F1) == pytest.approx(2 * 2 / (3 + 4))
    assert value(pair, Measure.KAPPA, 1) == pytest.approx(
        cohen_kappa_score([1, 1, 0, 0, 1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 1, 0, 0, 0, 0])
    )


def test_a_mark_that_shares_a_character_counts_in_part() -> None:
    found = {"a": {1: [Span(0, 11, "A"), Span(30, 35, "A")]}, "b": {1: [Span(10, 12, "A")]}}
    (pair,) = pairs.compare(versions.of_answers([text(1)], found))
    assert value(pair, Measure.F1) == 0.0
    assert value(pair, Measure.PARTIAL) == pytest.approx(2 / 3)


def test_marks_never_reach_into_the_next_text() -> None:
    found = {"a": {1: [Span(54, 59, "A")], 2: []}, "b": {1: [], 2: [Span(0, 5, "A")]}}
    (pair,) = pairs.compare(versions.of_answers([text(1), text(2)], found))
    assert value(pair, Measure.PARTIAL) == 0.0


def test_a_text_without_tokens_is_counted_by_its_characters() -> None:
    documents = [text(1), text(2, tokens=()), Document("", (), id=3)]
    marks = {1: [Span(0, 5, "A")], 2: [Span(0, 5, "A")], 3: []}
    found = versions.of_answers(documents, {"a": marks, "b": marks})
    (pair,) = pairs.compare(found)
    assert pair.documents == 3 and pair.units[0] == 10 + 59
    assert (rate(found).said == 1).sum(axis=1).tolist() == [1 + 5, 1 + 5]
    assert value(pair, Measure.KAPPA) == 1.0


def test_where_both_say_nothing_there_is_no_figure() -> None:
    found = versions.of_answers([text(1)], {"a": {1: []}, "b": {1: []}}, ["A"])
    (pair,) = pairs.compare(found)
    assert pair.documents == 1 and pair.marks.tolist() == [0, 0]
    assert np.isnan(pair.values).all() and np.isnan(pair.low).all()


@pytest.mark.parametrize("whole", [True, False])
def test_people_without_a_common_document_and_projects_without_any(whole: bool) -> None:
    found = versions.of_answers([text(1), text(2)], {"a": {1: []}, "b": {2: []}}, whole=whole)
    (pair,) = pairs.compare(found)
    assert pair.documents == 0 and np.isnan(pair.values).all()
    assert everyone.compare(found).documents == 0
    assert pairs.compare(versions.of_answers([], {"a": {}})) == []
    assert everyone.compare(versions.of_answers([], {}, whole=whole)).documents == 0


def test_kinds_of_texts_are_counted_by_document() -> None:
    given = {"a": "XXYYY", "b": "XYYY-"}
    marks = {
        who: {at: [Span(0, 0, each)] if each != "-" else [] for at, each in enumerate(said, 1)}
        for who, said in given.items()
    }
    documents = [text(at) for at in range(1, 6)]
    (pair,) = pairs.compare(versions.of_answers(documents, marks, whole=True))
    assert pair.units[0] == 5
    expected = cohen_kappa_score(list(given["a"]), list(given["b"]))
    assert value(pair, Measure.KAPPA) == pytest.approx(expected)
    assert value(pair, Measure.F1) == value(pair, Measure.PARTIAL) == pytest.approx(2 * 3 / 9)


def test_with_several_labels_each_label_of_each_document_is_asked_for() -> None:
    marks = {
        "a": {1: [Span(0, 0, "X"), Span(0, 0, "Y")], 2: [Span(0, 0, "X")], 3: []},
        "b": {1: [Span(0, 0, "X")], 2: [Span(0, 0, "X")], 3: [Span(0, 0, "Z")]},
    }
    documents = [text(at) for at in (1, 2, 3)]
    found = versions.of_answers(documents, marks, ["X", "Y", "Z"], whole=True, several=True)
    (pair,) = pairs.compare(found)
    told = [1, 1, 0, 1, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 0, 1]
    assert pair.units.tolist() == [9, 3, 3, 3]
    assert value(pair, Measure.KAPPA) == pytest.approx(cohen_kappa_score(*told))
    ratings = np.array(told)
    shared = everyone.compare(found).values[:, 0]
    assert shared[SHARED.index(Shared.ALPHA)] == pytest.approx(nominal.alpha_of(ratings))


def test_the_careless_one_stands_out_and_nobody_else(asked: Versions) -> None:
    found = people.standings(pairs.compare(asked), len(asked.people))
    assert [each.person for each in found if each.stands_out] == [3]
    worst = found[0]
    assert worst.low <= worst.difference <= worst.high < -people.MARGIN
    assert people.standings(pairs.compare(asked.of_people([0, 3])), 2) == []


def test_two_hundred_labels_are_counted_each_by_itself() -> None:
    labels = [f"L{at:03}" for at in range(200)]
    documents = texts(60, labels, seed=3)
    found = versions.of_answers(documents, answers(documents, [0.1, 0.3], labels), labels)
    (pair,) = pairs.compare(found)
    said = rate(found).said
    for row in (1, 77, 200):
        given = said == row
        if given.any():
            assert value(pair, Measure.KAPPA, row) == pytest.approx(cohen_kappa_score(*given))
