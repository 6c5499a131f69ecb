"""Homes that earlier versions made, with their own code: all of them open, nothing is missing."""

import contextlib
import json
import shutil
import sqlite3
import tarfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest
from sqlalchemy import func, select

from storage.actions import relabelling
from storage.archives import restoring, tables
from storage.backups import checking
from storage.coaching import word_lists
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import revisions
from storage.journal import annotations
from storage.knowledge import guidelines, outdated
from storage.runs import runs
from tests.fixtures.homes import served, team, whole
from tests.fixtures.homes.contents import (
    described,
    described_later,
    described_of_0_4,
    described_of_0_5,
    described_of_0_6,
    described_of_0_8,
    described_of_0_9,
    described_of_0_9_2,
    described_of_0_9_3,
)

ALIKE = "Travel again 又旅行"
HOMES = Path(__file__).parents[2] / "fixtures" / "homes"
VERSIONS = sorted(
    (path.stem for path in HOMES.glob("*.json")),
    key=lambda name: [int(number) for number in name.split(".")],
)
# Since 0.10 guidelines have versions of their own.
BEFORE_GUIDELINES = VERSIONS[: VERSIONS.index("0.10")]
# The numbers of runs by their ids: a training, then passes of its model, then (from 0.4 on) a
# search, a run that failed and one that waits.
NUMBERS = {
    "0.3": {1: 1, 2: None},
    **dict.fromkeys(("0.4", "0.5", "0.6"), {1: 1, 2: None, 3: None, 4: 2, 5: 3, 6: 4}),
    # Runs of other projects are between.
    **dict.fromkeys(("0.7", "0.8"), {1: 1, 2: None, 3: None, 9: 2, 10: 3, 11: 4}),
    **dict.fromkeys(("0.9", "0.9.2", "0.9.3"), {1: 1, 2: None, 3: None, 9: 2, 10: 3, 11: 4, 13: 5}),
    **dict.fromkeys(("0.10", "0.11"), {1: 1, 2: None, 3: None, 14: 2, 15: 3, 16: 4, 18: 5}),
}


@pytest.fixture(params=VERSIONS)
def version(request, home) -> str:
    """Each earlier version in turn, its home in the place of the test's."""
    with tarfile.open(HOMES / f"{request.param}.tar.xz") as archive:
        archive.extractall(home.parent, filter="data")
    return request.param


@pytest.fixture
def db(version):
    database = Database.open()
    yield database
    database.close()


def expected(version: str) -> dict:
    return json.loads((HOMES / f"{version}.json").read_text())


def known(found: dict, like: dict) -> dict:
    """Keep of what is found what the earlier version could have told of."""
    return {
        name: known(value, like[name]) if isinstance(value, dict) else value
        for name, value in found.items()
        if name in like
    }


def test_there_are_homes_of_all_versions():
    assert VERSIONS[:9] == [f"0.{number}" for number in range(1, 10)]
    assert VERSIONS[-2:] == ["0.10", "0.11"]


@pytest.mark.parametrize("version", VERSIONS[-1:], indirect=True)
def test_the_newest_home_has_a_row_in_every_table_of_a_project(db, version):
    with db.read() as session:
        empty = {
            table.name
            for table in tables.of_project()
            if not session.scalar(select(func.count()).select_from(table))
        }
    # What a label check and an inspection leave, which take minutes.
    assert empty == {"suspects", "neighbours", "stress_failures"}


def test_everything_in_an_earlier_versions_home_is_found_and_goes_on(db, version, home):
    """Opened once, for bringing it up to date takes longest: first read, then worked in."""
    everything_is_found(db, version, home)
    steps_are_taken_back_and_repeated(db, version)
    runs_that_a_person_started_are_numbered_and_passes_of_the_model_are_not(db, version)
    if version in BEFORE_GUIDELINES:
        the_guideline_is_version_1_and_can_be_changed(db)


def everything_is_found(db: Database, version: str, home: Path) -> None:
    before = expected(version)
    project = projects.list_projects(db)[0].id
    found = described(db, project, home)
    if "actions" in before:
        found |= described_later(db, project)
    if "cells" in before:
        found |= described_of_0_4(db, project)
    if "kinds" in before:
        found |= described_of_0_5(db, project)
    if "confirmed" in before:
        found |= described_of_0_6(db, project)
    if "whole" in before:
        found |= whole.described(db)
    if "accounts" in before:
        found |= described_of_0_8(db)
    if "coached" in before:
        found |= described_of_0_9(db, project)
    if "alike" in before:
        found |= described_of_0_9_2(db, projects.find_project(db, ALIKE).id)
    if "listed" in before:
        found |= described_of_0_9_3(db, project)
    if "team" in before:
        found["team"] = team.described(db)
    if "served" in before:
        found["served"] = served.described(db, project)
    # Lists and tuples are one in JSON.
    assert known(json.loads(json.dumps(found)), before) == before
    assert revisions.of_file(home / "whetstone.db") == revisions.newest()
    assert checking.full(home / "whetstone.db") is None


