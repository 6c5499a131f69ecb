"""Suspects: told in words, printed as commands print them."""

from __future__ import annotations

import numpy as np

from engine.evaluation.suspects import Suspect, informed, rank_whole, say, say_corpus, say_model
from storage.types import Document, Span


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
    assert say_model("LOC", 0.97, "“Ulm”", 5, 5) == (
        "five of five models that never saw it say LOC for “Ulm” at 0.97"
    )
    assert say_model("LOC", 0.4, "", 1, 12) == "one of 12 models that never saw it says LOC at 0.40"
    assert say_model("LOC", 0.2, "", 0, 5) == "the five models that never saw it give LOC at 0.20"
    assert say_model(None, 0.9) == "the model that never saw it says nothing at 0.90"
    assert say_corpus(None, 3, 3, "“May”") == "“May” is unlabelled in 3 of 3 other places"


def test_a_row_has_the_place_of_what_is_there() -> None:
    wrong = Suspect(7, Span(4, 8, "LOC"), Span(0, 8, "LOC"), 0.5, "why")
    assert wrong.to_json() == {
        "document": 7,
        "start": 4,
        "end": 8,
        "given": "LOC",
        "suggested": "LOC",
        "suggested_start": 0,
        "suggested_end": 8,
        "score": 0.5,
        "reason": "why",
    }
    missing = Suspect(7, None, Span(0, 8, "LOC"), 0.5, "why").to_json()
    assert (missing["start"], missing["end"], missing["given"]) == (0, 8, None)
    spare = Suspect(7, Span(4, 8, "LOC"), None, 0.5, "why").to_json()
    assert (spare["start"], spare["end"], spare["suggested"]) == (4, 8, None)


def test_marks_of_whole_documents_are_ranked_for_all_tasks() -> None:
    documents = [
        Document("good", spans=(Span(0, 0, "no"),), id=5),
        Document("fine", spans=(Span(0, 0, "yes"),), id=6),
        Document("open", id=7),
    ]
    says_yes = np.log(np.array([[[0.1, 0.9]], [[0.6, 0.4]]], dtype=np.float32))
    found = rank_whole(documents, [says_yes] * 3, ("no", "yes"))
    assert [(each.document, each.suggested) for each in found] == [
        (5, Span(0, 0, "yes")),
        (6, Span(0, 0, "no")),
    ]
    assert found[0].reason == "you said no, one of two models that never saw it says yes at 0.65"
    assert round(found[0].score, 3) == 0.65


def test_who_says_the_most_frequent_label_of_everything_knows_nothing() -> None:
    names = ["no"] * 80 + ["yes"] * 20
    documents = [Document("", spans=(Span(0, 0, name),), id=n) for n, name in enumerate(names)]

    def told(right: float, several: bool = False) -> bool:
        """Ask of models that find so many of the rare label, and every frequent one."""
        found = [name == "yes" and n < 80 + 20 * right for n, name in enumerate(names)]
        scores = [np.log(np.array([[[0.1, 0.9] if yes else [0.8, 0.2]]])) for yes in found]
        return informed(documents, scores, ("no", "yes"), several)

    assert [told(share) for share in (0.0, 0.1, 0.3, 1.0)] == [False, False, True, True]
    assert [told(share, True) for share in (0.0, 0.3)] == [False, True]
