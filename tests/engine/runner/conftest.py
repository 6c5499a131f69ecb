"""A project with labelled sentences, a tiny base model, and a runner that is stepped by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.configuration.settings import Settings
from engine.launchers import Launcher, processes
from engine.runner import JobRunner, enqueue
from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, RunState, Split
from tests.engine import folders, tiny
from tests.engine.runner.finished import train
from tests.workers.stand_ins import stand_ins as stand_in

DEADLINE = 240.0


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.save_base(tmp_path_factory.mktemp("base")))


@pytest.fixture(scope="session")
def finished(base: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder as a worker left it, trained once for all tests."""
    return train(tmp_path_factory.mktemp("finished"), base)


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    database = Database.open()
    yield database
    database.close()


@pytest.fixture
def project(db: Database) -> int:
    found = projects.create_project(db, "people and places")
    texts = [
        *tiny.corpus(24),
        *tiny.corpus(8, seed=1, split=Split.DEV),
        *tiny.corpus(8, seed=2, split=Split.TEST),
    ]
    documents.add_documents(db, found.id, texts, "ada")
    return found.id


@dataclass
class Bench:
    """What a runner test needs in one hand."""

    db: Database
    project: int
    base: str
    runner: JobRunner

    def enqueue(self, epochs: int = 2, **settings: Any) -> Run:
        chosen = Settings(epochs=epochs, threads=1, device="cpu", **settings)
        return enqueue(self.db, self.project, self.base, chosen)

    def step_until(self, run: Run, holds: Callable[[Run], bool]) -> Run:
        """Step the runner until ``holds``; fail when it never does."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            self.runner.step()
            run = runs.get_run(self.db, run.id)
            if holds(run):
                return run
            if run.state is RunState.FAILED:
                break
            time.sleep(0.05)
        raise AssertionError(f"run {run.id} stays {run.state}: {run.message} {run.progress}")

    def finish(self, run: Run) -> Run:
        return self.step_until(run, lambda run: run.state.final)

    def start(self, epochs: int = 500, **settings: Any) -> Run:
        """Start a long run and wait until it trains."""
        queued = self.enqueue(epochs, **settings)
        return self.step_until(queued, lambda run: run.progress.get("step", 0) > 0)

    def wait_for_the_end(self, run: Run) -> None:
        """Wait until a run's worker, which has told its outcome, has let go of the folder."""
        folders.wait_for(lambda: not processes.is_held(home.run_folder(run.folder)))

    def process(self, run: Run) -> processes.Identity:
        """Return the process of a run's worker."""
        return processes.Identity(run.pid, run.pid_started, run.boot_id)


@pytest.fixture
def stand_ins(launch_with: Callable[[Launcher], None]) -> Callable[..., None]:
    """Let the runs that start from now on have stand-ins as their workers."""
    return lambda order="live": launch_with(stand_in(order))


@pytest.fixture
def bench(db: Database, project: int, base: str, forking: None) -> Iterator[Bench]:
    """A runner that leads; whatever still trains at the end is killed."""
    made = Bench(db, project, base, JobRunner(db, gpus=()))
    yield made
    made.runner.release()
    for run in runs.list_runs(db):
        if run.pid is not None:
            processes.kill(made.process(run))
