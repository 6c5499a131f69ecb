"""Slices of finished runs: there for reports of before too, and counted from what they open."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.evaluation.slices import registry
from engine.exports import machine
from engine.inspection import facts, slices, telling
from engine.runner import results
from engine.runs import snapshot
from storage import home as homes
from storage.cells import ANY, Cell, Only
from storage.database.connection import Database
from storage.errors import ReadOnlyError
from storage.facts import GOLD, PREDICTED, Filter
from storage.finding import own_slices
from storage.finding.search import Search
from storage.runs import reports, runs
from storage.runs import slices as stored
from storage.types import Run, Split


@pytest.fixture
def db(home: Path, before: Path) -> Iterator[Database]:
    """The database of a home that version 0.5 made."""
    shutil.copytree(before, home)
    with closing(Database.open()) as database:
        yield database


@pytest.fixture
def run(db: Database) -> Run:
    return runs.get_run(db, 1)


def test_every_number_of_a_slice_is_the_number_of_rows_it_opens(db: Database, run: Run) -> None:
    own = own_slices.create(db, run.project_id, "With e", Search("e", regex=True))
    sliced = slices.of_run(db, run, "test")
    assert (sliced.missing, sliced.stale) == ("", "")
    found = {each.name: each for each in sliced.figures}
    assert {"unseen", own.key} <= found.keys()

    def opened(name: str, only: Only = Only.ALL, side: str = "") -> int:
        part = Cell(run.id, "test", ANY, only=only, filter=Filter(slice=name, side=side))
        return reports.count_cell(db, part)

    for name, each in found.items():
        assert each.support == opened(name, side=GOLD)
        assert each.predicted == opened(name, side=PREDICTED)
        assert each.errors == opened(name, Only.ERRORS)
        assert each.right == opened(name) - each.errors
    costs = [each.cost for each in found.values()]
    assert costs == sorted(costs, reverse=True)
    assert found.keys() <= slices.names(db, run.project_id).keys()


def test_under_a_filter_they_are_counted_from_what_it_leaves(db: Database, run: Run) -> None:
    facts.complete(db, run)
    assert stored.known(db, run.id, ["unseen"]), "the same reading tells both"
    asked = Filter(seen=False)
    (only, *others) = slices.of_run(db, run, "test", asked).figures
    assert {each.name for each in (only, *others)} >= {"unseen"}
    unseen = next(each for each in (only, *others) if each.name == "unseen")
    whole = Cell(run.id, "test", ANY, only=Only.ERRORS, filter=asked)
    assert unseen.errors == reports.count_cell(db, whole)
    assert (unseen.cost, unseen.gap) == (0.0, 0.0), "there is no rest"


def test_a_run_of_now_has_those_that_a_report_of_before_gets(db: Database, run: Run) -> None:
    before = slices.of_run(db, run, "test")
    assert before.figures
    results.store(db, run)
    assert stored.known(db, run.id, ["unseen"])
    assert slices.of_run(db, run, "test") == before


def test_what_is_known_is_not_asked_again(db: Database, run: Run) -> None:
    assert slices.complete(db, run) == ""
    homes.run_folder(run.folder).joinpath(snapshot.DATA).unlink()
    assert slices.complete(db, run) == ""


def test_without_the_frozen_data_or_a_database_to_write_the_reason_is_said(
    db: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(db, "barrier", lambda: ReadOnlyError("The disk is read-only."))
        assert slices.complete(db, run).endswith("The disk is read-only.")
    homes.run_folder(run.folder).joinpath(snapshot.DATA).unlink()
    why = slices.complete(db, run)
    assert why.startswith("Slices are not there, because the run's data cannot be read. ")
    assert not stored.known(db, run.id, [each.name for each in registry.every()])
    assert slices.of_run(db, run, "test") == slices.Sliced([], why, "")


def test_an_own_slice_is_compared_over_runs(db: Database, run: Run) -> None:
    own = own_slices.create(db, run.project_id, "With e", Search("e", regex=True))
    found = slices.of_run(db, run, "test").figures
    (figures,) = (each for each in found if each.name == own.key)
    assert slices.over_runs(db, own, [run], "test") == {
        run.id: (pytest.approx(figures.f1), figures.support)
    }
    assert slices.over_runs(db, own, [run], "train") == {}


def test_a_report_that_leaves_tells_the_same_figures(db: Database, run: Run) -> None:
    figures = slices.of_run(db, run, "test").figures
    left = json.loads(machine.render(telling.told_of(run)))["slices"]
    assert left["test"] == [each.to_json() for each in figures]
    assert left.keys() <= {"dev", "test"}
    of_dev = json.loads(machine.render(telling.told_of(run, Split.DEV)))["slices"]
    assert "test" not in of_dev
