"""What a report says in words has the numbers of its tables."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.evaluation.confusion import Confusion
from engine.evaluation.findings import biggest, of_check, weakest
from engine.tasks.spans.metrics.levels import to_scores
from engine.tasks.spans.metrics.scoring import score
from storage.cells import ANY, MISSED, SPURIOUS, Only
from storage.types import Document, Span

WORDS = 12
TEXT = " ".join("abcdefghijkl")


def scores(*rows: tuple[str, str], wider: int = 0) -> dict:
    """Score words that people gave one label and the model another; "" is none.

    The last ``wider`` of the right ones are predicted with the space behind the word.
    """
    documents, found = [], []
    right = [i for i, (gold, predicted) in enumerate(rows) if gold == predicted]
    late = set(right[len(right) - wider :]) if wider else set()
    for i, (gold, predicted) in enumerate(rows):
        tokens = tuple((2 * n, 2 * n + 1) for n in range(WORDS))
        documents.append(Document(TEXT, tokens, (Span(2, 3, gold),) if gold else ()))
        found.append([Span(2, 5 if i in late else 3, predicted)] if predicted else [])
    return to_scores(score(documents, found))


def many(**counts: int) -> list[tuple[str, str]]:
    """``many(MISC_ORG=4)``: four spans of MISC that were taken for ORG; an empty side is none."""
    return [
        (name.split("_")[0], name.split("_")[1])
        for name, number in counts.items()
        for _ in range(number)
    ]


def test_the_biggest_confusion_is_of_two_labels_whatever_was_missed_or_has_wrong_borders() -> None:
    found = biggest(scores(*many(MISC_ORG=2, MISC_=5, _ORG=4, ORG_ORG=9, LOC_MISC=3), wider=6))
    assert found and (found.gold, found.predicted, found.count) == ("LOC", "MISC", 3)
    assert biggest(scores(*many(MISC_=5, ORG_ORG=9), wider=6)) is None


def test_the_weakest_label_is_named_with_what_became_of_its_spans() -> None:
    found = weakest(scores(*many(MISC_ORG=4, MISC_=3, MISC_MISC=14, ORG_ORG=30), wider=0))
    assert found.sentence == (
        "MISC is weakest: of 21 spans, 4 were taken for ORG and 3 were missed."
    )
    assert (found.label, found.support) == ("MISC", 21)
    assert (found.worst.gold, found.worst.predicted, found.worst.count) == ("MISC", "ORG", 4)
    assert found.worst.only is Only.ALL


def test_its_numbers_are_those_of_the_table() -> None:
    told = scores(*many(A_B=2, A_=5, B_A=1, _A=3, A_A=6, B_B=9), wider=2)
    table = told["confusion"]
    rows, columns = [*table["labels"], SPURIOUS], [*table["labels"], MISSED]
    for mistake in weakest(told).mistakes:
        counted = table["counts"][rows.index(mistake.gold)][columns.index(mistake.predicted)]
        if mistake.only is Only.BORDERS:
            counted -= table["exact"][rows.index(mistake.gold)]
        assert mistake.count == counted > 0


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (many(A_A=5, A_=1), "A is weakest: of 6 spans, 1 was missed."),
        (many(A_=1, B_B=1), "A is weakest: its only span was missed."),
        (many(A_B=7, B_B=9), "A is weakest: all 7 spans were taken for B."),
        (
            many(A_A=5, _A=2),
            "A is weakest: all 5 spans were found; 2 were found where nothing is labelled.",
        ),
        (many(_A=1), "A is weakest: 1 was found where nothing is labelled."),
        (
            many(A_A=5, A_=1, B_A=1, B_B=30),
            "A is weakest: of 6 spans, 1 was missed; 1 B was taken for A.",
        ),
    ],
)
def test_the_words_fit_the_numbers(rows: list, words: str) -> None:
    assert weakest(scores(*rows)).sentence == words


def test_wrong_borders_are_a_mistake_of_the_diagonal() -> None:
    found = weakest(scores(*many(A_A=7), wider=2))
    assert found.sentence == "A is weakest: of 7 spans, 2 have the wrong borders."
    assert found.worst.only is Only.BORDERS


def test_of_many_mistakes_the_first_are_named_and_the_others_counted() -> None:
    rows = many(A_B=5, A_C=4, A_D=3, A_E=2, A_=1, A_A=1)
    assert weakest(scores(*rows)).sentence == (
        "A is weakest: of 16 spans, 5 were taken for B, 4 were taken for C, 3 were taken for D "
        "and 2 rarer kinds of error."
    )


def test_a_label_of_which_there_are_enough_comes_before_a_rare_one() -> None:
    rows = many(RARE_=1, RARE_RARE=1, OFTEN_=2, OFTEN_OFTEN=20, _NEVER=9)
    assert weakest(scores(*rows)).label == "OFTEN"
    assert weakest(scores(*many(RARE_=1, RARE_RARE=1, _NEVER=9))).label == "RARE"


def test_where_nothing_went_wrong_no_label_is_weakest() -> None:
    assert weakest(scores(*many(A_A=3, B_B=1))) is None
    assert weakest(scores(("", ""))) is None


def test_of_hundreds_of_labels_each_error_is_told_once_for_all() -> None:
    rows = [(f"L{i % 150:03}", f"L{i % 149:03}" if i % 7 else "") for i in range(900)]
    told = scores(*rows)
    table = Confusion.of(told)
    wrong = Counter(rows)
    errors = sum(n for (gold, predicted), n in wrong.items() if gold != predicted)
    assert table.count(ANY, ANY, Only.ERRORS) == errors


def test_where_seqeval_does_not_agree_is_said_figure_by_figure() -> None:
    def differs(label: str, figure: str) -> dict:
        return {"label": label, "figure": figure, "ours": 0.75, "theirs": 0.5}

    assert of_check({"unfit": 0, "differences": []}) == ("Agrees with seqeval.",)
    two = [differs("", "f1"), differs("A", "recall")]
    said, unseen = of_check({"unfit": 1, "differences": two})
    assert said == (
        "Does not agree with seqeval: f1 of all labels is 0.5 there, 0.75 here and "
        "recall of A is 0.5 there, 0.75 here."
    )
    assert unseen.startswith("1 span does not fit into tags")
    (many,) = of_check({"unfit": 0, "differences": [*two * 4]})
    assert many.endswith("; 5 more.")
