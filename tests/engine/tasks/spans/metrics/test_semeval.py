"""SemEval's degrees are nervaluate's figures, wherever those say something.

Compared are spans of which no two of a side overlap (as tags give them), some characters long:

- strict, exact and partial, of all spans and of each label: always, nervaluate reading from left
  to right. In another order it finds fewer pairs (its #40).
- type: where nervaluate says the same in every order of spans. Where it does not (a prediction of
  another label takes a gold span before the one of its label comes) ours is its best answer.

Not compared: overlapping spans, which nervaluate does not mean to support (its #84), and gold
spans of more than 100 characters, of which it wants a hundredth to be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator
from nervaluate.entities import EvaluationResult

from engine.evaluation.confusion import confuse
from engine.tasks.spans.metrics import scoring, semeval
from engine.tasks.spans.metrics.semeval import Degree, Scores
from storage.types import Document, Span
from tests.engine.tasks.spans.drawing import LABELS, flat, marks, overlapping

Both = tuple[Sequence[Span], Sequence[Span]]
COUNTS = ("correct", "incorrect", "partial", "missed", "spurious")


def ours(*both: Both) -> Scores:
    documents = [Document("", spans=tuple(gold)) for gold, _ in both]
    return semeval.score(documents, [found for _, found in both])


def theirs(*both: Both) -> dict[str, dict[str, EvaluationResult]]:
    """Return nervaluate's figures of all spans (under "") and of each label, by degree."""
    columns = zip(*both, strict=True)
    sides = ([[as_entity(span) for span in spans] for spans in side] for side in columns)
    found = Evaluator(*sides, tags=list(LABELS), loader="dict").evaluate()
    rows = {"": found["overall"], **found["entities"]}
    return {
        label: {name.removeprefix("ent_"): row for name, row in degrees.items()}
        for label, degrees in rows.items()
    }


def as_entity(span: Span) -> dict:
    """Return a span as nervaluate reads it: its end is its last character."""
    return {"label": span.label, "start": span.start, "end": span.end - 1}


def counts(row: EvaluationResult) -> tuple[int, ...]:
    return tuple(getattr(row, name) for name in COUNTS)


# --- nervaluate ---------------------------------------------------------------------------


@given(st.lists(st.tuples(flat(), flat()), min_size=1, max_size=4))
def test_strict_exact_and_partial_are_nervaluates_of_all_spans_and_of_each_label(
    both: list,
) -> None:
    found, known = ours(*both).to_dict(), theirs(*both)
    assert found["labels"].keys() == known.keys() - {""}
    for label, degrees in known.items():
        rows = found["labels"][label] if label else found["all"]
        assert rows.keys() == degrees.keys()
        for degree in ("strict", "exact", "partial"):
            assert rows[degree] == {name: getattr(degrees[degree], name) for name in rows[degree]}


@given(flat(most=3), flat(most=3))
def test_type_is_nervaluates_or_where_its_figures_change_with_the_order_the_best_of_them(
    gold: list, predicted: list
) -> None:
    answers = [theirs(both) for both in product(permutations(gold), permutations(predicted))]
    found = ours((gold, predicted))
    for label, tallies in {"": found.all, **found.labels}.items():
        mine = astuple(tallies[Degree.TYPE])
        said = {counts(answer[label]["type"]) for answer in answers}
        # The most correct first, then the most that have a partner.
        assert mine == max(said)
        assert len(said) > 1 or said == {mine}


def test_what_nervaluate_says_of_an_order_it_may_not_say_of_another() -> None:
    # The second of these has two gold spans to choose from, the first has one.
    gold, predicted = marks("AaaAaa"), marks("AaAaaa")
    assert counts(theirs((gold, predicted))[""]["partial"]) == (0, 0, 2, 0, 0)
    assert counts(theirs((gold, predicted[::-1]))[""]["partial"]) == (0, 0, 1, 1, 1)
    # One of another label comes first.
    gold, predicted = marks("Aaaaaa"), marks("Bb.Aaa")
    assert counts(theirs((gold, predicted))[""]["type"]) == (0, 1, 0, 0, 1)
    assert counts(theirs((gold, predicted[::-1]))[""]["type"]) == (1, 0, 0, 0, 1)
    assert astuple(ours((gold, predicted)).all[Degree.TYPE]) == (1, 0, 0, 0, 1)


# --- what is what -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gold", "predicted", "strict", "exact", "partial", "type_"),
    [
        # The six scenarios of nervaluate's guide; counts in the order of COUNTS.
        ("Aaaa", "Aaaa", (1, 0, 0, 0, 0), (1, 0, 0, 0, 0), (1, 0, 0, 0, 0), (1, 0, 0, 0, 0)),
        ("....", "Aaaa", (0, 0, 0, 0, 1), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1)),
        ("Aaaa", "....", (0, 0, 0, 1, 0), (0, 0, 0, 1, 0), (0, 0, 0, 1, 0), (0, 0, 0, 1, 0)),
        ("Aaaa", "Bbbb", (0, 1, 0, 0, 0), (1, 0, 0, 0, 0), (1, 0, 0, 0, 0), (0, 1, 0, 0, 0)),
        ("Aaaa", ".Aaa", (0, 1, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (1, 0, 0, 0, 0)),
        ("Aaaa", ".Bbb", (0, 1, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 1, 0, 0, 0)),
    ],
)
def test_a_pair_is_judged_by_its_borders_its_label_or_both(
    gold: str, predicted: str, strict: tuple, exact: tuple, partial: tuple, type_: tuple
) -> None:
    found = ours((marks(gold), marks(predicted))).all
    assert [astuple(tally) for tally in found.values()] == [strict, exact, partial, type_]


