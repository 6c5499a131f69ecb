"""Slices of a report: stored for each match, counted by document."""

import pytest

from storage.errors import NotFoundError
from storage.runs import reports, runs, slices
from storage.types import ErrorKind, Match, Span, Split
from tests.storage.conftest import sentence, stored


@pytest.fixture
def run(db, project):
    """A run with three matches of test and one of dev."""
    first, other = stored(db, project, sentence("Ada."), sentence("Bob."))
    made, span = runs.create_run(db, project.id, {}), Span(0, 3, "PER")
    test = [
        Match(first, span, span, ErrorKind.EXACT),
        Match(other, span, None, ErrorKind.MISSED),
        Match(other, None, Span(1, 3, "ORG"), ErrorKind.SPURIOUS),
    ]
    dev = [Match(first, span, None, ErrorKind.MISSED)]
    reports.store_report(db, made.id, {}, {Split.TEST: test, Split.DEV: dev})
    return made


def members(db, run, split=Split.TEST):
    """Return the slices with the places of their matches in the report."""
    known = [each.id for each in slices.outcomes(db, run.id, split)]
    found = slices.members(db, run.id, split)
    return {name: sorted(map(known.index, ids)) for name, ids in found.items()}


def test_each_match_is_counted_in_all_its_slices(db, run):
    found = {Split.TEST: [["a", "b"], ["b"], []], Split.DEV: [["a"]]}
    slices.store(db, run.id, ["a", "b"], found)
    assert members(db, run) == {"a": [0], "b": [0, 1]}
    assert members(db, run, Split.DEV) == {"a": [0]}
    # Whether it is right, predicted, gold.
    every = slices.outcomes(db, run.id, Split.TEST)
    assert [each[2:] for each in every] == [(1, 1, 1), (0, 0, 1), (0, 1, 0)]


@pytest.mark.sqlite_first
def test_what_is_stored_again_takes_the_place_of_its_own_names_alone(db, run):
    slices.store(db, run.id, ["a"], {Split.TEST: [["a"], ["a"], []]})
    slices.store(db, run.id, ["b"], {Split.TEST: [["b"], [], []]})
    slices.store(db, run.id, ["a"], {Split.TEST: [[], [], ["a"]]})
    assert members(db, run) == {"a": [2], "b": [0]}


@pytest.mark.sqlite_first
def test_what_does_not_fit_the_report_is_refused_whole(db, run):
    slices.store(db, run.id, ["a"], {Split.TEST: [["a"], [], []]})
    with pytest.raises(ValueError, match="shorter"):
        slices.store(db, run.id, ["a"], {Split.TEST: [["a"]]})
    assert members(db, run) == {"a": [0]}
    with pytest.raises(NotFoundError):
        slices.store(db, run.id + 1, ["a"], {})


@pytest.mark.sqlite_first
def test_a_report_that_is_stored_anew_has_another_stamp(db, run):
    before = slices.stamp(db, run.id)
    assert before == slices.stamp(db, run.id)
    reports.store_report(db, run.id, {}, {})
    assert slices.stamp(db, run.id) != before
