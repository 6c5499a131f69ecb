"""A kind of run is one entry in a list: one that a test brings goes all the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from engine.commands import main
from engine.configuration.settings import Settings
from engine.jobs import kinds
from engine.jobs.kind import Kind
from engine.launchers import Launcher
from engine.runner import JobRunner, again, enqueue, folder_of, has_model, why
from engine.runs import spec
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import InputError
from storage.runs import reports, runs
from storage.types import Run, RunKind, RunState, Split
from tests.engine import tiny
from tests.engine.folders import wait_for
from tests.engine.jobs.counting import COUNT
from tests.workers.forking import Forking
from tests.workers.imagined import Imagined

SETTINGS = Settings(epochs=1, threads=1, device="cpu")
# Nobody starts the coach's: what it suggests is in its name.
STARTED = [kind for kind in RunKind if kind.is_work]


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    with closing(Database.open()) as database:
        yield database


@pytest.fixture
def counting(db: Database, bert: Path) -> Run:
    """A run of the new kind that waits, in a project with 24 sentences and one that is not done."""
    project = projects.create_project(db, "people and places").id
    done = [*tiny.corpus(16), *tiny.corpus(8, seed=1, split=Split.DEV)]
    documents.add_documents(db, project, [*done, tiny.document("Never counted")], "ada")
    return enqueue(db, project, str(bert), SETTINGS, COUNT.name, shortest=4)


@pytest.fixture
def worked(db: Database, counting: Run, launch_with: Callable[[Launcher], None]) -> Run:
    """The same run after a runner started a worker that knows the new kind too."""
    launch_with(Forking("tests.workers.counter"))
    runner = JobRunner(db, gpus=(), suggests=True)
    wait_for(lambda: runner.step() and runs.get_run(db, counting.id).state.final)
    runner.release()
    return runs.get_run(db, counting.id)


def test_a_kind_that_only_a_test_knows_goes_from_the_queue_to_its_results(
    db: Database, worked: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = spec.read(folder_of(worked))
    assert (asked.kind, asked.options) == ("word count", {"shortest": 4})
    frozen = [*tiny.corpus(16), *tiny.corpus(8, seed=1)]
    words = sum(end - start >= 4 for each in frozen for start, end in each.tokens)
    assert (worked.state, worked.message) == (RunState.DONE, f"{words} words.")
    assert reports.get_report(db, worked.id)["words"] == words
    assert not has_model(worked)
    assert runs.list_runs(db) == [worked], "there is no model to make suggestions"

    assert main(["train", "--resume", str(worked.id), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["words"] == words
    assert main(["report", str(worked.id), "--json"]) == 1
    assert "Run 1 counted words and has no report" in capsys.readouterr().out


@pytest.mark.long
def test_it_takes_its_turn_and_begins_again_with_what_it_was_asked(
    db: Database, counting: Run
) -> None:
    assert (counting.title, counting.kind) == ("Run 1", "word count")
    second = again(db, counting)
    assert (second.kind, second.settings, second.number) == ("word count", counting.settings, 2)
    runs.claim(db, counting.id)
    runs.set_state(db, counting.id, RunState.RUNNING)
    assert why(db, second) == "Waits for Run 1, which is counting."


def test_the_kinds_that_there_are_have_jobs_and_differ_in_what_they_leave() -> None:
    for name, called in product(STARTED, ("job", "stores", "again")):
        assert callable(kinds.load(getattr(kinds.get(name), called)))
    assert [name for name in STARTED if kinds.get(name).leaves_model] == [RunKind.TRAINING]
    numbered = [name for name in STARTED if kinds.get(name).numbered]
    assert numbered == [RunKind.TRAINING, RunKind.SEARCH, RunKind.CROSS_VALIDATION]


def test_a_run_of_a_kind_that_only_a_newer_version_knows_keeps_no_other_waiting(
    db: Database, counting: Run, launch_with: Callable[[Launcher], None]
) -> None:
    # What is behind it shall be taken, not trained.
    launch_with(Imagined())
    newer = runs.create_run(db, counting.project_id, dict(counting.settings), "folds")
    runs.request_cancel(db, counting.id)
    behind = runs.create_run(db, counting.project_id, dict(counting.settings))
    assert why(db, behind).startswith("Waits for Run 2, which is before it")
    runner = JobRunner(db, gpus=())
    runner.step()
    runner.release()
    given_up = runs.get_run(db, newer.id)
    assert given_up.state is RunState.FAILED
    assert "knows no run of the kind 'folds'" in given_up.message
    assert "is before it" not in why(db, behind)


def test_an_unknown_kind_and_one_that_is_there_twice_are_refused() -> None:
    with pytest.raises(InputError, match="knows no run of the kind 'folds'"):
        kinds.get("folds")
    with pytest.raises(ValueError, match="two kinds of run named 'training'"):
        kinds.register(Kind(RunKind.TRAINING, "a:b"))
