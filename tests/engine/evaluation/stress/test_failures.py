"""What counts as a failure of a behavioural test, and how failures are counted."""

from __future__ import annotations

import pytest

from engine.evaluation.bootstrap import Interval
from engine.evaluation.stress.failures import Rate, Result, judge, right
from engine.tasks.spans.task import SPANS
from storage.types import Document, Span

ADA, ULM, BOB = Span(0, 3, "PER"), Span(4, 7, "LOC"), Span(8, 11, "PER")


def document(*spans: Span, id: int = 1) -> Document:
    return Document("Ada Ulm Bob", ((0, 3), (4, 7), (8, 11)), spans, id=id)


def test_only_marks_that_were_right_before_can_fail() -> None:
    documents = [document(ADA, ULM, id=5), document(BOB, id=6)]
    found = [[ADA, Span(4, 11, "LOC")], [Span(8, 11, "LOC")]]
    assert right(SPANS.match(documents, found)) == {5: (ADA,)}


def test_a_mark_fails_where_its_words_have_another_label_others_beside_them_or_none() -> None:
    changed = [document(ADA, ULM, id=1), document(ADA, BOB, id=2), document(ULM, id=3)]
    found = [[ADA, Span(4, 7, "PER")], [Span(0, 7, "PER")], [ULM, BOB]]
    result, failures = judge("lower", changed, found, SPANS.match(changed, found))
    assert (result.documents, result.rate) == (3, Rate(5, 3, 2))
    assert result.labels == {"LOC": Rate(2, 1, 1), "PER": Rate(3, 2, 1)}
    assert [(each.document, each.missing) for each in failures] == [(1, [ULM]), (2, [ADA, BOB])]
    assert Result.of(result.to_json()) == result


def test_a_rate_of_few_marks_is_a_wide_interval_and_never_a_point() -> None:
    assert Rate(0, 0).share == 0 and Rate(0, 0).interval == Interval(0, 1)
    few, many = Rate(10, 1).interval, Rate(1000, 100).interval
    assert few.low < many.low < 0.1 < many.high < few.high
    assert Rate(10, 0).interval.high == pytest.approx(0.2775, abs=1e-4), "as Wilson has it"