@pytest.mark.parametrize("version", ["0.10"], indirect=True)
def test_a_teams_project_that_0_10_archived_is_restored_with_all_that_was_in_it(
    version, home, db, migrated, tmp_path, monkeypatch
):
    before = expected(version)["team"][team.TEAM]
    archive = home / team.ARCHIVE
    beside = team.of_project(db, restoring.restore(db, archive).id)
    # Numbers are others there, and what holds none is the same.
    unnumbered = ("policy", "pending", "dealing", "gold", "card", "lists", "outdated", "runs")
    kept = {name: json.loads(json.dumps(beside[name])) for name in unnumbered}
    assert kept == {name: before[name] for name in unnumbered}
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    shutil.copy(migrated, tmp_path / "other" / "whetstone.db")
    other = Database.open()
    restored = restoring.restore(other, archive).id
    assert json.loads(json.dumps(team.of_project(other, restored))) == before
    other.close()


@pytest.mark.parametrize("version", VERSIONS[-1:], indirect=True)
def test_a_list_is_kept_in_an_earlier_versions_home_and_follows_its_labels(db, version):
    project = projects.list_projects(db)[0].id
    first, second = projects.list_labels(db, project)[:2]
    kept = word_lists.keep(db, project, "Names 名", [("Ada", first.name)])
    relabelling.merge_labels(db, first.id, second.id, "ada")
    assert word_lists.entries(db, kept.id) == [("Ada", second.name)]


def the_guideline_is_version_1_and_can_be_changed(db: Database) -> None:
    project = projects.list_projects(db)[0]
    (first,) = guidelines.history(db, project.id)
    assert (first.number, first.text) == (1, project.guideline)
    said = [(label.id, label.description) for label in project.labels]
    assert [(label.id, label.description) for label in first.labels] == said
    projects.set_guideline(db, project.id, "Other", meaning=[project.labels[0].id])
    second, kept = guidelines.history(db, project.id)
    assert (second.number, second.text, kept) == (2, "Other", replace(first, created_at=ANY))
    bearing = outdated.of_project(db, project.id)
    assert [each.label.id for each in bearing] == [project.labels[0].id]


def steps_are_taken_back_and_repeated(db: Database, version: str) -> None:
    project = projects.list_projects(db)[0]
    turned = []
    for document, work in expected(version)["work"]["ada"].items():
        stack, how = ("redo", "redoes") if work["redo"] else ("undo", "undoes")
        for name in work[stack][-1:]:
            opened = annotations.open_annotation(db, int(document), "ada")
            step = opened.state[stack][-1]
            assert step["op"] == name
            edit = {"seq": int(document), "base_revision": opened.revision, how: name}
            outcome = annotations.apply_operations(
                db, project.id, int(document), "ada", "today", [edit | step["inverse"]]
            )
            assert outcome.results[0]["status"] == "saved", outcome.results
            turned.append(how)
    assert turned == ["redoes", "redoes"] if version in ("0.1", "0.2") else turned


def runs_that_a_person_started_are_numbered_and_passes_of_the_model_are_not(
    db: Database, version: str
) -> None:
    project = projects.list_projects(db)[0].id
    numbers = {run.id: run.number for run in runs.list_runs(db, project)}
    assert numbers == NUMBERS.get(version, {1: 1})
    last = max(filter(None, numbers.values()))
    assert runs.create_run(db, project, {}).number == last + 1
    assert runs.create_run(db, project, {}, numbered=False).number is None
    assert runs.create_run(db, project, {}).number == last + 2


@pytest.mark.parametrize("version", ["0.3"], indirect=True)
def test_many_runs_of_several_projects_keep_their_order(version, home):
    """After a training and its pass come, by turns, another project's and this one's."""
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection, connection:
        connection.execute(
            "INSERT INTO projects (name, task, allow_overlaps, created_at) "
            "VALUES ('Another', 'spans', 0, '2026')"
        )
        (other,) = connection.execute("SELECT max(id) FROM projects").fetchone()
        columns = "state, attempt, progress, message, created_at, cancel_requested, events_offset"
        for project, settings in (
            (other, {}),
            (1, {}),
            (other, {"model_of": 3}),
            (1, {"model_of": 4}),
            (1, {"trials": 2}),
            (other, {}),
        ):
            connection.execute(
                f"INSERT INTO runs (project_id, settings, {columns}, boot_id) "
                "VALUES (?, ?, 'done', 1, '{}', '', '2026', 0, 0, '')",
                [project, json.dumps(settings)],
            )
    db = Database.open()
    found = {
        project: [run.number for run in reversed(runs.list_runs(db, project))]
        for project in (1, other)
    }
    assert found == {1: [1, None, 2, None, 3], other: [1, None, 2]}
    assert runs.create_run(db, other, {}).number == 3
    db.close()
