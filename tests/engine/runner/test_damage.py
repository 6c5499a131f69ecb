"""A damaged run folder: that run says what is wrong with which file, and all others go on."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from engine.runner import JobRunner, changes, delete_project, resume
from storage import home as homes
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import Run, RunState
from tests.engine import folders
from tests.engine.runner.conftest import Bench
from tests.engine.runner.finished import copy_run, make_project

REPORT, MATCHES, PREDICTIONS = "report.json", "matches.parquet", "predictions.parquet"
DIED = "the training process ended before it began"


@dataclass(frozen=True)
class Damage:
    """What happens to a folder, and what its run then says; nothing where it does no harm."""

    name: str
    do: Callable[[Path], Any]
    says: str = ""


def torn(name: str, says: str | None = None) -> Damage:
    def tear(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return Damage(f"{name}-torn", tear, name if says is None else says)


def empty(name: str, says: str | None = None) -> Damage:
    says = name if says is None else says
    return Damage(f"{name}-empty", lambda folder: (folder / name).write_bytes(b""), says)


def missing(name: str, says: str | None = None) -> Damage:
    says = name if says is None else says
    return Damage(f"{name}-missing", lambda folder: (folder / name).unlink(), says)


def holds(name: str, what: str, text: str, says: str | None = None) -> Damage:
    says = name if says is None else says
    return Damage(f"{name}-{what}", lambda folder: (folder / name).write_text(text), says)


def a_folder(name: str, says: str | None = None) -> Damage:
    def replace_by_folder(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name / "inside").mkdir(parents=True)

    return Damage(f"{name}-a-folder", replace_by_folder, name if says is None else says)


def without_a_column(name: str) -> Damage:
    def drop(folder: Path) -> None:
        table = pq.read_table(folder / name)
        pq.write_table(table.drop_columns(["split"]), folder / name)

    return Damage(f"{name}-lacks-a-column", drop, name)


def report_with(what: str, change: Callable[[dict], Any]) -> Damage:
    def rewrite(folder: Path) -> None:
        report = json.loads((folder / REPORT).read_text())
        change(report)
        (folder / REPORT).write_text(json.dumps(report))

    return Damage(f"{REPORT}-{what}", rewrite, REPORT)


def with_an_event(what: str, line: str | bytes) -> Damage:
    """Put a line before the outcome that is no event: only that line is lost."""

    def insert(folder: Path) -> None:
        *before, outcome = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
        new = line if isinstance(line, bytes) else line.encode()
        (folder / "events.jsonl").write_bytes(b"".join([*before, new + b"\n", outcome]))

    return Damage(f"events.jsonl-{what}", insert)


def event(**values: object) -> str:
    return json.dumps({"at": "2026-01-01T00:00:00+00:00", "attempt": 1, **values})


DAMAGES = [
    *(damage(name) for name in (REPORT, MATCHES) for damage in (torn, missing)),
    # Each predicted span is in a match, too.
    torn(PREDICTIONS, says=""),
    holds(REPORT, "a-list", "[]"),
    holds(REPORT, "nested-without-end", "[" * 100_000),
    report_with("nan", lambda report: report["dev"]["headline"].update(value=float("nan"))),
    report_with("a-crooked-table", lambda report: report["test"]["confusion"]["counts"].pop()),
    a_folder(REPORT),
    torn("usage.json"),
    without_a_column(MATCHES),
    with_an_event("unknown-state", event(kind="state", state="asleep")),
    with_an_event("crooked-metric", event(kind="metric", epoch="two", loss=[], dev="good")),
    with_an_event("half-a-character", event(kind="log", message="\ud800 and \0")),
    with_an_event("beyond-all-numbers", '{"kind": "metric", "epoch": 1e999, "attempt": 1}'),
    with_an_event("no-utf-8", b'{"kind": "log", "message": "\xff"}'),
    missing("events.jsonl", says=DIED),
    torn("events.jsonl", says="the training process died"),
    a_folder("events.jsonl"),
    holds("launch.json", "another-object", '{"gpus": 3, "is": "odd"}', says=""),
    a_folder("worker.lock", says=""),
    empty("spec.json", says=""),
]
# The same ways with other files, and other words in the same places.
MORE = [
    empty(REPORT),
    empty(MATCHES),
    *(damage(PREDICTIONS, says="") for damage in (empty, missing)),
    holds(REPORT, "another-object", "{}"),
    report_with("an-empty-split", lambda report: report.update(test={})),
    report_with("no-number", lambda report: report["dev"]["headline"].update(value="high")),
    empty("usage.json"),
    missing("usage.json", says=""),
    holds("usage.json", "a-text", '"much"'),
    a_folder(MATCHES),
    with_an_event("no-state", event(kind="state")),
    with_an_event("no-epoch", event(kind="metric", loss=1.0)),
    with_an_event("crooked-progress", event(kind="progress", step="one", steps=2)),
    with_an_event("half-a-character-shown", event(kind="state", state="running", message="\udfff")),
    with_an_event("no-object", "[1, 2]"),
    with_an_event("nan", '{"kind": "metric", "epoch": NaN, "attempt": 1}'),
    with_an_event("a-huge-epoch", event(kind="metric", epoch=10**400)),
    with_an_event("no-time", event(kind="log", message="a", at="yesterday")),
    with_an_event("nested-without-end", "[" * 100_000),
    empty("events.jsonl", says=DIED),
    empty("launch.json", says=""),
    holds("launch.json", "a-list", "[1]", says=""),
    a_folder("launch.json", says=""),
    a_folder("cancel", says=""),
    torn("data.parquet", says=""),
    holds("spec.json", "a-list", "[]", says=""),
    a_folder("spec.json", says=""),
]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the project whose documents the finished run has learned from, made once."""
    path = tmp_path_factory.mktemp("made") / homes.DATABASE
    with closing(Database.open(f"sqlite:///{path}")) as db:
        make_project(db)
    return path


