"""Why a run waits: the sentence names what is before it, and nothing that is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.jobs import kinds
from engine.runner import JobRunner, waiting, why
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, RunKind, RunState


@pytest.fixture
def news(db: Database) -> int:
    return projects.create_project(db, "news").id


@pytest.fixture
def leader(db: Database) -> Iterator[JobRunner]:
    """A runner that leads, as in an open app."""
    runner = JobRunner(db, gpus=())
    assert runner.lock.acquire()
    yield runner
    runner.lock.release()


def queue(db: Database, project: int, kind: str = RunKind.TRAINING, **settings: object) -> Run:
    wanted = {"base": "bundled", "device": "cpu", **settings}
    return runs.create_run(db, project, wanted, kind, numbered=kinds.get(kind).numbered)


def begin(db: Database, run: Run, state: RunState = RunState.RUNNING) -> None:
    runs.claim(db, run.id)
    runs.set_state(db, run.id, state)


def test_with_nothing_before_it_a_run_starts_in_a_moment(
    db: Database, news: int, leader: JobRunner
) -> None:
    run = queue(db, news)
    assert why(db, run) == "Nothing is before it: it starts in a moment."
    begin(db, run)
    assert why(db, runs.get_run(db, run.id)) == ""


def test_a_queue_that_nobody_serves_is_said_to_be_so(db: Database, news: int) -> None:
    said = "No program serves the queue now: the run starts when Whetstone is open."
    assert why(db, queue(db, news)) == said


def test_the_run_before_it_is_named_with_what_it_does(
    db: Database, news: int, leader: JobRunner
) -> None:
    first, second, third = (queue(db, news) for _ in range(3))
    assert why(db, second) == "Waits for Run 1, which is before it in the queue."
    begin(db, first, RunState.STARTING)
    assert why(db, second) == "Waits for Run 1, which is starting."
    runs.set_state(db, first.id, RunState.RUNNING)
    assert why(db, third) == "Waits for Run 1, which is training; 1 more run is before it."
    search = queue(db, news, RunKind.SEARCH, trials=3)
    runs.set_state(db, first.id, RunState.DONE)
    for run in (second, third):
        runs.set_state(db, run.id, RunState.CANCELLED)
    begin(db, search)
    assert why(db, queue(db, news)) == "Waits for Run 4, which is searching."


def test_a_run_of_another_project_is_named_with_its_project(
    db: Database, news: int, leader: JobRunner
) -> None:
    begin(db, queue(db, news))
    letters = projects.create_project(db, "letters").id
    said = "Waits for Run 1 of the project 'news', which is training."
    assert why(db, queue(db, letters)) == said


def test_suggestions_wait_for_trainings_and_make_way_for_them(
    db: Database, news: int, leader: JobRunner
) -> None:
    trained = queue(db, news)
    begin(db, trained, RunState.DONE)
    look = queue(db, news, RunKind.SUGGESTIONS)
    later = queue(db, news)
    assert why(db, look) == "Waits for Run 2, which is before it in the queue."
    begin(db, look)
    said = "Waits for a suggestion pass to make way: it goes on afterwards."
    assert why(db, later) == said


def test_on_a_cluster_nothing_is_before_a_run(db: Database, news: int, leader: JobRunner) -> None:
    begin(db, queue(db, news, launcher="ray"))
    begin(db, queue(db, news))
    assert why(db, queue(db, news, launcher="ray")).startswith("Nothing is before it")


def test_a_gpu_that_is_free_is_waited_for_by_nobody(
    db: Database, news: int, leader: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_present", lambda: ("0", "1"))
    begin(db, queue(db, news, device="auto"))
    second = queue(db, news, device="auto")
    assert why(db, second).startswith("Nothing is before it")
    begin(db, second)
    third = queue(db, news, device="auto")
    assert why(db, third) == "Waits for Run 1, which is training; 1 more run is before it."


def test_a_run_that_begins_says_what_it_does(db: Database, news: int) -> None:
    run = queue(db, news)
    begin(db, run, RunState.STARTING)
    assert waiting.beginning(runs.get_run(db, run.id)) == "Starting the training process"
    runs.set_state(db, run.id, RunState.RUNNING)
    assert waiting.beginning(runs.get_run(db, run.id)) == "Loading the base model"
