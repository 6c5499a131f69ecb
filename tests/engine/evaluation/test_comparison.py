"""Two runs on the same gold: figures as reported, outcomes that add up, verdicts with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation import comparison
from engine.evaluation.bootstrap import Interval
from engine.evaluation.comparison import Comparison, Verdict, tally
from engine.evaluation.confusion import confuse
from engine.tasks.spans.metrics import scoring
from storage.outcomes import Outcome
from storage.types import Document, ErrorKind, Match, Span
from storage.words import CLASSES

TEXT = "abcdefgh"
spans = st.lists(
    st.builds(
        lambda start, length, label: Span(start, min(start + length, len(TEXT)), label),
        st.integers(0, len(TEXT) - 1),
        st.integers(1, 3),
        st.sampled_from(["LOC", "ORG", "PER"]),
    ),
    max_size=4,
)
cases = st.lists(st.tuples(spans, spans, spans), min_size=1, max_size=6)


def matched(case: list) -> tuple[list[Match], list[Match]]:
    documents = [Document(TEXT, spans=tuple(gold), id=n) for n, (gold, _, _) in enumerate(case)]
    a, b = (
        scoring.match_documents(documents, [tuple(each[side]) for each in case]) for side in (1, 2)
    )
    return a, b


def compared(case: list) -> Comparison:
    return comparison.compare(len(case), *matched(case), resamples=200)


def right(matches: list[Match]) -> int:
    return sum(match.kind is ErrorKind.EXACT for match in matches)


@given(cases)
def test_fixed_less_broken_is_the_change_in_right_marks(case: list) -> None:
    a, b = matched(case)
    found = comparison.compare(len(case), a, b, resamples=1)
    assert found.count(Outcome.FIXED) - found.count(Outcome.BROKEN) == right(b) - right(a)
    assert sum(map(found.count, Outcome)) == sum(len(gold) for gold, _, _ in case)
    changed = sum(each.outcome is not Outcome.RIGHT for each in found.changes)
    assert len(found.changed) == changed


@given(cases)
def test_figures_are_those_of_the_report(case: list) -> None:
    found = compared(case)
    for side, matches in zip("ab", matched(case), strict=True):
        table = scoring.score_entities(confuse(matches))
        assert getattr(found.micro, side) == table["micro"]["f1"]
        for label, row in table["labels"].items():
            assert getattr(found.labels[label], side) == row["f1"]


@given(cases)
def test_the_other_way_round_everything_is_the_other_way_round(case: list) -> None:
    found, back = compared(case), compared([(gold, b, a) for gold, a, b in case])
    assert found.count(Outcome.FIXED) == back.count(Outcome.BROKEN)
    assert found.count(Outcome.WRONG) == back.count(Outcome.WRONG)
    assert found.micro.value == -back.micro.value
    # The middle of an even number of values lies between two: the last bits may differ.
    assert found.micro.interval.low == pytest.approx(-back.micro.interval.high)


@given(cases)
def test_a_run_is_no_better_than_itself(case: list) -> None:
    found = compared([(gold, a, a) for gold, a, _ in case])
    for each in [*found.labels.values(), found.micro]:
        assert (each.value, each.interval.low, each.interval.high) == (0, 0, 0)
        assert each.verdict is Verdict.UNCLEAR


PER, LOC = [Span(0, 1, "PER")], [Span(0, 1, "LOC")]


def test_only_what_holds_in_most_resamples_is_called_better_or_worse() -> None:
    sure = compared([(PER, LOC, PER)] * 20 + [(PER, PER, PER)] * 5)
    assert sure.labels["PER"].verdict is Verdict.BETTER
    assert sure.labels["PER"].support == 25
    assert sure.labels["LOC"].verdict is Verdict.UNCLEAR, "no gold mark bears it: F1 0 and 0"
    assert compared([(PER, PER, LOC)] * 20).micro.verdict is Verdict.WORSE
    # One document more is right than before: that may be chance.
    unsure = compared([(PER, LOC, PER)] * 3 + [(PER, PER, LOC)] * 2 + [(PER, PER, PER)] * 20)
    assert unsure.micro.value > 0
    assert unsure.micro.verdict is Verdict.UNCLEAR


def test_a_change_says_what_either_run_has_in_the_place() -> None:
    (change,) = compared([(PER, LOC, []), (PER, PER, PER)]).changed
    assert (change.document, change.gold, change.a, change.b) == (0, PER[0], LOC[0], None)
    assert change.outcome is Outcome.WRONG


def test_what_became_of_marks_is_counted_by_label() -> None:
    found = compared([(PER, [], PER), (LOC, [], LOC), (PER, [], PER)])
    assert tally(found.those(Outcome.FIXED)) == {"PER": 2, "LOC": 1}


def test_nothing_to_compare_is_no_difference() -> None:
    found = comparison.compare(3, [], [])
    assert (found.micro.a, found.micro.b, found.micro.verdict) == (0.0, 0.0, Verdict.UNCLEAR)


def test_a_difference_is_said_with_its_sign_and_never_as_a_zero_that_it_is_not() -> None:
    said = {0.0: "+0.000", 0.05: "+0.050", -0.0512: "−0.051", 0.0004: "+0.0004", -2e-9: "−0.000000"}
    assert {value: comparison.signed(value) for value in said} == said


@pytest.mark.parametrize(
    ("low", "high", "begins"),
    [
        (0.02, 0.08, "Run 3 is better than Run 1: F1 0.710 → 0.760, +0.050 [+0.020, +0.080]."),
        (-0.08, -0.02, "Run 3 is worse than Run 1: F1 "),
        (-0.01, 0.08, "There is no clear difference between Run 1 and Run 3: F1 "),
    ],
)
def test_which_run_is_better_is_a_sentence(low: float, high: float, begins: str) -> None:
    found = comparison.Difference(0.71, 0.76, Interval(low, high), 100)
    assert found.sentence("Run 1", "Run 3").startswith(begins)
    own = found.sentence("Run 1", "Run 3", CLASSES.pooled)
    assert own.startswith(begins.replace("F1", "accuracy"))


def test_the_labels_that_differ_most_are_named() -> None:
    labels = {f"L{n}": comparison.Difference(0, n / 9, Interval(n / 9, 1), 30) for n in range(9)}
    labels["W"] = comparison.Difference(0.5, 0.1, Interval(-0.6, -0.2), 30)
    found = Comparison(labels, labels["W"], [])
    assert found.sentences == [
        "Better: L8, L7, L6, L5, L4, L3 and 2 more.",
        "Worse: W.",
        "No clear difference: 1 other.",
    ]
