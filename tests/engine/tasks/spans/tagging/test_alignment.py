"""Spans on tokens: what tags can hold, and what they cannot and why."""

from __future__ import annotations

import pytest

from engine.encoding.word_pieces import prepare
from engine.tasks.spans.tagging.alignment import Reason, lift, place
from engine.tasks.spans.tagging.encoding import align, encode
from storage.types import Span
from tests.engine import tiny
from tests.engine.tiny import document


@pytest.mark.parametrize(
    ("spans", "placed", "reasons"),
    [
        ([(0, 5, "a")], [(0, 1)], []),
        ([(0, 12, "a")], [(0, 3)], []),
        ([(1, 5, "a")], [], [Reason.CUT]),
        ([(0, 7, "a")], [], [Reason.CUT]),
        ([(5, 8, "a")], [(1, 2)], [Reason.PADDED]),
        ([(5, 6, "a")], [], [Reason.EMPTY]),
        ([(0, 5, "a"), (0, 8, "b")], [(0, 2)], [Reason.OVERLAPPING]),
        ([(0, 8, "a"), (6, 12, "b")], [(0, 2)], [Reason.OVERLAPPING]),
        ([(0, 5, "a"), (6, 8, "a")], [(0, 1), (1, 2)], []),
    ],
)
def test_a_span_is_placed_or_has_a_reason(spans: list, placed: list, reasons: list) -> None:
    text = document("Paris is old", *spans)
    placement = place(text, text.spans)
    assert [(item.first, item.last) for item in placement.placed] == placed
    assert [reason for _, reason in placement.problems] == reasons


def test_the_longer_of_two_overlapping_spans_stays() -> None:
    text = document("University of New York", (14, 22, "place"), (0, 22, "org"))
    assert [item.span.label for item in place(text, text.spans).placed] == ["org"]


def test_tokens_of_a_span_that_is_left_out_are_named() -> None:
    text = document("Parisian life", (0, 5, "a"))
    assert place(text, text.spans).left_out == ((0, 1),)


def test_lifting_is_the_way_back() -> None:
    text = document("👩‍👩‍👧 in São Paulo .", (9, 18, "place"))
    (item,) = place(text, text.spans).placed
    assert lift(text.tokens, item.first, item.last, "place") == Span(9, 18, "place")
    assert text.text[9:18] == "São Paulo"


def test_the_report_counts_and_shows_what_cannot_be_learned() -> None:
    documents = [
        document("Parisian life", (0, 5, "a"), id=4),
        document("New York City", (0, 8, "a"), (0, 13, "a"), id=5),
        document("one\u200b \u200b two", id=6),
    ]
    encoded = encode(documents, prepare(tiny.wordpiece()), ("a",), 32, 8)
    report = align(documents, encoded.cut)
    assert report.problems == {"cut": 1, "padded": 0, "overlapping": 1, "empty": 0}
    assert (report.documents, report.tokens, report.spans, report.learnable) == (3, 8, 3, 1)
    assert report.wordless == 1
    assert report.items == (
        {"document": 4, "start": 0, "end": 5, "label": "a", "quote": "Paris", "reason": "cut"},
        {
            "document": 5,
            "start": 0,
            "end": 8,
            "label": "a",
            "quote": "New York",
            "reason": "overlapping",
        },
    )


def test_the_report_needs_no_tokenizer() -> None:
    report = align(tiny.corpus(5))
    assert report.wordless is None
    assert report.to_json()["spans"] == report.to_json()["learnable"] == report.spans
