"""Strings whose places differ: counted where they stand by themselves, told with every place."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.spans.label_errors import inconsistencies
from storage.types import Document, Span
from tests.engine.tiny import document


def test_a_string_is_told_with_all_its_places_as_it_is_mostly_written() -> None:
    documents = [
        document("in Ulm now", (3, 6, "LOC"), id=7),
        document("ULM won", (0, 3, "ORG"), id=8),
        document("from Ulm to Ulm", (5, 8, "LOC"), id=9),
        document("Ulm University", (0, 14, "ORG"), id=10),
    ]
    (found,) = inconsistencies.find(documents)
    assert found.words == "Ulm"
    assert found.counts == [("LOC", 2), ("ORG", 1), (None, 1)]
    places = [(place.document, place.start, place.label) for place in found.places]
    assert places == [(7, 3, "LOC"), (8, 0, "ORG"), (9, 5, "LOC"), (9, 12, None)]


def test_a_word_that_was_labelled_once_and_hardly_ever_again_is_no_finding() -> None:
    bare = [document("May I come", id=n) for n in range(30)]
    once = document("May came", (0, 3, "PER"), id=99)
    assert inconsistencies.find([*bare, once]) == []
    assert inconsistencies.find([*bare[:5], once])[0].counts == [(None, 5), ("PER", 1)]


def test_places_in_other_spans_and_consistent_strings_are_passed_over() -> None:
    same = [document("in Ulm", (3, 6, "LOC"), id=n) for n in range(3)]
    inside = document("Ulm University", (0, 14, "ORG"), id=9)
    assert inconsistencies.find([*same, inside]) == []


WORDS = st.sampled_from(["Ulm", "ulm", "Bonn", "x"])
LABELS = st.sampled_from([None, "LOC", "ORG"])


@given(st.lists(st.lists(st.tuples(WORDS, LABELS), min_size=1, max_size=5), max_size=6))
def test_every_place_of_a_finding_stands_in_its_document(
    texts: list[list[tuple[str, str | None]]],
) -> None:
    documents: list[Document] = []
    for number, words in enumerate(texts):
        made = document(" ".join(word for word, _ in words), id=number)
        marks = [
            Span(*token, label)
            for token, (_, label) in zip(made.tokens, words, strict=True)
            if label
        ]
        documents.append(replace(made, spans=tuple(marks)))
    for found in inconsistencies.find(documents):
        assert found.odd > 0 and sum(number for _, number in found.counts) == len(found.places)
        for place in found.places:
            here = documents[place.document]
            assert here.text[place.start : place.end].casefold() == found.words.casefold()
            spans = {(s.start, s.end): s for s in here.spans}
            assert spans.get((place.start, place.end)) == place.given
        same = sum(w.casefold() == found.words.casefold() for text in texts for w, _ in text)
        assert len(found.places) == same
