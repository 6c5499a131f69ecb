"""``curve``: points, a law and a sentence for every label, from the queue to the answer."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.commands.evaluation import drawing
from engine.evaluation.learning_curve import SHARES, Outlook
from engine.jobs import learning_curve
from engine.runner import folders, results
from engine.runs import spec
from engine.runs.events import Events
from engine.training.callbacks import Watch
from storage.database.connection import Database
from storage.errors import InputError
from storage.runs import runs
from storage.types import Run, RunState
from tests.engine.commands.conftest import Command, assert_fails


@pytest.fixture(autouse=True)
def followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do a run's work in this process, where a runner would start a worker."""

    def follow(db: Database, queued: Run) -> Run:
        run = runs.claim(db, queued.id)
        folder = folders.prepare(db, run)
        watch = Watch(Events(folder), threading.Event(), 1)
        try:
            said = learning_curve.run(folder, spec.read(folder), watch, lambda: None)
            results.store(db, run)
            runs.set_state(db, run.id, RunState.DONE, said)
        except InputError as problem:
            runs.set_state(db, run.id, RunState.FAILED, str(problem))
        return runs.get_run(db, run.id)

    monkeypatch.setattr(drawing, "follow", follow)


@pytest.fixture
def quickly(bert: Path) -> tuple[object, ...]:
    """Options that make its trainings tiny."""
    return ("--base", bert, "--repeats", 1, "--device", "cpu", "--set", "threads=1")


def test_every_label_is_told_with_its_points(
    run: Command, project: str, quickly: tuple[object, ...]
) -> None:
    found = run("curve", "--project", project, *quickly, "--set", "epochs=1").payload
    assert (found["state"], found["message"]) == ("done", found["all"]["sentence"])
    assert set(found["labels"]) == {"person", "place"}
    for row in (*found["labels"].values(), found["all"]):
        assert len(row["points"]) == len(SHARES)
        assert row["outlook"] in set(Outlook)
        known = row["outlook"] != Outlook.UNKNOWN
        assert known is (row["law"] is not None) is (row["gain"] is not None)
    assert found["all"]["points"][-1]["sentences"] == found["all"]["sentences"] == 24
    assert found["held"] == []


def test_a_project_with_too_little_is_told_what_to_do(
    run: Command, sentences: Path, quickly: tuple[object, ...]
) -> None:
    run("import", sentences, "--project", "few", "--split", "train")
    answer = run("curve", "--project", "few", *quickly)
    assert_fails(answer, "Learning curve 1 failed: Train is too small for a learning curve")