def test_half_of_what_is_partial_counts() -> None:
    row = ours((marks("Aaa.Aa.Aa"), marks("Aa..Aa")))
    assert row.to_dict()["all"]["partial"] == {
        **dict(zip(COUNTS, (1, 0, 1, 1, 0), strict=True)),
        "precision": 0.75,
        "recall": 0.5,
        "f1": 0.6,
    }


def test_a_label_is_scored_as_if_there_were_no_others() -> None:
    found = ours((marks("Aaaa"), marks("Bbbb")))
    assert astuple(found.labels["a"][Degree.EXACT]) == (0, 0, 0, 1, 0)
    assert astuple(found.labels["b"][Degree.EXACT]) == (0, 0, 0, 0, 1)


def test_nothing_divided_by_nothing_is_nothing() -> None:
    for both in ((), (((), ()),)):
        found = ours(*both)
        assert found.labels == {}
        assert {sum(row.values()) for row in found.to_dict()["all"].values()} == {0}


def test_one_shared_character_of_many_is_an_overlap() -> None:
    gold, predicted = [Span(0, 500, "a")], [Span(499, 502, "a")]
    assert ours((gold, predicted)).all[Degree.PARTIAL].partial == 1
    assert theirs((gold, predicted))[""]["partial"].partial == 0


# --- what adds up -------------------------------------------------------------------------


@given(overlapping(), overlapping(), st.randoms(use_true_random=False))
def test_each_span_is_counted_once_in_each_degree_in_whatever_order(
    gold: list, predicted: list, lot
) -> None:
    found = ours((gold, predicted))
    for label, tallies in {"": found.all, **found.labels}.items():
        for tally in tallies.values():
            assert tally.gold == sum(label in ("", span.label) for span in gold)
            assert tally.predicted == sum(label in ("", span.label) for span in predicted)
    lot.shuffle(gold)
    lot.shuffle(predicted)
    assert ours((gold, predicted)) == found


@given(overlapping(), overlapping())
def test_what_is_right_in_borders_and_label_is_what_a_report_calls_exact(
    gold: list, predicted: list
) -> None:
    matches = scoring.match_documents([Document("", spans=tuple(gold))], [predicted])
    entity, found = scoring.score_entities(confuse(matches)), ours((gold, predicted)).to_dict()
    for row, degrees in [
        (entity["micro"], found["all"]),
        *((entity["labels"][label], rows) for label, rows in found["labels"].items()),
    ]:
        assert {name: degrees["strict"][name] for name in ("precision", "recall", "f1")} == {
            name: row[name] for name in ("precision", "recall", "f1")
        }


@given(flat(most=4), flat(most=4))
def test_no_pairing_has_more_that_is_correct_or_then_more_pairs(
    gold: list, predicted: list
) -> None:
    for degree, tally in ours((gold, predicted)).all.items():
        pairs = tally.correct + tally.incorrect + tally.partial
        assert (tally.correct, pairs) == most(gold, predicted, semeval.RIGHT[degree])


def most(gold: list, predicted: list, right: semeval.Right) -> tuple[int, int]:
    """Try all pairings: the first gold span with nothing, or with each that it overlaps."""
    if not gold:
        return 0, 0
    first, *others = gold
    tried = [most(others, predicted, right)]
    for at, span in enumerate(predicted):
        if scoring.overlap(first, span) > 0:
            correct, pairs = most(others, predicted[:at] + predicted[at + 1 :], right)
            tried.append((correct + right(first, span), pairs + 1))
    return max(tried)


def test_long_chains_and_many_spans_in_one_are_paired_quickly() -> None:
    gold = [Span(4 * n, 4 * n + 4, "a") for n in range(10_000)]
    shifted = [Span(4 * n + 2, 4 * n + 6, "a") for n in range(10_000)]
    assert ours((gold, shifted)).all[Degree.PARTIAL].partial == 10_000
    assert astuple(ours((gold, [Span(0, 40_000, "b")])).all[Degree.TYPE]) == (0, 1, 0, 9_999, 0)


def test_the_table_has_a_line_for_each_degree() -> None:
    lines = semeval.format_scores(ours((marks("Aaa.Aa.Aa"), marks("Aa..Aa")))).splitlines()
    assert lines[0].split()[:2] == ["SemEval-2013", "correct"]
    assert [line.split()[0] for line in lines[2:]] == [*Degree]
    assert lines[4].split() == ["partial", *"10110", "0.750", "0.500", "0.600"]
