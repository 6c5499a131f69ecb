"""Databases that share a home: each has its own run 1, and none touches what another one made.

Nothing stands in for anything: real files, real runners, real workers.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.commands import main
from engine.launchers import processes
from engine.runner import (
    JobRunner,
    changes,
    delete_project,
    delete_run,
    folder_of,
    folders,
    resume,
)
from engine.runs import events, lock, spec
from engine.runs.events import Events
from storage import home as homes
from storage.backups import copies, restoring
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import RefusedError
from storage.runs import reports, run_events, runs
from storage.types import RunState
from tests.engine import tiny
from tests.engine.runner.conftest import Bench
from tests.engine.runner.finished import copy_run, make_project

Ask = Callable[..., tuple[int, dict]]


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def serve(db: Database) -> None:
    """Let a runner of this database do one round."""
    runner = JobRunner(db, gpus=())
    assert runner.step()
    runner.release()


@pytest.fixture
def other(db: Database, tmp_path: Path) -> Iterator[Database]:
    """A second database, elsewhere, with the same home."""
    (tmp_path / "elsewhere").mkdir()
    with closing(Database.open(f"sqlite:///{tmp_path}/elsewhere/other.db")) as database:
        yield database


@pytest.fixture
def predict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ask:
    """Ask a database from the command line for what a run's model says of a file."""

    def predict(db: Database, run: int) -> tuple[int, dict]:
        (tmp_path / "in.txt").write_text("Ada Lovelace went to Paris .\n")
        monkeypatch.setenv("WHETSTONE_DB", db.url)
        capsys.readouterr()
        paths = [str(tmp_path / name) for name in ("in.txt", "out.jsonl")]
        code = main(["predict", str(run), *paths, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return predict


def test_run_1_of_one_database_never_touches_run_1_of_the_other(
    db: Database, other: Database, finished: Path, base: str, predict: Ask
) -> None:
    first, folder = copy_run(db, make_project(db), finished, base)
    serve(db)
    before = digest(folder)
    second, its_folder = copy_run(other, make_project(other), finished, base)
    assert first.id == second.id == 1
    assert folder != its_folder
    serve(other)
    for database in (db, other):
        assert runs.get_run(database, 1).state is RunState.DONE
        assert reports.get_report(database, 1)

    # Each answers with its own model, or not at all.
    assert predict(other, 1)[1]["documents"] == 1
    shutil.rmtree(its_folder / "model")
    code, answer = predict(other, 1)
    assert (code, "Run 1 has no model" in answer["error"]) == (1, True)
    assert predict(db, 1)[1]["documents"] == 1

    delete_run(other, 1)
    assert not its_folder.exists()
    delete_project(other, projects.find_project(other, "people and places").id)
    assert digest(folder) == before
    assert predict(other, 1)[1]["error"].startswith("There is no run 1")


def test_the_runners_of_both_lead_and_leave_each_others_workers_alone(
    bench: Bench, other: Database, stand_ins: Callable[..., None]
) -> None:
    stand_ins()
    run = bench.start()
    mine = bench.process(run)
    its_bench = Bench(other, make_project(other), bench.base, JobRunner(other, gpus=()))
    try:
        its_run = its_bench.start()
        assert its_run.id == run.id
        assert bench.runner.step()
        assert its_bench.runner.step()
        runs.request_cancel(other, its_run.id)
        assert its_bench.finish(its_run).state is RunState.CANCELLED
        its_bench.wait_for_the_end(its_run)
        delete_project(other, its_bench.project)
        bench.runner.step()
        assert processes.lives(mine)
        assert runs.get_run(bench.db, run.id).state is RunState.RUNNING
        assert homes.run_folder(run.folder).is_dir()
    finally:
        processes.kill(its_bench.process(its_run))
        its_bench.runner.release()


def test_ids_that_a_restored_backup_gives_again_get_folders_of_their_own(
    db: Database, finished: Path, base: str, predict: Ask
) -> None:
    project = make_project(db)
    path = homes.folder() / homes.DATABASE
    backup = copies.make(path, "daily")
    forgotten, folder = copy_run(db, project, finished, base)
    serve(db)
    before = digest(folder)

    restoring.restore(path, backup)
    assert runs.list_runs(db) == []
    assert predict(db, forgotten.id)[1]["error"].startswith("There is no run")
    again, its_folder = copy_run(db, project, finished, base)
    assert (again.id, its_folder != folder) == (forgotten.id, True)
    serve(db)
    assert runs.get_run(db, again.id).state is RunState.DONE
    delete_project(db, project)
    assert not its_folder.exists()
    assert digest(folder) == before


def test_a_folder_of_before_that_another_database_wrote_is_refused(
    db: Database, other: Database, finished: Path, base: str, predict: Ask
) -> None:
    # Version 0.3 named folders by the run's id alone.
    _, folder = copy_run(db, make_project(db), finished, base)
    make_project(other)
    runs.create_run(other, 1, {"base": "bundled"})
    with other.write() as session:
        session.connection().exec_driver_sql("update runs set folder = '1', state = 'done'")
    old = folder.rename(folder.with_name("1"))
    stated = json.loads((old / "spec.json").read_text())
    (old / "spec.json").write_text(json.dumps({**stated, "folder": "", "database": ""}))
    before = digest(old)

    with pytest.raises(RefusedError, match="another database that shares this home"):
        folder_of(runs.get_run(other, 1))
    assert "another database that shares this home" in predict(other, 1)[1]["error"]
    runs.mark_frozen(other, 1)
    documents.add_documents(other, 1, [tiny.document("New")], "ada")
    assert changes.since(other, runs.get_run(other, 1)).mended == 0
    delete_project(other, 1)
    assert digest(old) == before


def test_looking_into_a_copy_of_a_database_costs_the_other_one_nothing(
    db: Database, finished: Path, base: str, tmp_path: Path, predict: Ask
) -> None:
    project = make_project(db)
    _, folder = copy_run(db, project, finished, base)
    serve(db)
    before = digest(folder)
    copy = tmp_path / "copy.db"
    shutil.copy(copies.make(homes.folder() / homes.DATABASE, "daily"), copy)
    with closing(Database.open(f"sqlite:///{copy}")) as same:
        assert predict(same, 1)[1]["documents"] == 1
        delete_project(same, project)
    assert digest(folder) == before
    delete_project(db, project)
    assert not folder.exists()


@pytest.fixture
def same(db: Database, tmp_path: Path, finished: Path, base: str) -> Iterator[Database]:
    """A copy of a database in the same home, made while its run 1 was in progress."""
    copy_run(db, make_project(db), finished, base)
    path = tmp_path / "copy.db"
    shutil.copy(copies.make(homes.folder() / homes.DATABASE, "daily"), path)
    with closing(Database.open(f"sqlite:///{path}")) as database:
        yield database


def test_a_run_is_followed_and_gone_on_with_by_one_copy_of_its_database(
    db: Database, same: Database
) -> None:
    folder = homes.run_folder(runs.get_run(db, 1).folder)
    before = digest(folder)
    runs.request_cancel(same, 1)
    serve(same)
    given_up = runs.get_run(same, 1)
    assert given_up.state is RunState.FAILED
    assert given_up.message.startswith("This database is a copy, and the one that Run 1 belongs to")
    held = lock.take(folder)
    resume(same, 1)
    os.close(held)
    afresh = folders.prepare(same, runs.claim(same, 1))
    assert afresh != folder
    assert digest(folder) == before
    serve(db)
    assert runs.get_run(db, 1).state is RunState.DONE


@pytest.mark.parametrize("version", ["0.4", "now"])
def test_a_home_that_was_copied_has_run_folders_of_its_own(
    db: Database,
    finished: Path,
    base: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
) -> None:
    _, folder = copy_run(db, make_project(db), finished, base)
    if version == "0.4":
        spec.write(folder, replace(spec.read(folder), home=""))
    before = digest(folder)
    shutil.copytree(homes.folder(), tmp_path / "moved")
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "moved"))
    with closing(Database.open()) as copied:
        serve(copied)
        assert runs.get_run(copied, 1).state is RunState.DONE
        delete_run(copied, 1)
    assert list((tmp_path / "moved" / "runs").iterdir()) == []
    assert digest(folder) == before


def test_attempts_that_a_restored_backup_forgot_are_not_taken_for_later_ones(
    db: Database, finished: Path, base: str
) -> None:
    project = make_project(db)
    run, folder = copy_run(db, project, finished, base)
    runs.set_state(db, run.id, RunState.FAILED, "the machine went down")
    path = homes.folder() / homes.DATABASE
    backup = copies.make(path, "daily")
    resume(db, run.id)
    folders.prepare(db, runs.claim(db, run.id))
    told = Events(folder, attempt=2)
    told.state("cancelled", "Cancelled.")
    told.close()
    runs.set_state(db, run.id, RunState.CANCELLED)

    restoring.restore(path, backup)
    resume(db, run.id)
    folders.prepare(db, runs.claim(db, run.id))
    run_events.ingest(db, run.id, 0, 10, events.read(folder / events.FILE)[0])
    again = runs.get_run(db, run.id)
    assert (again.attempt, again.state) == (3, RunState.STARTING)
    assert spec.read_attempt(folder) == 3