@pytest.fixture
def db(home: Path, made: Path) -> Iterator[Database]:
    for file in made.parent.glob(f"{made.name}*"):
        shutil.copy(file, homes.folder())
    with closing(Database.open()) as database:
        yield database


@pytest.fixture
def project(db: Database) -> int:
    return projects.find_project(db, "people and places").id


@pytest.fixture
def runner(db: Database) -> JobRunner:
    return JobRunner(db, gpus=())


def queue_another(db: Database) -> Run:
    """Queue a run that ends as soon as it is taken: its project has no labels."""
    wanted = {"base": "bundled", "device": "cpu"}
    return runs.create_run(db, projects.create_project(db, "other").id, wanted)


@pytest.mark.parametrize(
    "damage",
    [*DAMAGES, *(pytest.param(each, marks=pytest.mark.long) for each in MORE)],
    ids=lambda damage: damage.name,
)
def test_a_damaged_folder_is_its_own_runs_trouble(
    db: Database, project: int, finished: Path, base: str, runner: JobRunner, damage: Damage
) -> None:
    run, folder = copy_run(db, project, finished, base)
    cancelled, its_folder = copy_run(db, project, finished, base)
    runs.request_cancel(db, cancelled.id)
    for each in (folder, its_folder):
        damage.do(each)
    waiting = queue_another(db)

    assert runner.step()
    run = runs.get_run(db, run.id)
    if damage.says:
        assert (run.state, reports.get_report(db, run.id)) == (RunState.FAILED, None)
        assert damage.says in run.message
        assert "resume the run" in run.message.lower()
    else:
        assert run.state is RunState.DONE, run.message
        assert reports.get_report(db, run.id)["test"]
    assert runs.get_run(db, cancelled.id).state.final
    assert "no labels" in runs.get_run(db, waiting.id).message, "the next run was not taken"
    assert changes.since(db, run).mended == 0

    delete_project(db, project)
    assert runs.list_runs(db, project) == []
    assert not folder.exists()


def test_a_run_folder_that_is_a_file_is_a_run_that_died(
    db: Database, project: int, finished: Path, base: str, runner: JobRunner
) -> None:
    run, folder = copy_run(db, project, finished, base)
    shutil.rmtree(folder)
    folder.write_text("no folder")
    runner.step()
    run = runs.get_run(db, run.id)
    assert run.state is RunState.FAILED
    assert DIED in run.message
    delete_project(db, project)


def test_a_run_that_failed_for_its_damaged_report_can_be_resumed(
    bench: Bench, finished: Path
) -> None:
    run, folder = copy_run(bench.db, bench.project, finished, bench.base)
    (folder / REPORT).write_text("{")
    (folder / MATCHES).rename(folder / "pairs.parquet")
    bench.runner.step()
    assert runs.get_run(bench.db, run.id).state is RunState.FAILED
    resume(bench.db, run.id)
    run = bench.finish(run)
    assert (run.state, run.attempt) == (RunState.DONE, 2)
    assert (folder / MATCHES).exists() and not (folder / "pairs.parquet").exists()
    assert reports.get_report(bench.db, run.id)["test"]


@pytest.mark.parametrize("name", ["cancel", "worker.lock", "events.jsonl"])
def test_a_hung_worker_is_ended_also_in_a_damaged_folder(
    bench: Bench, stand_ins: Callable[..., None], name: str
) -> None:
    stand_ins()
    bench.runner.workers.grace = 0.1
    run = bench.start()
    os.kill(run.pid, signal.SIGSTOP)
    a_folder(name).do(homes.run_folder(run.folder))
    runs.request_cancel(bench.db, run.id)
    run = bench.step_until(run, lambda run: run.state.final)
    assert run.state is RunState.CANCELLED or name in run.message
    folders.wait_for(lambda: not psutil.pid_exists(run.pid))
