"""Filters: what each leaves of a table, counted in one query, and as many rows as are counted."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from engine.evaluation.confusion import Confusion, confuse
from engine.tasks.spans.metrics.scoring import judge
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.engines.schema import MatchSliceRow
from storage.facts import GOLD, PREDICTED, RIGHT, WRONG, Between, Facts, Filter
from storage.runs import filtering, match_rows, reports, runs, visits
from storage.types import Match, Span, Split
from tests.storage.conftest import sentence, stored

LENGTHS = (Between(1, 2), Between(2, 4), Between(4))
SURE = (Between(None, 0.5), Between(0.5, 0.9), Between(0.9))


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, *(sentence(f"Ada met {n}", name=f"n{n}") for n in range(3)))


@pytest.fixture
def run(db, project) -> int:
    return runs.create_run(db, project.id, {}).id


SIDES = st.sampled_from([None, ("PER", 3), ("PER", 7), ("ORG", 3)])
FACTS = st.builds(
    Facts,
    error=st.sampled_from(["", "split", "missed"]),
    border=st.sampled_from([None, "too long"]),
    length=st.none() | st.integers(1, 5),
    document_length=st.integers(1, 40),
    seen=st.sampled_from([None, True, False]),
)
DRAWN = st.lists(
    st.tuples(st.integers(0, 2), SIDES, SIDES, st.sampled_from([0.3, 0.5, 0.95]), FACTS).filter(
        lambda drawn: drawn[1] or drawn[2]
    ),
    max_size=25,
)
FILTERS = st.builds(
    Filter,
    error=st.sampled_from(["", "", RIGHT, WRONG, "split"]),
    border=st.sampled_from(["", "", "too long"]),
    side=st.sampled_from(["", "", GOLD, PREDICTED]),
    label=st.sampled_from(["", "", "PER", "LOC"]),
    beside_gold=st.sampled_from(["", "", "ORG"]),
    beside_predicted=st.sampled_from(["", "", "PER"]),
    seen=st.sampled_from([None, None, True, False]),
    length=st.sampled_from([Between(), Between(), *LENGTHS]),
    document_length=st.sampled_from([Between(), Between(), Between(10, 20)]),
    confidence=st.sampled_from([Between(), Between(), *SURE]),
)


PARTS = (
    *((ANY, ANY, Only.ALL), ("PER", "PER", Only.ALL), ("PER", MISSED, Only.ALL)),
    *((SPURIOUS, ANY, Only.ALL), (ANY, ANY, Only.ERRORS), ("ORG", ANY, Only.ERRORS)),
)


def match_of(ids: list[int], place: int, gold, predicted, score: float) -> Match:
    sides = (
        gold and Span(0, gold[1], gold[0]),
        predicted and Span(0, predicted[1], predicted[0], score=score),
    )
    return Match(ids[place], *sides, judge(*sides))


def within(number: float | None, asked: Between) -> bool:
    if asked == Between():
        return True
    low, high = asked.low or 0, float("inf") if asked.high is None else asked.high
    return number is not None and low <= number < high


def left(asked: Filter, match: Match, facts: Facts, among: list[Match]) -> bool:
    """What a filter means, said once more in plain Python."""
    same = [other for other in among if other.document == match.document]
    beside = {other.gold.label for other in same if other.gold}
    found = {other.predicted.label for other in same if other.predicted}
    labels = {side.label for side in (match.gold, match.predicted) if side}
    sides = {GOLD: match.gold, PREDICTED: match.predicted}
    return (
        asked.error in ("", facts.error or RIGHT, WRONG if facts.error else RIGHT)
        and asked.border in ("", facts.border)
        and (not asked.side or sides[asked.side] is not None)
        and (not asked.label or asked.label in labels)
        and (not asked.beside_gold or asked.beside_gold in beside)
        and (not asked.beside_predicted or asked.beside_predicted in found)
        and asked.seen in (None, facts.seen)
        and within(facts.length, asked.length)
        and within(facts.document_length, asked.document_length)
        and within(match.predicted.score if match.predicted else None, asked.confidence)
    )


@given(drawn=DRAWN, asked=FILTERS)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_counted_under_a_filter_is_what_opens(db, run, ids, drawn, asked):
    facts = [each[-1] for each in drawn]
    matches = [match_of(ids, *each[:-1]) for each in drawn]
    reports.store_report(db, run, {}, {Split.TEST: matches}, {Split.TEST: facts})
    kept = [m for m, f in zip(matches, facts, strict=True) if left(asked, m, f, matches)]

    counted = filtering.tally(db, run, Split.TEST, asked)
    assert sum(each.count for each in counted) == len(kept)
    table = Confusion.of({"confusion": confuse(kept)})
    for place in PARTS:
        cell = Cell(run, Split.TEST, *place, asked)
        rows = [row.match for row in reports.cell(db, cell, limit=1000).rows]
        assert len(rows) == reports.count_cell(db, cell) == table.count(*place), place
        assert reports.cell_documents(db, cell) == sorted({match.document for match in rows})

    # An option's number is that of its rows, too.
    ranges = {"length": LENGTHS, "confidence": SURE}
    offered = filtering.options(db, run, Split.TEST, asked, ranges)
    for name, values in offered.items():
        for value, number in values.items():
            other = Filter(**dict(asked.given()) | {name: value})
            assert reports.count_cell(db, Cell(run, Split.TEST, ANY, filter=other)) == number


def test_labels_of_one_document_are_counted_together_and_open_just_these(db, run, ids):
    said = [("food", "food"), ("noise", None), ("food", "noise"), (None, "price"), ("price", None)]
    sides = [[name and Span(0, 0, name) for name in each] for each in said]
    places = [0, 0, 1, 1, 2]
    matches = [
        Match(ids[place], *both, judge(*both)) for place, both in zip(places, sides, strict=True)
    ]
    reports.store_report(db, run, {}, {Split.TEST: matches})
    found = filtering.together(db, run, Split.TEST, Filter())
    assert found[GOLD][("food", "noise")] == found[GOLD][("noise", "food")] == 1
    assert (found[GOLD][("food", "food")], found[GOLD][("price", "price")]) == (2, 1)
    assert found[PREDICTED] == {
        **{("food", "food"): 1, ("noise", "food"): 1, ("food", "noise"): 1, ("food", "price"): 1}
    }
    for side, counts in found.items():
        for (first, second), number in counts.items():
            asked = Filter(beside_gold=second) if side == GOLD else Filter(beside_predicted=second)
            cell = Cell(run, Split.TEST, first, filter=asked)
            assert len(reports.cell_documents(db, cell)) == number == reports.count_cell(db, cell)
            assert Filter.parse(asked.address) == asked


def test_slices_filter_and_are_offered(db, run, ids):
    matches = [match_of(ids, n, ("PER", 3), None, 0) for n in range(3)]
    reports.store_report(db, run, {}, {Split.TEST: matches}, {Split.TEST: [Facts("missed")] * 3})
    rows = reports.cell(db, Cell(run, Split.TEST, ANY)).rows
    named = [{"match_id": row.id, "name": "rare 珍"} for row in rows[1:]]
    with db.write() as session:
        session.execute(insert(MatchSliceRow), [*named, {"match_id": rows[0].id, "name": "long"}])
    rare = Cell(run, Split.TEST, "PER", MISSED, filter=Filter(slice="rare 珍"))
    assert reports.cell_documents(db, rare) == ids[1:]
    assert rare.title == "PER → (missed): slice rare 珍"
    offered = filtering.options(db, run, Split.TEST, rare.filter, {})
    assert offered["slice"] == Counter({"rare 珍": 2, "long": 1})
    assert offered["error"] == {"missed": 2}


def test_who_read_under_a_filter_has_read_these_sentences_of_the_whole_part(db, run, ids):
    matches = [match_of(ids, n, ("PER", 3), None, 0) for n in range(3)]
    facts = [Facts("missed", seen=n > 0) for n in range(3)]
    reports.store_report(db, run, {}, {Split.TEST: matches}, {Split.TEST: facts})
    whole = Cell(run, Split.TEST, "PER", MISSED)
    unseen = whole._replace(filter=Filter(seen=False))
    visits.note(db, unseen, ids[1])
    assert visits.count(db, whole) == 0, "it has no row there"
    visits.note(db, unseen, ids[0])
    assert (visits.count(db, unseen), visits.count(db, whole)) == (1, 1)


def test_facts_come_later_where_a_report_was_stored_without(db, run, ids):
    matches = [match_of(ids, n, ("PER", 3), ("PER", 3), 0.9) for n in range(3)]
    assert filtering.known(db, run)
    reports.store_report(db, run, {}, {Split.TEST: matches[:2], Split.DEV: matches[2:]})
    assert not filtering.known(db, run)
    seen = Cell(run, Split.TEST, ANY, filter=Filter(seen=True))
    assert reports.count_cell(db, seen) == 0

    def find(given):
        assert given == {Split.TEST: matches[:2], Split.DEV: matches[2:]}
        return {
            split: [Facts(seen=m.document == ids[0]) for m in of] for split, of in given.items()
        }

    match_rows.set_facts(db, run, find)
    assert filtering.known(db, run)
    assert reports.cell_documents(db, seen) == [ids[0]]


# PostgreSQL plans by statistics, of a table with rows.
@pytest.mark.sqlite
@pytest.mark.parametrize("asked", [Filter(), Filter(error="split", seen=True, length=LENGTHS[1])])
def test_a_cell_is_found_by_its_index_with_and_without_a_filter(db, run, ids, asked):
    with db.read() as session:
        dialect = session.get_bind().dialect
    wanted = reports.in_cell(Cell(run, Split.TEST, "PER", "ORG", filter=asked))
    query = str(
        reports.select(reports.MatchRow.id)
        .where(*wanted)
        .compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    )
    with db.read() as session:
        (plan,) = session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    for part in ("ix_matches_cell", "gold_label=?", "predicted_label=?"):
        assert part in plan[-1]


RANGES = st.builds(Between, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))


@given(one=FILTERS, other=FILTERS, drawn=DRAWN)
def test_two_filters_meet_in_what_both_leave(one, other, drawn):
    met = one.meet(other)
    for *match, facts in drawn:
        made = match_of([1, 2, 3], *match)
        both = left(one, made, facts, [made]) and left(other, made, facts, [made])
        assert both == (met is not None and left(met, made, facts, [made]))


@given(one=FILTERS, other=FILTERS)
def test_what_a_filter_asks_for_beside_another_makes_it_whole_again(one, other):
    if (met := one.meet(other)) is not None:
        assert one.meet(met.less(one)) == met


@given(RANGES)
def test_a_range_survives_the_address(drawn):
    assert Between.parse(drawn.address) == drawn


@pytest.mark.parametrize("text", ["", "-", "3", "a-b", "-3-4", "1e9-", "9" * 99 + "-", "٣-"])
def test_a_range_that_makes_no_sense_is_none(text):
    assert Between.parse(text) == Between()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Filter(), ""),
        (Filter("split", seen=True), "split into several, seen in training"),
        (Filter(length=Between(1, 2), confidence=SURE[1]), "1 token long, confidence 50–90 %"),
        (Filter(document_length=Between(40)), "sentence of 40 or more tokens"),
        (
            Filter(length=Between(4, 6), confidence=SURE[2]),
            "4–5 tokens long, confidence 90 % or more",
        ),
    ],
)
def test_a_filter_is_said_in_words(asked, words):
    assert asked.words == words
    assert bool(asked) == bool(words)
