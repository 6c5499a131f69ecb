"""The plan of a skilled user: the cheapest way, on sentences where one sees which that is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from storage.types import Document, Span, Token
from tests.benchmarks.parts.planning import plan

KEYS = {"PER": "1", "LOC": "2", "ORG": "3"}
TEXT = "Ada Lovelace met Emmy Noether in New York near Ulm"
ADA, EMMY = Span(0, 12, "PER"), Span(17, 29, "PER")
YORK, ULM = Span(33, 41, "LOC"), Span(47, 50, "LOC")


def words(text: str) -> tuple[Token, ...]:
    return tuple((found.start(), found.end()) for found in re.finditer(r"\S+", text))


def way(gold: list[Span], *suggestions: tuple, sticky: str | None = None) -> str:
    """Return the plan in words: drags and clicks by what they are on, keys as they are."""
    document = Document(TEXT, words(TEXT), tuple(gold))
    seen = [Span(s.start, s.end, label or s.label, score=score) for s, label, score in suggestions]
    found = plan(document, seen, 0.8, KEYS, sticky)
    return " ".join(
        action.key or f"{action.kind}:{TEXT[slice(*action.place)].replace(' ', '_')}"
        for action in found.actions
    )


def sure(span: Span, label: str = "") -> tuple:
    return span, label, 0.9


def unsure(span: Span, label: str = "") -> tuple:
    return span, label, 0.5


def test_nothing_to_label_is_nothing_to_do() -> None:
    assert way([]) == ""
    assert way([], sure(ADA), unsure(YORK)) == "", "suggestions may stay"


def test_a_label_is_taken_up_once_for_all_its_drags() -> None:
    assert way([ADA]) in ("1 drag:Ada_Lovelace", "drag:Ada_Lovelace 1")
    assert way([ADA], sticky="PER") == "drag:Ada_Lovelace"
    found = way([ADA, YORK, EMMY, ULM], sticky="LOC").split()
    assert found[2] == "1"
    assert {*found[:2]} == {"drag:New_York", "drag:Ulm"}
    assert {*found[3:]} == {"drag:Ada_Lovelace", "drag:Emmy_Noether"}


def test_a_drag_takes_the_likeliest_label_where_nothing_is_suggested() -> None:
    def plan_of(gold: Span, *guesses: Span, sticky: str | None = None) -> list[str]:
        document = Document(TEXT, words(TEXT), (gold,))
        found = plan(document, [], 0.8, KEYS, sticky, guesses=guesses)
        return [action.key or action.kind for action in found.actions]

    beside = Span(0, 3, "LOC", score=0.4), Span(4, 16, "PER", score=0.9)
    assert plan_of(ADA, *beside) == ["drag"]
    assert len(plan_of(EMMY, Span(17, 29, "LOC", score=0.9))) == 2, "a digit mends it"
    assert len(plan_of(ADA, *beside, sticky="LOC")) == 2, "what is taken up comes first"


def test_the_label_that_is_taken_up_is_told() -> None:
    document = Document(TEXT, words(TEXT), (ADA, EMMY))
    assert plan(document, [], 0.8, KEYS).sticky == "PER"
    assert plan(document, [ADA, EMMY], 0.8, KEYS, "LOC").sticky == "LOC"


def test_of_equal_ways_text_first_leaves_no_label_taken_up() -> None:
    document = Document(TEXT, words(TEXT), (ADA,))
    found = plan(document, [], 0.8, KEYS, text_first=True)
    assert [action.kind for action in found.actions] == ["drag", "key"]
    assert found.sticky is None
    more = replace(document, spans=(ADA, EMMY))
    assert plan(more, [], 0.8, KEYS, text_first=True).sticky == "PER", "where it pays, it does"


def test_sure_and_right_suggestions_are_accepted_at_once() -> None:
    assert way([ADA, EMMY, YORK], sure(ADA), sure(EMMY), sure(YORK)) == "Shift+Y"


def test_unsure_ones_are_accepted_one_by_one() -> None:
    assert way([ADA, EMMY], unsure(ADA), unsure(EMMY)) == "y y"
    # The last one that is missing needs no judgement of those behind it.
    assert way([ADA], unsure(ADA), unsure(EMMY)) == "y"


def test_a_wrong_one_before_a_right_one_is_passed_by() -> None:
    assert way([EMMY], unsure(ADA), unsure(EMMY)) == "drag:Emmy_Noether"
    assert way([EMMY], unsure(ADA), unsure(EMMY), sticky="LOC") in (
        "x y",
        "click:Emmy_Noether y",
    )


def test_a_sure_and_wrong_one_is_not_accepted_with_the_others() -> None:
    assert way([ADA, EMMY], sure(ADA), sure(EMMY), sure(YORK)) == "y y"


def test_what_is_missing_is_dragged_after_the_rest_is_accepted() -> None:
    found = way([ADA, EMMY, ULM], sure(ADA), sure(EMMY), sticky="LOC").split()
    assert sorted(found) == ["Shift+Y", "drag:Ulm"]


def test_a_wrong_label_is_mended_in_place_or_dragged_over() -> None:
    # The first is selected already, unless a label is taken up.
    assert way([ADA], unsure(ADA, "ORG")) == "1"
    assert way([ADA], unsure(ADA, "ORG"), sticky="LOC") in (
        "click:Ada_Lovelace 1",
        "1 drag:Ada_Lovelace",
    )
    assert way([EMMY], unsure(ADA), unsure(EMMY, "ORG")) in (
        "click:Emmy_Noether 1",
        "drag:Emmy_Noether 1",
        "x 1",
    )
    assert way([ADA], unsure(ADA, "ORG"), sticky="PER") == "drag:Ada_Lovelace"
    assert way([ADA, EMMY, YORK], sure(ADA), sure(EMMY), sure(YORK, "ORG"), sticky="LOC") in (
        "Shift+Y drag:New_York",
        "drag:New_York Shift+Y",
    )


def test_a_border_is_mended_by_a_key() -> None:
    lovelace = Span(4, 12, "PER")
    found = way([ADA, YORK], unsure(lovelace), sticky="LOC")
    assert len(found.split()) == 3
    assert "click:Lovelace [" in found or "1 drag:Ada_Lovelace" in found


def test_a_drag_over_a_suggestion_mends_its_borders() -> None:
    assert way([ADA], unsure(Span(4, 12, "PER"))) in ("[", "drag:Ada_Lovelace")
    assert way([EMMY], unsure(ADA), unsure(Span(22, 29, "PER"))) == "drag:Emmy_Noether"
    assert way([EMMY], unsure(Span(13, 29, "ORG")), unsure(ADA)) in (
        "drag:Emmy_Noether 1",
        "1 drag:Emmy_Noether",
    )


def test_a_drag_joins_suggestions_that_agree() -> None:
    pieces = Span(17, 21, "PER"), Span(22, 29, "PER")
    assert way([EMMY], unsure(ADA), *map(unsure, pieces)) == "drag:Emmy_Noether"
    assert len(way([EMMY], unsure(ADA), unsure(pieces[0]), unsure(pieces[1], "ORG")).split()) == 2
    far = unsure(Span(0, 3, "PER")), unsure(Span(47, 50, "PER"))
    assert len(way([Span(0, 50, "PER")], *far).split()) == 2, "they are not half of it"


def test_words_without_a_suggestion_take_a_drag_and_a_digit() -> None:
    assert len(way([ADA, ULM], unsure(ADA)).split()) == 3
    assert way([ULM], unsure(ADA)) == "drag:Ulm 2", "a digit first would label the suggestion"


@pytest.mark.parametrize("label", ["PER", "ORG"])
def test_every_way_leads_there(label: str) -> None:
    gold = [ADA, EMMY, YORK, ULM]
    wrong = [Span(4, 12, label), Span(17, 21, "PER"), Span(13, 16, "LOC"), Span(33, 41, "ORG")]
    for score in (0.5, 0.9):
        assert 4 <= len(way(gold, *[(span, "", score) for span in wrong]).split()) <= 7


def test_a_long_sentence_with_many_suggestions_is_gone_through() -> None:
    text = " ".join(f"Word{n:02}" for n in range(40))
    names = "PER", "LOC", "ORG"
    gold = [Span(21 * n, 21 * n + 13, names[n % 3]) for n in range(8)]
    # Half of one of three, a wrong label on another, and between them what is none.
    wrong = [Span(s.start + 7, s.end, s.label) for s in gold[::3]]
    wrong += [replace(s, label="PER") for s in gold[1::3]]
    wrong += [Span(21 * n + 14, 21 * n + 20, "LOC") for n in range(5)]
    seen = [replace(s, score=0.5 + 0.4 * (n % 2)) for n, s in enumerate(sorted(wrong))]
    found = plan(Document(text, words(text), tuple(gold)), seen, 0.8, KEYS)
    assert 8 < len(found.actions) < 13


def test_overlapping_labels_are_refused() -> None:
    document = Document("Ada", ((0, 3),), (Span(0, 3, "PER"), Span(0, 3, "ORG")))
    with pytest.raises(ValueError, match="do not overlap"):
        plan(document, [], 0.8, KEYS)
