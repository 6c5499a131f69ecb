"""``train --resume`` and ``cancel``: which runs go on, with what, and which do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.launchers import processes
from engine.runner import JobRunner
from storage import home
from storage.database.connection import Database
from storage.runs import runs
from storage.types import RunState
from tests.engine.commands.conftest import Command, assert_fails
from tests.engine.commands.test_training import TINY, checkpoints_of, follow_and_cancel, make
from tests.engine.folders import wait_for


def test_resuming_a_finished_run_prints_its_report(run: Command, project: str, base: Path) -> None:
    trained = run("train", "--project", project, "--base", base, *TINY)
    again = run("train", "--resume", 1)
    assert (again.code, again.payload) == (0, trained.payload)
    assert [known.attempt for known in runs.list_runs(Database.open())] == [0, 1]


@pytest.mark.parametrize("state", [RunState.STARTING, RunState.RUNNING])
def test_resuming_a_living_run_is_refused(run: Command, project: str, state: RunState) -> None:
    living = make(state)
    assert_fails(run("train", "--resume", living.id), f"Run {living.id}")
    assert runs.get_run(Database.open(), living.id).state is state


@pytest.mark.long
def test_a_run_that_was_cancelled_is_resumed_as_its_next_attempt(
    run: Command, project: str, base: Path
) -> None:
    # So long that it does not end before it is cancelled, however late that comes.
    options = ("--epochs", 1000, "--set", "checkpoint_seconds=0", *TINY[2:])
    stopped = follow_and_cancel(run, "--project", project, "--base", base, *options)
    assert_fails(stopped, "Run 1 cancelled")
    known = runs.get_run(Database.open(), 1)
    assert checkpoints_of(known)
    # The worker lets go of the folder a moment after it told its outcome.
    wait_for(lambda: not processes.is_held(home.run_folder(known.folder)))
    resumed = follow_and_cancel(run, "--resume", 1, keep=True)
    assert resumed.code == 0, resumed.error
    assert (resumed.payload["run"], resumed.payload["attempt"]) == (1, 2)
    assert resumed.payload["resumed"] == 1


def test_a_resumed_run_keeps_its_settings(run: Command, project: str) -> None:
    make(RunState.FAILED, "died")
    assert_fails(run("train", "--resume", 1, "--epochs", 3), "epochs", "keeps")
    assert_fails(run("train", "--resume", 1, "--project", project), "project")


def test_what_is_not_there_cannot_be_resumed(run: Command) -> None:
    assert_fails(run("train", "--resume", 99), "no run 99")
    assert_fails(run("train"), "--project")


def test_a_run_that_is_over_cannot_be_cancelled(run: Command, project: str) -> None:
    make(RunState.FAILED, "died")
    assert_fails(run("cancel", 1), "Run 1 is failed")


@pytest.mark.parametrize("keep", [True, False])
def test_cancel_asks_for_what_it_was_told(
    run: Command, project: str, monkeypatch: pytest.MonkeyPatch, keep: bool
) -> None:
    living = make(RunState.RUNNING)
    seen = []

    def step(runner: JobRunner) -> None:
        seen.append(runs.cancel_keeps(runner.db, living.id))
        runs.set_state(runner.db, living.id, RunState.CANCELLED, "Cancelled.")

    monkeypatch.setattr(JobRunner, "step", step)
    answer = run("cancel", living.id, *(["--keep"] if keep else []))
    assert (answer.code, answer.payload["state"], seen) == (0, "cancelled", [keep])
