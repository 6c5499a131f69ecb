"""Facts of matches: kind of error, borders, lengths in tokens, words that train has."""

from __future__ import annotations

import pytest

from engine.tasks.spans.metrics import match_facts
from engine.tasks.spans.metrics.scoring import match_documents
from storage.facts import Facts
from storage.types import Document, Span

#       0   4   8     14 17   22
TEXT = "Ada met Ruth in New  York today"
TOKENS = ((0, 3), (4, 7), (8, 12), (13, 15), (16, 19), (21, 25), (26, 31))
ADA, RUTH, NEW_YORK = Span(0, 3, "PER"), Span(8, 12, "PER"), Span(16, 25, "LOC")


def facts_of(gold: list[Span], found: list[Span], *train: Document) -> list[Facts]:
    document = Document(TEXT, TOKENS, tuple(gold), id=5)
    return match_facts.of_matches([document], match_documents([document], [found]), train)


def test_what_is_right_is_no_error_and_has_lengths() -> None:
    assert facts_of([ADA, NEW_YORK], [ADA, NEW_YORK]) == [
        Facts("", length=1, document_length=7),
        Facts("", length=2, document_length=7),
    ]


@pytest.mark.parametrize(
    ("found", "border"),
    [
        (Span(13, 25, "LOC"), "too long"),
        (Span(16, 19, "LOC"), "too short"),
        (Span(21, 31, "LOC"), "shifted"),
    ],
)
def test_wrong_borders_are_named_and_the_length_is_that_of_gold(found: Span, border: str) -> None:
    assert facts_of([NEW_YORK], [found]) == [Facts("boundary", border, 2, 7)]


def test_every_match_of_a_split_span_carries_its_kind_and_no_border() -> None:
    parts = [Span(16, 19, "LOC"), Span(21, 25, "LOC")]
    found = facts_of([NEW_YORK], parts)
    assert [(each.error, each.border) for each in found] == [("split", None)] * 2
    assert {each.error for each in facts_of(parts, [NEW_YORK])} == {"merged"}


def test_a_missed_and_a_spurious_span_have_the_length_of_the_one_that_is_there() -> None:
    found = facts_of([ADA], [Span(13, 25, "LOC")])
    assert [(each.error, each.length) for each in found] == [("missed", 1), ("spurious", 3)]


def test_a_span_is_seen_where_train_has_its_words_in_any_case_and_with_any_label() -> None:
    train = Document("NEW YORK", ((0, 3), (4, 8)), (Span(0, 8, "ORG"),))
    found = facts_of([ADA, NEW_YORK], [Span(0, 7, "PER")], train)
    assert [each.seen for each in found] == [False, True]


def test_without_a_span_in_train_there_is_nothing_to_compare() -> None:
    assert [each.seen for each in facts_of([ADA], [], Document("Ada", ((0, 3),)))] == [None]


def test_a_document_that_is_missing_is_not_passed_over() -> None:
    document = Document(TEXT, TOKENS, (ADA,), id=5)
    with pytest.raises(KeyError):
        match_facts.of_matches([], match_documents([document], [[]]), ())


def test_a_span_that_touches_part_of_a_token_counts_it() -> None:
    assert facts_of([Span(1, 5, "PER")], [])[0].length == 2
