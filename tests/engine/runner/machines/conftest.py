"""Two machines of one computer: each with an identity of its own, on one PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.runner import JobRunner
from engine.runner.machines import membership
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, Split
from tests.engine import tiny
from tests.engine.runner.machines.clock import Clock
from tests.storage.conftest import copied, postgres
from tests.workers.imagined import Imagined

__all__ = ["copied", "postgres"]


@pytest.fixture
def db(home: Path, copied: str) -> Iterator[Database]:
    home.mkdir(mode=0o700)
    database = Database.open(copied)
    yield database
    database.close()


@pytest.fixture
def project(db: Database) -> int:
    found = projects.create_project(db, "people and places")
    texts = [*tiny.corpus(12), *tiny.corpus(4, seed=1, split=Split.DEV)]
    documents.add_documents(db, found.id, texts, "ada")
    return found.id


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which leaders watch; it stands still until a test lets time pass."""
    monkeypatch.setattr(membership, "BEAT_SECONDS", 0.0)
    return Clock()


@dataclass
class Two:
    """What a test needs: the machines' runners, and a worker of each that a test plays."""

    db: Database
    project: int
    workers: Imagined
    start: Callable[..., JobRunner]
    made: list[JobRunner] = field(default_factory=list)

    def queue(self, **settings: object) -> Run:
        wanted = {"base": "bundled", "epochs": 1, "device": "cpu", **settings}
        return runs.create_run(self.db, self.project, wanted)

    def run(self, run: Run) -> Run:
        return runs.get_run(self.db, run.id)


@pytest.fixture
def two(
    db: Database,
    project: int,
    launch_with: Callable,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Two]:
    workers = Imagined()
    made: list[JobRunner] = []
    launch_with(workers)

    def start(name: str, gpus: tuple[str, ...] = (), tags: tuple[str, ...] = ()) -> JobRunner:
        monkeypatch.setenv("WHETSTONE_MACHINE", str(tmp_path / name))
        runner = JobRunner(db, gpus=gpus, tags=tags, name=name)
        runner.takeover.watching.clock = runner.hearing.clock = clock
        made.append(runner)
        return runner

    yield Two(db, project, workers, start, made)
    for runner in made:
        runner.release()
