"""Reports: figures, and cells that hold exactly their rows."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.evaluation.confusion import Confusion, confuse
from engine.tasks.spans.metrics.scoring import judge
from storage import branches
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.errors import NotFoundError
from storage.runs import reports, runs, turns
from storage.types import ErrorKind, Match, Source, Span, Split
from tests.storage.conftest import sentence, stored

ADA = Span(0, 3, "PER")
SEEN = Span(0, 7, "ORG", source=Source.MODEL, score=0.75)


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, *(sentence(f"Ada met {n}", name=f"n{n}") for n in range(4)))


@pytest.fixture
def run(db, project) -> int:
    return runs.create_run(db, project.id, {}).id


def store(db, run: int, *matches: Match, split=Split.TEST, report=None) -> None:
    reports.store_report(db, run, report or {}, {split: matches})


def test_a_report_comes_back_as_it_was_stored(db, run):
    assert reports.get_report(db, run) is None
    given = {"test": {"entity": {"micro": {"f1": 0.5}}}, "dev": None, "base": "東京"}
    store(db, run, report=given)
    assert reports.get_report(db, run) == given


def test_a_cell_holds_its_matches_with_their_documents(db, run, ids):
    confused = Match(ids[1], ADA, SEEN, ErrorKind.TYPE_AND_BOUNDARY)
    store(db, run, confused)
    (row,) = reports.cell(db, Cell(run, Split.TEST, "PER", "ORG")).rows
    assert row.match == confused
    assert (row.match.predicted.score, row.match.predicted.source) == (0.75, Source.MODEL)
    assert (row.document, row.name, row.text) == (ids[1], "n1", "Ada met 1")


def test_missed_and_spurious_spans_have_cells_of_their_own(db, run, ids):
    missed = Match(ids[0], ADA, None, ErrorKind.MISSED)
    spurious = Match(ids[0], None, SEEN, ErrorKind.SPURIOUS)
    exact = Match(ids[0], ADA, ADA, ErrorKind.EXACT)
    store(db, run, missed, spurious, exact)

    def matches(gold, predicted) -> list[Match]:
        return [row.match for row in reports.cell(db, Cell(run, Split.TEST, gold, predicted)).rows]

    assert matches("PER", MISSED) == [missed]
    assert matches(SPURIOUS, "ORG") == [spurious]
    assert matches("PER", "PER") == [exact]
    assert matches(SPURIOUS, MISSED) == matches("ORG", "PER") == []


def test_cells_of_another_split_or_run_are_apart(db, project, run, ids):
    other = runs.create_run(db, project.id, {}).id
    store(db, run, Match(ids[0], ADA, None, ErrorKind.MISSED))
    store(db, other, Match(ids[1], ADA, None, ErrorKind.MISSED), split=Split.DEV)
    assert reports.cell_documents(db, Cell(run, Split.TEST, "PER", MISSED)) == [ids[0]]
    assert reports.cell_documents(db, Cell(run, Split.DEV, "PER", MISSED)) == []
    assert reports.cell_documents(db, Cell(other, Split.DEV, "PER", MISSED)) == [ids[1]]


def test_a_cells_documents_are_each_named_once_in_order(db, run, ids):
    places = (ids[2], ids[0], ids[2], ids[3])
    store(db, run, *(Match(id, ADA, None, ErrorKind.MISSED) for id in places))
    cell = Cell(run, Split.TEST, "PER", MISSED)
    assert reports.cell_documents(db, cell) == [ids[0], ids[2], ids[3]]


def test_the_pages_of_a_cell_hold_each_row_once(db, run, ids):
    store(db, run, *(Match(ids[n % 4], ADA, None, ErrorKind.MISSED) for n in range(17)))
    cell = Cell(run, Split.TEST, "PER", MISSED)
    seen, after = [], 0
    while after is not None:
        assert reports.last_before(db, cell, len(seen)) == after
        page = reports.cell(db, cell, after=after, limit=5)
        seen += [row.id for row in page.rows]
        after = page.after
    assert len(seen) == len(set(seen)) == 17
    assert reports.count_cell(db, cell) == 17


MATCHES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["PER", "ORG/a", "ORG /b", "ORG", "org/a", "ORGS/a", None]),
        st.sampled_from(["PER", "ORG/a", "ORG / b", "Or%", None]),
        st.sampled_from([3, 7]),
    ).filter(lambda drawn: drawn[1] or drawn[2]),
    max_size=40,
)


@given(drawn=MATCHES)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_part_of_the_table_opens_as_many_rows_as_were_counted_into_it(db, run, ids, drawn):
    def match(place, gold, predicted, end) -> Match:
        sides = gold and Span(0, 3, gold), predicted and Span(0, end, predicted)
        return Match(ids[place], *sides, judge(*sides))

    matches = [match(*each) for each in drawn]
    store(db, run, *matches)
    table = Confusion.of({"confusion": confuse(matches)})
    branch = branches.named("ORG")
    sides = (ANY, "PER", "ORG/a", branch)
    parts = product((*sides, SPURIOUS), (*sides, MISSED))
    named = [*((*part, Only.ALL) for part in parts), ("PER", "PER", Only.BORDERS)]
    named += [(label, ANY, Only.ERRORS) for label in ("PER", "ORG/a", branch, ANY)]
    for part in named:
        cell = Cell(run, Split.TEST, *part)
        rows = reports.cell(db, cell, limit=1000).rows
        assert len(rows) == reports.count_cell(db, cell) == table.count(*part), part


def test_the_errors_of_a_label_are_what_is_not_exact_and_has_it_on_either_side(db, run, ids):
    exact = Match(ids[0], ADA, ADA, ErrorKind.EXACT)
    longer = Match(ids[0], ADA, Span(0, 7, "PER"), ErrorKind.BOUNDARY)
    taken = Match(ids[1], ADA, SEEN, ErrorKind.TYPE_AND_BOUNDARY)
    missed = Match(ids[2], Span(0, 3, "LOC"), None, ErrorKind.MISSED)
    store(db, run, exact, longer, taken, missed)

    def matches(*part) -> list[Match]:
        return [row.match for row in reports.cell(db, Cell(run, Split.TEST, *part)).rows]

    assert matches("PER", ANY, Only.ERRORS) == [longer, taken]
    assert matches("ORG", ANY, Only.ERRORS) == [taken]
    assert matches(ANY, ANY, Only.ERRORS) == [longer, taken, missed]
    assert matches("PER", "PER", Only.BORDERS) == [longer]
    assert matches("PER", ANY) == [exact, longer, taken]


def test_storing_a_report_again_replaces_it(db, run, ids):
    for _ in range(2):
        store(db, run, Match(ids[0], ADA, None, ErrorKind.MISSED), report={"n": 1})
    assert reports.count_cell(db, Cell(run, Split.TEST, "PER", MISSED)) == 1


def test_a_report_that_fails_midway_is_none_until_it_is_stored_again(db, run, ids, monkeypatch):
    """It is stored in turns, so that nobody who saves waits for all of it."""
    monkeypatch.setattr(turns, "AT_ONCE", 1)
    store(db, run, *[Match(ids[0], ADA, None, ErrorKind.MISSED)] * 3, report={"n": 1})

    def broken():
        yield Match(ids[0], None, SEEN, ErrorKind.SPURIOUS)
        raise OSError("the folder went away")

    with pytest.raises(OSError):
        reports.store_report(db, run, {"n": 2}, {Split.TEST: broken()})
    assert reports.get_report(db, run) is None
    whole = Match(ids[0], ADA, SEEN, ErrorKind.TYPE)
    store(db, run, whole, report={"n": 2})
    assert reports.get_report(db, run) == {"n": 2}
    assert reports.count_cell(db, Cell(run, Split.TEST, ANY, ANY)) == 1


def test_all_matches_of_some_documents_come_by_document(db, run, ids):
    missed = Match(ids[0], ADA, None, ErrorKind.MISSED)
    spurious = Match(ids[0], None, SEEN, ErrorKind.SPURIOUS)
    store(db, run, missed, spurious, Match(ids[2], ADA, None, ErrorKind.MISSED))
    assert reports.matches_of(db, run, {ids[0], ids[1]}) == {ids[0]: [missed, spurious], ids[1]: []}


def test_thousands_of_rows_are_stored_at_once(db, run, ids):
    matches = (Match(ids[n % 4], ADA, None, ErrorKind.MISSED) for n in range(5000))
    store(db, run, *matches)
    assert reports.count_cell(db, Cell(run, Split.TEST, "PER", MISSED)) == 5000


def test_a_report_needs_its_run(db):
    with pytest.raises(NotFoundError, match="There is no run 9"):
        store(db, 9)


def test_a_run_is_known_by_its_f1_on_test_and_where_that_is_missing_on_dev(db, project):
    def scored(f1: float) -> dict:
        return {"headline": {"value": f1}}

    def scored_before(f1: float) -> dict:
        return {"entity": {"micro": {"f1": f1}}}

    made = [
        {"test": scored(0.5), "dev": scored(0.6)},
        {"test": None, "dev": scored(0.7)},
        {"test": None, "dev": None, "best": {"f1": 0.8}},
        {"test": None, "dev": None},
        {"test": scored(0.0)},
        {"test": scored_before(0.25), "dev": scored_before(0.5)},
        {"test": None, "dev": scored_before(0.75)},
    ]
    ids = [runs.create_run(db, project.id, {}).id for _ in made]
    for id, report in zip(ids, made, strict=True):
        store(db, id, report=report)
    ids.append(runs.create_run(db, project.id, {}).id)
    assert reports.headlines(db, ids) == {
        ids[0]: ("test", 0.5),
        ids[1]: ("dev", 0.7),
        ids[2]: ("dev", 0.8),
        ids[4]: ("test", 0.0),
        ids[5]: ("test", 0.25),
        ids[6]: ("dev", 0.75),
    }
    assert reports.headlines(db, []) == {}


def test_how_many_marks_the_figure_of_a_run_was_scored_on(db, project):
    now, before = {"headline": {"value": 0.5, "support": 9}}, {"entity": {"micro": {"support": 7}}}
    made = [{"test": now}, {"test": None, "dev": now}, {"test": before}, {"dev": None}]
    ids = [runs.create_run(db, project.id, {}).id for _ in made]
    for id, report in zip(ids, made, strict=True):
        store(db, id, report=report)
    assert reports.supports(db, ids) == {ids[0]: 9, ids[1]: 9, ids[2]: 7}
