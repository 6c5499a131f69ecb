"""Planted errors: where they are, and when a ranking has found them."""

from __future__ import annotations

from collections import Counter

import pytest

from storage.types import Document, Span
from tests.benchmarks.parts.planting import Fault, Planted, judge, plant

WORDS = "Ada Lovelace met Emmy Noether in Ulm"
TOKENS = ((0, 3), (4, 12), (13, 16), (17, 21), (22, 29), (30, 32), (33, 36))
SPANS = (Span(0, 12, "PER"), Span(17, 29, "PER"), Span(33, 36, "LOC"))
CORPUS = [Document(WORDS, TOKENS, SPANS) for _ in range(200)]


def error(*tokens: int, document: int = 0, fault: Fault = Fault.LABEL) -> Planted:
    return Planted(document, fault, SPANS[0], None, frozenset(tokens))


def test_shares_of_all_entities_are_spoilt_each_once() -> None:
    documents, planted = plant(CORPUS, seed=1)
    assert Counter(each.fault for each in planted) == {
        Fault.LABEL: 30,
        Fault.BORDER: 18,
        Fault.DROPPED: 18,
    }
    assert len({(each.document, each.was) for each in planted}) == len(planted)
    assert sum(len(document.spans) for document in documents) == 600 - 18
    differing = {n for n, document in enumerate(documents) if document.spans != SPANS}
    assert differing == {each.document for each in planted}


def test_the_seed_decides() -> None:
    assert plant(CORPUS, seed=1) == plant(CORPUS, seed=1)
    assert plant(CORPUS, seed=1)[1] != plant(CORPUS, seed=2)[1]


def test_what_is_planted_says_what_was_done() -> None:
    for each in plant(CORPUS, seed=3)[1]:
        if each.fault is Fault.LABEL:
            assert each.now and each.now != each.was
            assert (each.now.start, each.now.end) == (each.was.start, each.was.end)
        elif each.fault is Fault.DROPPED:
            assert each.now is None
        else:
            assert each.now and each.now.label == each.was.label
            lost = (each.was.start, each.was.end, each.now.start, each.now.end)
            # A first token lost makes the second one the beginning: two tags changed.
            assert lost in {(0, 12, 4, 12), (0, 12, 0, 3), (17, 29, 22, 29), (17, 29, 17, 21)}
            assert len(each.tokens) == (2 if each.now.start > each.was.start else 1)


def test_average_precision_is_over_all_that_was_planted() -> None:
    planted = [error(0), error(3), error(6)]
    found = judge([(0, [0]), (0, [1]), (0, [3])], planted)
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 3)
    assert found.precision == {50: 2 / 50, 100: 2 / 100, 200: 2 / 200}
    assert found.found == {"label": 2}


def test_a_further_row_on_a_found_error_is_neither_right_nor_wrong() -> None:
    planted = [error(0, 1), error(3)]
    once = judge([(0, [0]), (0, [3])], planted)
    assert judge([(0, [0]), (0, [1]), (0, [0, 1]), (0, [3])], planted) == once


def test_a_row_finds_one_error_though_it_meets_two() -> None:
    planted = [error(0), error(1)]
    assert judge([(0, [0, 1])], planted).average_precision == pytest.approx(1 / 2)
    assert judge([(0, [0, 1]), (0, [0, 1])], planted).average_precision == pytest.approx(1)


def test_rows_of_other_documents_and_of_nothing_are_wrong() -> None:
    assert judge([(1, [0]), (0, [])], [error(0)]).average_precision == 0
