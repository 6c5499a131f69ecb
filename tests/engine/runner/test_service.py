"""The job runner: one owner a run, workers that outlive it, deaths that are noticed."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import product
from pathlib import Path

import psutil
import pytest

from engine.configuration.settings import Settings
from engine.evaluation.confusion import Confusion
from engine.evaluation.figures import of_labels
from engine.evaluation.slices import registry
from engine.launchers import Launcher, Local, processes
from engine.runner import JobRunner, enqueue, results
from engine.runner.folders import prepare
from engine.runner.results import read_report
from engine.runs import snapshot
from engine.system import priority
from storage import home
from storage.accounts import accounts
from storage.cells import ANY, Cell, Only
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import InputError, ModelError
from storage.journal import annotations
from storage.permissions import Role
from storage.runs import filtering, reports, run_events, runs, slices
from storage.types import Document, Run, RunState, Span, Split, Status
from tests.engine import folders
from tests.engine.runner.conftest import Bench
from tests.workers.stand_ins import let_go

StandIns = Callable[..., None]
ROOT = Path(__file__).resolve().parents[3]


def test_a_queued_run_ends_with_its_report_in_the_database(bench: Bench) -> None:
    run = bench.finish(bench.enqueue())
    assert run.state is RunState.DONE, run.message
    stored = reports.get_report(bench.db, run.id)
    assert stored == read_report(home.run_folder(run.folder))
    assert [metric["epoch"] for metric in run_events.metrics(bench.db, run.id)] == [1, 2]
    # It holds a person's texts.
    folder = home.run_folder(run.folder)
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}
    for name in ("data.parquet", "worker.log", "events.jsonl"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_every_part_of_the_table_opens_as_many_rows_as_it_says(bench: Bench) -> None:
    run = bench.finish(bench.enqueue(epochs=6, learning_rate=0.005))
    for split in (Split.DEV, Split.TEST):
        found = reports.get_report(bench.db, run.id)[split]
        table = Confusion.of(found)
        for part in product([*table.rows, ANY], [*table.columns, ANY]):
            assert reports.count_cell(bench.db, Cell(run.id, split, *part)) == table.count(*part)
        for label in [*table.labels, ANY]:
            errors = Cell(run.id, split, label, ANY, Only.ERRORS)
            assert reports.count_cell(bench.db, errors) == table.count(*errors.place)
        for label in table.labels:
            row = Cell(run.id, split, label, ANY)
            assert reports.count_cell(bench.db, row) == of_labels(found)[label]["support"]


def test_the_worker_names_its_folder_last_and_the_row_says_which_process_it_is(
    bench: Bench, launch_with: Callable[[Launcher], None]
) -> None:
    launch_with(Local())
    run = bench.step_until(bench.enqueue(1000), lambda run: run.pid is not None)
    assert processes.lives(bench.process(run))
    worker = psutil.Process(run.pid)
    # A process that has only just begun has no command yet.
    folders.wait_for(worker.cmdline)
    command = worker.cmdline()
    assert command[-1] == str(home.run_folder(run.folder))
    assert command[-2] == "engine.worker"
    assert worker.nice() == os.getpriority(os.PRIO_PROCESS, 0) + priority.LONG_WORK


def test_a_worker_steps_back_and_more_so_where_people_sign_in(
    bench: Bench, launch_with: Callable[[Launcher], None]
) -> None:
    launch_with(Local())
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    accounts.add(bench.db, "chief", Role.ADMIN, "correct horse battery")
    among = bench.step_until(bench.enqueue(1000), lambda run: run.pid is not None)
    steps = priority.LONG_WORK + priority.BESIDE_OTHERS
    assert psutil.Process(among.pid).nice() == mine + steps


def test_a_killed_worker_is_noticed(bench: Bench, stand_ins: StandIns) -> None:
    stand_ins()
    run = bench.start()
    os.kill(run.pid, signal.SIGKILL)
    run = bench.finish(run)
    assert run.state is RunState.FAILED
    assert "the training process died" in run.message


def test_a_cancelled_run_stops(bench: Bench, stand_ins: StandIns) -> None:
    stand_ins()
    run = bench.start()
    runs.request_cancel(bench.db, run.id)
    run = bench.finish(run)
    assert run.state is RunState.CANCELLED
    # The lock and the process go a moment after the outcome was told.
    bench.wait_for_the_end(run)
    folders.wait_for(lambda: not processes.lives(bench.process(run)))


def test_a_worker_that_does_not_answer_is_ended(bench: Bench, stand_ins: StandIns) -> None:
    stand_ins()
    bench.runner.workers.grace = 0.1
    run = bench.start()
    os.kill(run.pid, signal.SIGSTOP)
    runs.request_cancel(bench.db, run.id)
    run = bench.finish(run)
    assert run.state is RunState.CANCELLED
    assert not processes.is_held(home.run_folder(run.folder))


@pytest.mark.skipif(sys.platform != "linux", reason="only there is psutil's clock moved so")
@pytest.mark.parametrize("step", [-3600, 1])
def test_a_worker_is_ended_also_after_the_clock_was_moved(
    bench: Bench, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    stand_ins()
    bench.runner.workers.grace = 0.1
    run = bench.start()
    os.kill(run.pid, signal.SIGSTOP)
    # The system tells when it was booted by the time of day of now.
    booted = psutil.boot_time() + step
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: booted)
    runs.request_cancel(bench.db, run.id)
    run = bench.finish(run)
    assert run.state is RunState.CANCELLED


def test_runs_queue_one_at_a_time(bench: Bench, stand_ins: StandIns, finished: Path) -> None:
    stand_ins()
    first, second = bench.start(), bench.enqueue()
    stand_ins(finished)
    for _ in range(5):
        bench.runner.step()
    assert runs.get_run(bench.db, second.id).state is RunState.QUEUED
    runs.request_cancel(bench.db, first.id)
    assert bench.finish(second).state is RunState.DONE


def test_a_second_runner_stands_by_and_takes_over(
    bench: Bench, stand_ins: StandIns, finished: Path
) -> None:
    stand_ins()
    run = bench.start()
    pid = run.pid
    other = JobRunner(bench.db, gpus=())
    assert not other.step()
    bench.runner.release()
    bench.runner = other
    let_go(home.run_folder(run.folder), finished)
    run = bench.finish(run)
    assert (run.state, run.attempt, run.pid) == (RunState.DONE, 1, pid)


def test_a_worker_outlives_its_killed_runner_and_the_next_one_adopts_it(
    bench: Bench, stand_ins: StandIns, finished: Path
) -> None:
    stand_ins()
    run = bench.enqueue()
    script = (
        "import time\n"
        "from engine import launchers\n"
        "from engine.runner import JobRunner\n"
        "from tests.workers.stand_ins import stand_ins\n"
        "from storage.database.connection import Database\n"
        "launchers.MADE['local'] = lambda _: stand_ins()\n"
        "runner = JobRunner(Database.open())\n"
        "while True: runner.step(); time.sleep(0.05)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    try:
        folders.wait_for(lambda: runs.get_run(bench.db, run.id).progress.get("step"))
    finally:
        server.kill()
        server.wait()
    pid = runs.get_run(bench.db, run.id).pid
    assert processes.is_held(home.run_folder(run.folder))
    let_go(home.run_folder(run.folder), finished)
    run = bench.finish(run)
    assert run.state is RunState.DONE
    assert run.pid == pid, "the run was started again instead of adopted"


def test_a_run_claimed_by_a_runner_that_died_is_started_again(
    bench: Bench, stand_ins: StandIns, finished: Path
) -> None:
    stand_ins(finished)
    run = bench.enqueue()
    assert runs.claim_next(bench.db).id == run.id
    run = bench.finish(run)
    assert (run.state, run.attempt) == (RunState.DONE, 2)


def test_signals_never_reach_a_process_that_got_the_same_pid() -> None:
    sleeping = subprocess.Popen(["sleep", "60"])
    try:
        known = processes.identify(sleeping.pid)
        stranger = processes.Identity(known.pid, known.started - 100, known.boot)
        other_boot = processes.Identity(known.pid, known.started, "another boot")
        assert not processes.lives(stranger)
        assert not processes.kill(stranger)
        assert not processes.kill(other_boot)
        assert processes.lives(known)
        assert processes.kill(known)
        assert sleeping.wait(60) == -signal.SIGKILL
    finally:
        sleeping.kill()
        sleeping.wait()


def test_a_start_that_version_0_3_wrote_is_still_understood() -> None:
    mine = processes.identify(os.getpid())
    epoch = psutil.Process().create_time()
    assert processes.lives(processes.Identity(mine.pid, epoch, mine.boot))
    assert processes.lives(processes.Identity(mine.pid, epoch - 1, mine.boot))
    assert not processes.lives(processes.Identity(mine.pid, epoch - 100, mine.boot))


def test_only_done_documents_are_frozen_and_dev_is_drawn_from_train(
    bench: Bench, db: Database
) -> None:
    project = projects.create_project(db, "no dev")
    marks = (Span(0, 8, "PER"),)
    texts = [
        Document(f"Sentence {i}", ((0, 8), (9, 10)), marks, status=Status.DONE) for i in range(9)
    ]
    documents.add_documents(db, project.id, [*texts, Document("untouched")], "ada")
    made = runs.create_run(db, project.id, {"base": bench.base, **asdict(Settings())})
    frozen = snapshot.read(prepare(db, runs.claim(db, made.id)))
    assert len(frozen) == 9
    assert sum(document.split is Split.DEV for document in frozen) == 1


def test_a_mended_label_is_in_the_next_run_and_not_in_the_last(
    bench: Bench, stand_ins: StandIns, finished: Path
) -> None:
    stand_ins(finished)
    first = bench.finish(bench.enqueue(epochs=1))
    document = next(d.id for d in annotations.current(bench.db, bench.project) if d.spans)
    opened = annotations.open_annotation(bench.db, document, "ada")
    span = opened.spans[0]
    other = "place" if span.label == "person" else "person"
    edit = {"seq": 1, "base_revision": opened.revision, "kind": "relabel"}
    edit |= {"id": span.id, "label": other}
    outcome = annotations.apply_operations(bench.db, bench.project, document, "ada", "test", [edit])
    assert outcome.results[0]["status"] == "saved"
    second = bench.finish(bench.enqueue(epochs=1))

    def label_in(run: Run) -> str:
        frozen = {d.id: d for d in snapshot.read(home.run_folder(run.folder))}
        return next(s.label for s in frozen[document].spans if s.start == span.start)

    assert (label_in(first), label_in(second)) == (span.label, other)


@pytest.mark.parametrize("missing", ["documents", "labels", "marked done"])
def test_a_project_that_lacks_something_is_told_what(bench: Bench, missing: str) -> None:
    empty = projects.create_project(bench.db, "empty")
    if missing != "documents":
        documents.add_documents(bench.db, empty.id, [Document("Ada met Bob.")], "ada")
    if missing == "marked done":
        projects.add_labels(bench.db, empty.id, ["PER"])
    with pytest.raises(InputError, match=missing):
        enqueue(bench.db, empty.id, bench.base, Settings())


def test_a_base_model_that_is_not_there_is_refused_before_queueing(bench: Bench) -> None:
    with pytest.raises(ModelError, match="not there"):
        enqueue(bench.db, bench.project, "/nowhere/bert", Settings())
    assert runs.list_runs(bench.db) == []


def test_a_base_model_beside_the_shell_is_found_by_a_worker_that_runs_elsewhere(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(bench.base).parent)
    run = enqueue(bench.db, bench.project, Path(bench.base).name, Settings())
    assert run.settings["base"] == bench.base
    assert enqueue(bench.db, bench.project, "bundled", Settings()).settings["base"] == "bundled"


def test_a_report_is_stored_without_a_look_at_the_documents(
    bench: Bench, finished: Path, db: Database
) -> None:
    """The worker has told what follows from them: a million would not fit the web process."""
    run = bench.enqueue()
    folder = home.run_folder(run.folder)
    shutil.copytree(finished, folder)
    (folder / snapshot.DATA).unlink()
    results.store_model(db, run, folder)
    assert filtering.known(db, run.id)
    assert slices.known(db, run.id, registry.computed())
