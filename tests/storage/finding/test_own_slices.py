"""Slices that people make: kept by name, and rows of every run that somebody looks at."""

import pytest

from storage.corpus import projects
from storage.errors import InputError, NotFoundError, ReadOnlyError
from storage.finding import expressions, own_slices, search
from storage.finding.search import Search
from storage.journal import annotations
from storage.runs import reports, runs, slices
from storage.types import ErrorKind, Match, Span, Split
from tests.storage.conftest import sentence, stored

DIGITS = Search(r"\d", regex=True)


@pytest.fixture
def run(db, project):
    """A run with a report on three documents; two of them have digits."""
    ids = stored(db, project, sentence("Ada 1."), sentence("Bob."), sentence("Eve 22."))
    made = runs.create_run(db, project.id, {})
    found = [
        Match(ids[0], Span(0, 3, "PER"), Span(0, 3, "PER"), ErrorKind.EXACT),
        Match(ids[0], None, Span(4, 5, "ORG"), ErrorKind.SPURIOUS),
        Match(ids[1], Span(0, 3, "PER"), None, ErrorKind.MISSED),
        Match(ids[2], Span(0, 3, "PER"), Span(0, 3, "ORG"), ErrorKind.TYPE),
    ]
    reports.store_report(db, made.id, {}, {Split.TEST: found})
    return made


def rows(db, run, name) -> list[int]:
    """Return the places in the report of the matches that are in a slice."""
    known = [each.id for each in slices.outcomes(db, run.id, Split.TEST)]
    return sorted(map(known.index, slices.members(db, run.id, Split.TEST).get(name, [])))


def test_a_search_becomes_a_slice_of_every_run_that_is_looked_at(db, project, run):
    made = own_slices.create(db, project.id, " With  digits ", DIGITS)
    assert (made.name, made.search) == ("With  digits", DIGITS)
    assert rows(db, run, made.key) == []
    assert own_slices.refresh(db, project.id, run.id) == ""
    assert rows(db, run, made.key) == [0, 1, 3]


def test_what_is_found_now_counts(db, project, run):
    made = own_slices.create(db, project.id, "Doubtful", Search(flagged=True))
    own_slices.refresh(db, project.id, run.id)
    assert rows(db, run, made.key) == []
    first, *_ = search.ids(db, project.id)
    flag(db, project, first, True)
    own_slices.refresh(db, project.id, run.id)
    assert rows(db, run, made.key) == [0, 1]
    flag(db, project, first, False)
    own_slices.refresh(db, project.id, run.id)
    assert rows(db, run, made.key) == []


def flag(db, project, document: int, flagged: bool) -> None:
    base = annotations.open_annotation(db, document, "ada").revision
    operation = {"seq": 1, "base_revision": base, "kind": "flag", "flagged": flagged}
    client = f"client {flagged}"
    annotations.apply_operations(db, project.id, document, "ada", client, [operation])


@pytest.mark.sqlite_first
def test_a_report_that_is_stored_again_has_its_slices_again(db, project, run):
    made = own_slices.create(db, project.id, "Digits", DIGITS)
    own_slices.refresh(db, project.id, run.id)
    first, *_ = search.ids(db, project.id)
    again = [Match(first, Span(0, 3, "PER"), None, ErrorKind.MISSED)]
    reports.store_report(db, run.id, {}, {Split.TEST: again})
    own_slices.refresh(db, project.id, run.id)
    assert rows(db, run, made.key) == [0]


@pytest.mark.sqlite_first
def test_slices_are_renamed_and_deleted(db, project, run):
    one = own_slices.create(db, project.id, "One", DIGITS)
    other = own_slices.create(db, project.id, "Two", Search("ada"))
    own_slices.refresh(db, project.id, run.id)
    assert own_slices.rename(db, one.id, "Digits").name == "Digits"
    assert [each.name for each in own_slices.of_project(db, project.id)] == ["Digits", "Two"]
    own_slices.remove(db, other.id)
    assert own_slices.of_project(db, project.id) == [own_slices.rename(db, one.id, "Digits")]
    assert slices.members(db, run.id, Split.TEST).keys() == {one.key}
    with pytest.raises(NotFoundError, match="not there any more"):
        own_slices.rename(db, other.id, "Three")
    projects.delete_project(db, project.id)
    assert own_slices.of_project(db, project.id) == []


@pytest.mark.sqlite_first
def test_what_is_no_use_is_refused(db, project):
    own_slices.create(db, project.id, "Digits", DIGITS)
    for name, wanted, message in [
        ("", DIGITS, "slice has no name"),
        ("digits", DIGITS, 'There is a slice named "digits" already'),
        ("All", Search(), "This would hold every document"),
        ("All", Search(regex=True), "This would hold every document"),
        ("Wrong", Search("(", regex=True), "cannot be looked for as a regular"),
    ]:
        with pytest.raises(InputError, match=message):
            own_slices.create(db, project.id, name, wanted)


@pytest.mark.sqlite_first
def test_where_nothing_can_be_written_slices_stay_as_they_were(db, project, run, monkeypatch):
    made = own_slices.create(db, project.id, "Digits", DIGITS)
    monkeypatch.setattr(type(db), "barrier", lambda self: ReadOnlyError("It can only be read."))
    assert "It can only be read." in own_slices.refresh(db, project.id, run.id)
    assert rows(db, run, made.key) == []
    monkeypatch.undo()
    assert own_slices.refresh(db, project.id, run.id) == ""
    assert rows(db, run, made.key) == [0, 1, 3]


@pytest.mark.sqlite_first
def test_a_search_that_takes_too_long_by_now_is_told(db, project, run, monkeypatch):
    made = own_slices.create(db, project.id, "Slow", DIGITS)
    stored(db, project, sentence("One more 5."))
    monkeypatch.setattr(expressions.matching, "__defaults__", (0.0,))
    why = own_slices.refresh(db, project.id, run.id)
    assert why.startswith('Your slice "Slow" may be out of date. "\\d" takes too long')
    monkeypatch.undo()
    assert own_slices.refresh(db, project.id, run.id) == ""
    assert rows(db, run, made.key) == [0, 1, 3]
