"""Strings of a corpus: how each is labelled elsewhere, and where it is left unlabelled."""

from __future__ import annotations

from engine.tasks.spans.label_errors.strings import RARELY, UNLABELLED, Strings
from engine.tasks.spans.tagging.alignment import place
from storage.types import Document, Span

LABELS = ("LOC", "PER")


def document(text: str, *spans: tuple[str, str]) -> Document:
    """Return a document of words; spans are given by their text."""
    tokens, at = [], 0
    for word in text.split():
        tokens.append((at, at + len(word)))
        at += len(word) + 1
    marked = [Span(text.index(part), text.index(part) + len(part), label) for part, label in spans]
    return Document(text, tuple(tokens), tuple(marked))


def strings(*documents: Document) -> Strings:
    return Strings(documents, [place(each, each.spans) for each in documents], LABELS)


def test_places_are_counted_by_label_whatever_the_case() -> None:
    found = strings(
        document("in New York", ("New York", "LOC")),
        document("new york", ("new york", "PER")),
        document("NEW YORK and New York"),
    )
    assert found.elsewhere(0, 1, 3).tolist() == [1, 1, 2]
    assert found.totals.tolist() == [1, 1, 2]


def test_a_place_does_not_speak_for_itself() -> None:
    found = strings(document("Ulm", ("Ulm", "LOC")), document("Ulm"))
    assert found.elsewhere(0, 0, 1, own=0).tolist() == [0, 0, 1]
    assert found.elsewhere(1, 0, 1, own=UNLABELLED).tolist() == [1, 0, 0]
    assert found.elsewhere(0, 0, 1).tolist() == [1, 0, 1]


def test_what_is_labelled_nowhere_has_no_counts() -> None:
    found = strings(document("it rains in Ulm", ("Ulm", "LOC")))
    assert found.elsewhere(0, 0, 2).tolist() == [0, 0, 0]
    assert found.elsewhere(0, 0, 2, own=UNLABELLED).tolist() == [0, 0, 0]


def test_a_part_of_a_labelled_range_is_no_unlabelled_place() -> None:
    found = strings(document("York", ("York", "LOC")), document("New York", ("New York", "LOC")))
    assert found.elsewhere(0, 0, 1).tolist() == [1, 0, 0]
    assert list(found.bare(1)) == []


def test_unlabelled_places_come_longest_first() -> None:
    found = strings(
        document("New York", ("New York", "LOC")),
        document("York", ("York", "PER")),
        document("from New York to York New"),
    )
    assert list(found.bare(2)) == [(1, 3), (2, 3), (4, 5)]


def test_a_word_that_is_labelled_once_in_many_places_is_a_word() -> None:
    once, again = document("may", ("may", "PER")), document("may")
    assert list(strings(once, *[again] * (RARELY - 1)).bare(1)) == [(0, 1)]
    assert list(strings(once, *[again] * RARELY).bare(1)) == []
