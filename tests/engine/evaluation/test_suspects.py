"""Suspects: told in words, printed as commands print them."""

from __future__ import annotations

from engine.evaluation.suspects import Suspect, say, say_corpus, say_model
from storage.types import Span


def test_reasons_name_both_sides() -> None:
    model = say_model("LOC", 0.9712)
    corpus = say_corpus("LOC", 41, 1043, "the same string")
    assert say("ORG", model, corpus) == (
        "you said ORG, the model that never saw it says LOC at 0.97; "
        "the same string is LOC in 41 of 1,043 other places"
    )


def test_nothing_is_a_side_as_well() -> None:
    assert say(None, "", say_corpus("PER", 1, 1, "the same string")) == (
        "nothing is labelled here, the same string is PER in 1 of 1 other place"
    )
    assert say_model(None, 0.9) == "the model that never saw it says nothing at 0.90"
    assert say_corpus(None, 3, 3, "“May”") == "“May” is unlabelled in 3 of 3 other places"


def test_a_row_has_the_place_of_what_is_there() -> None:
    wrong = Suspect(7, Span(4, 8, "LOC"), Span(0, 8, "LOC"), 0.5, "why")
    assert wrong.to_json() == {
        "document": 7,
        "start": 4,
        "end": 8,
        "given": "LOC",
        "suggested": {"start": 0, "end": 8, "label": "LOC"},
        "score": 0.5,
        "reason": "why",
    }
    missing = Suspect(7, None, Span(0, 8, "LOC"), 0.5, "why").to_json()
    assert (missing["start"], missing["end"], missing["given"]) == (0, 8, None)
    spare = Suspect(7, Span(4, 8, "LOC"), None, 0.5, "why").to_json()
    assert (spare["start"], spare["end"], spare["suggested"]) == (4, 8, None)
