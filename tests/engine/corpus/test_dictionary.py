"""Many strings are found at once, the longest first, where a single search finds them, too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.dictionary import Dictionary, Entry, from_labels
from engine.corpus.phrase_matcher import find
from storage.types import Source, Span

WORDS = st.text(st.sampled_from("abAß İ我👩"), max_size=6)
ENTRIES = st.lists(st.builds(Entry, WORDS, st.sampled_from(["PER", "ORG"])), max_size=6)


def labelled(dictionary: Dictionary, text: str, *taken: tuple[int, int]) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.label) for s in dictionary.spans(text, taken)]


def test_the_longest_of_overlapping_hits_stays():
    dictionary = Dictionary(
        [Entry("New York", "LOC"), Entry("York University", "ORG"), Entry("New York Cit", "LOC")]
    )
    text = "New York, New York University, New York City"
    assert labelled(dictionary, text) == [
        ("New York", "LOC"),
        ("York University", "ORG"),
        ("New York", "LOC"),
    ]


def test_a_span_says_that_a_dictionary_made_it():
    assert Dictionary([Entry("Ada", "PER")]).spans("👩‍🚒 Ada")[0].source is Source.DICTIONARY


def test_what_is_taken_stays_free_of_hits():
    dictionary = Dictionary([Entry("Ada", "PER"), Entry("Oslo", "LOC")])
    assert labelled(dictionary, "Ada in Oslo, Ada", (0, 5)) == [("Oslo", "LOC"), ("Ada", "PER")]
    assert labelled(dictionary, "Ada", (2, 3)) == []


def test_a_string_with_two_labels_labels_nothing_unless_case_tells_them_apart():
    two = [Entry("Apple", "ORG"), Entry("apple", "FOOD"), Entry("May", "PER"), Entry("May", "DATE")]
    text = "Apple apple APPLE May"
    assert labelled(Dictionary(two), text) == [("Apple", "ORG"), ("apple", "FOOD")]
    assert labelled(Dictionary(two, match_case=False), text) == [
        ("Apple", "ORG"),
        ("apple", "FOOD"),
    ]
    assert labelled(Dictionary([Entry("Apple", "ORG")], match_case=False), "APPLE") == [
        ("APPLE", "ORG")
    ]


def test_ten_thousand_strings_are_searched_together():
    dictionary = Dictionary(Entry(f"name{n}", "PER") for n in range(10_000))
    assert len(dictionary) == 10_000
    assert labelled(dictionary, "name17 and name9999, name10000") == [
        ("name17", "PER"),
        ("name9999", "PER"),
    ]


def test_no_strings_label_nothing():
    assert Dictionary([]).spans("Ada") == []
    assert Dictionary([Entry(" ", "PER")]).spans("a b") == []


@given(WORDS, WORDS, WORDS, st.booleans(), st.booleans())
def test_one_string_is_found_where_a_search_finds_it(one, needle, two, whole_words, match_case):
    text = one + needle + two
    dictionary = Dictionary([Entry(needle, "PER")], whole_words, match_case)
    hits = [(span.start, span.end) for span in dictionary.spans(text)]
    assert hits == find(text, needle, whole_words, match_case)


@given(ENTRIES, st.lists(WORDS, max_size=5).map("".join), st.booleans(), st.booleans())
def test_spans_never_overlap_and_hold_a_string_of_their_label(
    entries, text, whole_words, match_case
):
    dictionary = Dictionary(entries, whole_words, match_case)
    spans = dictionary.spans(text)
    assert all(one.end <= two.start for one, two in zip(spans, spans[1:], strict=False))
    for span in spans:
        quote = text[span.start : span.end]
        assert any(
            find(quote, entry.text, False, match_case) == [(0, len(quote))]
            for entry in entries
            if entry.label == span.label
        )


@given(ENTRIES, WORDS)
def test_nothing_is_labelled_where_everything_is_taken(entries, text):
    assert Dictionary(entries).spans(text, [(0, len(text))]) == []


def test_strings_labelled_often_and_always_alike_become_entries():
    counts = [
        ("Oslo", "LOC", 3),
        ("Ada", "PER", 1),
        ("Ada ", "PER", 1),
        ("May", "PER", 5),
        ("May", "DATE", 1),
        ("once", "ORG", 1),
        (" ", "ORG", 9),
    ]
    assert from_labels(counts) == ([Entry("Oslo", "LOC"), Entry("Ada", "PER")], 1)
    assert from_labels(counts, at_least=3) == ([Entry("Oslo", "LOC")], 1)


def test_equal_lengths_leave_the_leftmost():
    spans = Dictionary([Entry("a b", "PER"), Entry("b c", "ORG")]).spans("a b c")
    assert spans == [Span(0, 3, "PER")]
