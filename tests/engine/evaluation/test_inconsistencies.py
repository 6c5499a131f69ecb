"""Texts that stand in several documents with different marks; what is mended first."""

from engine.evaluation.inconsistencies import Inconsistency, Place, of_whole_texts, ranked
from storage.types import Document, Span


def made(**counts: int) -> Inconsistency:
    labels = [label for label, number in counts.items() for _ in range(number)]
    return Inconsistency(
        "x",
        tuple(
            Place(n, 0, 1, None if label == "none" else Span(0, 1, label))
            for n, label in enumerate(labels)
        ),
    )


def test_what_most_places_say_is_usual_and_the_rest_is_odd() -> None:
    found = made(ORG=1, none=2, LOC=5)
    assert found.counts == [("LOC", 5), (None, 2), ("ORG", 1)]
    assert (found.usual, found.odd, found.labels) == ("LOC", 3, ["LOC", "ORG"])
    assert [place.label for place in found.others("ORG")] == [None] * 2 + ["LOC"] * 5


def test_words_are_open_until_every_odd_place_was_found_right() -> None:
    found = made(LOC=3, ORG=1, none=1)
    assert found.open(set())
    assert found.open({(3, 0, 1, "ORG")})
    assert not found.open({(3, 0, 1, "ORG"), (4, 0, 1, "LOC")})


def test_clear_slips_come_before_words_with_two_meanings() -> None:
    slips, two_meanings, even = made(LOC=38, ORG=3), made(LOC=4, ORG=3), made(LOC=1, ORG=1)
    assert ranked([even, two_meanings, slips]) == [slips, two_meanings, even]


def test_equal_texts_with_other_labels_are_found_for_tasks_of_whole_documents() -> None:
    def labelled(text: str, id: int, *labels: str) -> Document:
        return Document(text, spans=tuple(Span(0, 0, label) for label in labels), id=id)

    documents = [
        labelled("Good", 1, "yes"),
        labelled("good", 2, "no"),
        labelled("Bad", 3, "no"),
        labelled("bad", 4, "no"),
        labelled("alone", 5, "yes", "no"),
        labelled("open", 6),
        labelled("open", 7, "yes"),
    ]
    found = {one.words: [place.label for place in one.places] for one in of_whole_texts(documents)}
    assert found == {"good": ["yes", "no"], "open": [None, "yes"]}
