"""Every span that is not right is in one kind of error, and sums are those of the other tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.confusion import confuse
from engine.tasks.spans.metrics import error_kinds, scoring
from engine.tasks.spans.metrics.error_kinds import Border, Error, Kind
from storage.types import Document, ErrorKind, Match, Span
from tests.engine.tasks.spans.drawing import LABELS, flat, marks, overlapping


def matched(*both: tuple[Sequence[Span], Sequence[Span]]) -> list[Match]:
    documents = [Document("", spans=tuple(gold), id=n) for n, (gold, _) in enumerate(both, 1)]
    return scoring.match_documents(documents, [found for _, found in both])


def errors_of(gold: Sequence[Span], predicted: Sequence[Span]) -> list[Error]:
    return error_kinds.find_errors(matched((gold, predicted)))


def said(gold: Sequence[Span], predicted: Sequence[Span]) -> list[str]:
    """Name the errors, with how many spans are on either side."""
    return [
        f"{e.kind} {len(e.gold)}:{len(e.predicted)}" + (f", {e.border}" if e.border else "")
        for e in errors_of(gold, predicted)
    ]


# --- what is what -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gold", "predicted", "errors"),
    [
        ("Aaaaa", "Aaaaa", []),
        ("Aaaaa", "Bbbbb", ["type 1:1"]),
        (".Aaa.", "Aaaaa", ["boundary 1:1, too long"]),
        (".Aaa.", ".Aaaa", ["boundary 1:1, too long"]),
        ("Aaaaa", "Aaaa.", ["boundary 1:1, too short"]),
        (".Aaaa", "Aaaa.", ["boundary 1:1, shifted"]),
        ("Aaaaa", ".Bbb.", ["type and boundary 1:1, too short"]),
        ("Aaaaa", ".....", ["missed 1:0"]),
        (".....", "Aaaaa", ["spurious 0:1"]),
        # Beside each other is no overlap.
        ("Aaa..", "...Aa", ["missed 1:0", "spurious 0:1"]),
        ("Aaaaa", "Aa.Aa", ["split 1:2"]),
        ("Aaaaa", "AaAAa", ["split 1:3"]),
        ("Aa.Aa", "Aaaaa", ["merged 2:1"]),
        ("AaAAa", "Aaaaa", ["merged 3:1"]),
        # Other labels change nothing about that; nor does a piece that stands out.
        ("Aaaaa", "Aa.Bb", ["split 1:2"]),
        ("Aaaaa", "Bb.Bb", ["split 1:2"]),
        ("Aa.Bb", "Aaaaa", ["merged 2:1"]),
        (".Aaaa..", "Aa.Aaaa", ["split 1:2"]),
        # Two and two: each has its own.
        ("AaaaAa", "AaAaaa", ["boundary 1:1, too short", "boundary 1:1, too long"]),
        # A chain: its middle is no piece of the one and no whole of the other.
        (
            ".AaaaaAa",
            "AaAaaaa.",
            ["spurious 0:1", "boundary 1:1, shifted", "missed 1:0"],
        ),
    ],
)
def test_what_went_wrong_has_a_name(gold: str, predicted: str, errors: list[str]) -> None:
    assert said(marks(gold), marks(predicted)) == errors


def test_a_span_with_the_right_borders_is_neither_split_nor_merged() -> None:
    whole, inner = "Aaaaa", ".Aaa."
    assert said(marks(whole), marks(whole, inner)) == ["spurious 0:1"]
    assert said(marks(whole, inner), marks(whole)) == ["missed 1:0"]
    assert said(marks("Bbbbb"), marks("Aaaaa", ".Aaa.")) == ["type 1:1", "spurious 0:1"]


def test_one_span_inside_another_is_no_piece_of_a_whole() -> None:
    gold = marks("Aaaaaa.", ".Bb....")
    assert said(gold, marks("Aaaaaaa")) == ["boundary 1:1, too long", "missed 1:0"]
    # Of two pieces that overlap the larger counts.
    gold = marks("Aaaa.....", "....Bb...", ".....Aaaa")
    error, left = errors_of(gold, marks("Aaaaaaaaa"))
    assert (error.kind, error.gold) == (Kind.MERGED, (Span(0, 4, "a"), Span(5, 9, "a")))
    assert (left.kind, left.gold) == (Kind.MISSED, (Span(4, 6, "b"),))


def test_a_piece_in_two_spans_belongs_to_the_larger_part_then_to_the_left() -> None:
    left, right = ["split 1:2", "boundary 1:1, too short"], ["boundary 1:1, too short", "split 1:2"]
    assert said(marks("AaaaAaaa"), marks("Aa", "..Aaa", "......Aa")) == left
    assert said(marks("AaaaAaaa"), marks("Aa", "...Aaa", "......Aa")) == right
    assert said(marks("AaaaAaaa"), marks("Aa", "...Aa", "......Aa")) == left


def test_an_error_says_where_it_is_and_whether_labels_differ() -> None:
    first, second = error_kinds.find_errors(
        matched((marks("Aa"), marks("Aa")), (marks("Aaaaa.Bb"), marks("Aa.Bb.....")))
    )
    assert (first.kind, first.document, first.relabelled) == (Kind.SPLIT, 2, True)
    assert (first.gold, first.predicted) == (
        (Span(0, 5, "a"),),
        (Span(0, 2, "a"), Span(3, 5, "b")),
    )
    assert (second.kind, second.gold, second.predicted) == (Kind.MISSED, (Span(6, 8, "b"),), ())
    assert second.relabelled is False
    assert errors_of(marks("Aaaaa"), marks("Aa.Aa"))[0].relabelled is False


# --- what adds up -------------------------------------------------------------------------

anything = st.lists(st.tuples(overlapping(), overlapping()), min_size=1, max_size=3)


@given(anything)
def test_each_match_that_is_not_exact_is_in_one_error(both: list) -> None:
    matches = matched(*both)
    inside = [match for error in error_kinds.find_errors(matches) for match in error.matches]
    exact = [match for match in matches if match.kind is ErrorKind.EXACT]
    assert Counter(inside) == Counter(matches) - Counter(exact)
    assert confuse([*inside, *exact]) == confuse(matches)


@given(anything)
def test_gold_spans_in_errors_are_the_false_negatives_predicted_the_false_positives(
    both: list,
) -> None:
    matches = matched(*both)
    found = error_kinds.count_kinds(error_kinds.find_errors(matches))
    table = scoring.score_entities(confuse(matches))
    right = confuse(matches)
    exact = dict(zip(right["labels"], right["exact"], strict=True))
    kinds = found["kinds"].values()
    assert sum(row["gold"] for row in kinds) == table["micro"]["support"] - sum(exact.values())
    assert sum(row["predicted"] for row in kinds) == table["micro"]["predicted"] - sum(
        exact.values()
    )
    for label, row in table["labels"].items():
        of_label = found["labels"].get(label, {}).values()
        assert sum(each["gold"] for each in of_label) == row["support"] - exact[label]
        assert sum(each["predicted"] for each in of_label) == row["predicted"] - exact[label]
    for kind, row in found["kinds"].items():
        for side in ("gold", "predicted"):
            assert row[side] == sum(each[kind][side] for each in found["labels"].values())
    assert sum(found["borders"].values()) == found["kinds"]["boundary"]["errors"]


@given(anything)
def test_each_kind_has_its_shape(both: list) -> None:
    for error in error_kinds.find_errors(matched(*both)):
        gold, predicted = len(error.gold), len(error.predicted)
        if error.kind is Kind.SPLIT:
            assert gold == 1 < predicted
        elif error.kind is Kind.MERGED:
            assert gold > 1 == predicted
        else:
            assert error.kind.value == error.matches[0].kind.value and len(error.matches) == 1
        assert {match.document for match in error.matches} == {error.document}
        assert all(scoring.overlap(g, p) > 0 for g in error.gold for p in error.predicted)
        for side in (error.gold, error.predicted):
            assert all(
                one.end <= other.start for one, other in zip(side, side[1:], strict=False)
            ), "side by side"


@given(overlapping(), overlapping(), st.randoms(use_true_random=False))
def test_the_order_of_spans_and_of_matches_says_nothing(gold: list, predicted: list, lot) -> None:
    before = errors_of(gold, predicted)
    lot.shuffle(gold)
    lot.shuffle(predicted)
    assert errors_of(gold, predicted) == before
    matches = matched((gold, predicted))
    lot.shuffle(matches)
    again = error_kinds.find_errors(matches)
    assert Counter(map(sides, again)) == Counter(map(sides, before))


def sides(error: Error) -> tuple:
    return error.kind, error.border, error.gold, error.predicted


OPPOSITE = {
    Kind.SPLIT: Kind.MERGED,
    Kind.MISSED: Kind.SPURIOUS,
    Border.TOO_LONG: Border.TOO_SHORT,
}
OPPOSITE |= {other: one for one, other in OPPOSITE.items()}


@given(flat(), flat())
def test_gold_and_predicted_exchanged_kinds_are_exchanged(gold: list, predicted: list) -> None:
    there = [sides(error) for error in errors_of(gold, predicted)]
    back = [sides(error) for error in errors_of(predicted, gold)]
    assert Counter(there) == Counter(
        (OPPOSITE.get(kind, kind), OPPOSITE.get(border, border), right, left)
        for kind, border, left, right in back
    )


@given(flat(), flat())
def test_a_span_that_touches_others_is_left_over_only_in_a_chain(
    gold: list, predicted: list
) -> None:
    errors = errors_of(gold, predicted)
    missed = [span for error in errors if error.kind is Kind.MISSED for span in error.gold]
    spurious = [span for error in errors if error.kind is Kind.SPURIOUS for span in error.predicted]
    chained = [
        error for error in errors if touch(error.gold, spurious) and touch(error.predicted, missed)
    ]
    for span in missed:
        if touch([span], predicted):
            assert any(touch([span], error.predicted) for error in chained)
    for span in spurious:
        if touch([span], gold):
            assert any(touch([span], error.gold) for error in chained)


def touch(spans: Sequence[Span], others: Sequence[Span]) -> bool:
    return any(scoring.overlap(one, other) > 0 for one in spans for other in others)


# --- figures ------------------------------------------------------------------------------


def test_kinds_are_counted_by_kind_by_border_and_by_label() -> None:
    found = error_kinds.count_kinds(
        error_kinds.find_errors(
            matched((marks("Aaaaa.Aa"), marks("Aa.Bb.Aaa")), (marks("Bb"), marks("Bb")))
        )
    )
    none = {"errors": 0, "gold": 0, "predicted": 0}
    assert found["kinds"] == {
        **{str(kind): none for kind in Kind},
        "split": {"errors": 1, "gold": 1, "predicted": 2},
        "boundary": {"errors": 1, "gold": 1, "predicted": 1},
    }
    assert found["borders"] == {"too long": 1, "too short": 0, "shifted": 0}
    assert found["labels"]["b"]["split"] == {"gold": 0, "predicted": 1}
    assert list(found["labels"]) == list(LABELS)
    lines = error_kinds.format_kinds(found).splitlines()
    assert [line.split() for line in lines if "long" in line or "split" in line] == [
        ["too", "long", "1"],
        ["split", "1", "1", "2"],
    ]
    assert lines[-1].split() == ["all", "2", "2", "3"]


def test_many_spans_in_one_are_joined_quickly() -> None:
    parts = [Span(2 * n, 2 * n + 1, "a") for n in range(5_000)]
    (error,) = errors_of(parts, [Span(0, 10_000, "a")])
    assert (error.kind, len(error.gold)) == (Kind.MERGED, 5_000)
