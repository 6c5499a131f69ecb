"""A run that goes on: with its frozen data, as its next attempt, and without its old flag."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.configuration.settings import Settings
from engine.launchers import Cluster, Launcher, base, processes
from engine.runner import JobRunner, enqueue, folders, launching, resume
from engine.runner.service import MOST_ATTEMPTS
from engine.runs import events, snapshot, spec
from storage import home
from storage.errors import NotFoundError, RefusedError
from storage.journal import annotations
from storage.runs import reports, run_events, runs
from storage.types import Run, RunKind, RunState
from tests.engine.runner.conftest import Bench
from tests.workers.imagined import Imagined
from tests.workers.stand_ins import Running


def begun(bench: Bench) -> tuple[Run, Path]:
    """A run whose folder was written and whose worker then failed, without the worker."""
    run = runs.claim(bench.db, bench.enqueue().id)
    folder = folders.prepare(bench.db, run)
    runs.set_state(bench.db, run.id, RunState.FAILED, "the disk broke")
    return run, folder


def relabel_something(bench: Bench) -> None:
    document = next(d.id for d in annotations.current(bench.db, bench.project) if d.spans)
    opened = annotations.open_annotation(bench.db, document, "ada")
    span = opened.spans[0]
    other = "place" if span.label == "person" else "person"
    edit = {"seq": 1, "base_revision": opened.revision, "kind": "relabel"}
    edit |= {"id": span.id, "label": other}
    done = annotations.apply_operations(bench.db, bench.project, document, "ada", "test", [edit])
    assert done.results[0]["status"] == "saved"


def test_a_killed_run_goes_on_to_its_end(bench: Bench) -> None:
    # So long that it does not end before it is killed, however late that comes.
    run = bench.start(epochs=1000, checkpoint_seconds=0.0)
    folder = home.run_folder(run.folder)
    bench.step_until(run, lambda _: any(folder.glob("checkpoints/0*/MANIFEST.json")))
    os.kill(run.pid, signal.SIGSTOP)
    os.kill(run.pid, signal.SIGKILL)
    run = bench.finish(run)
    assert run.state is RunState.FAILED and "resume the run" in run.message
    relabel_something(bench)
    frozen = (folder / snapshot.DATA).read_bytes()
    resume(bench.db, run.id)
    run = bench.step_until(run, lambda run: run.state is RunState.RUNNING)
    runs.request_cancel(bench.db, run.id, keep=True)
    run = bench.finish(run)
    assert (run.state, run.attempt) == (RunState.DONE, 2), run.message
    assert (folder / snapshot.DATA).read_bytes() == frozen
    assert reports.get_report(bench.db, run.id)["resumed"] == 1


def test_the_next_attempt_keeps_what_the_first_froze(bench: Bench) -> None:
    run, folder = begun(bench)
    first, frozen = spec.read(folder), (folder / snapshot.DATA).read_bytes()
    (folder / "checkpoints").mkdir()
    base.flag(folder, base.KEEP)
    relabel_something(bench)
    resume(bench.db, run.id)
    again = runs.claim_next(bench.db)
    assert folders.prepare(bench.db, again) == folder
    second = spec.read(folder)
    assert (first.attempt, second.attempt) == (1, 2)
    assert {**spec.to_json(second), "attempt": 1} == spec.to_json(first)
    assert (folder / snapshot.DATA).read_bytes() == frozen
    assert (folder / "checkpoints").is_dir()
    assert not (folder / base.CANCEL).exists()


@pytest.mark.parametrize("damage", ["no data", "no spec", "another run's"])
def test_without_what_was_frozen_a_run_begins_anew(bench: Bench, damage: str) -> None:
    run, folder = begun(bench)
    run_events.ingest(bench.db, run.id, 0, 70, [])
    (folder / "checkpoints").mkdir()
    if damage == "no data":
        (folder / snapshot.DATA).unlink()
    elif damage == "no spec":
        (folder / spec.FILE).unlink()
    else:
        text = (folder / spec.FILE).read_text()
        (folder / spec.FILE).write_text(text.replace(f'"run": {run.id}', '"run": 77'))
    resume(bench.db, run.id)
    afresh = folders.prepare(bench.db, runs.claim_next(bench.db))
    assert (spec.read(afresh).run, spec.read(afresh).attempt) == (run.id, 2)
    assert snapshot.read(afresh)
    assert not (afresh / "checkpoints").exists(), "checkpoints of other data"
    assert (folder / "checkpoints").exists(), "and nothing of it is thrown away"
    assert run_events.events_offset(bench.db, run.id) == 0


def test_the_trials_of_a_search_reach_its_folder(bench: Bench) -> None:
    run = enqueue(bench.db, bench.project, bench.base, Settings(), RunKind.SEARCH, trials=7)
    asked = spec.read(folders.prepare(bench.db, runs.claim(bench.db, run.id)))
    assert (asked.kind, asked.options) == (RunKind.SEARCH, {"trials": 7})
    assert folders.settings_of(run) == Settings()


def test_only_a_run_that_ended_without_a_report_can_be_resumed(bench: Bench) -> None:
    run = bench.enqueue()
    with pytest.raises(RefusedError, match="is queued: watch it, or cancel it first"):
        resume(bench.db, run.id)
    runs.claim_next(bench.db)
    with pytest.raises(RefusedError, match="is starting: watch it, or cancel it first"):
        resume(bench.db, run.id)
    runs.set_state(bench.db, run.id, RunState.DONE)
    with pytest.raises(RefusedError, match="is done: start a new run instead"):
        resume(bench.db, run.id)
    with pytest.raises(NotFoundError):
        resume(bench.db, 99)


def test_a_run_whose_last_worker_is_still_there_is_not_resumed(bench: Bench) -> None:
    run, folder = begun(bench)
    with open(folder / processes.LOCK_NAME, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RefusedError, match="has not ended yet"):
            resume(bench.db, run.id)
    assert resume(bench.db, run.id).state is RunState.QUEUED


def test_a_resumed_run_that_cannot_start_says_why(bench: Bench) -> None:
    run, folder = begun(bench)
    resume(bench.db, run.id)
    with open(folder / processes.LOCK_NAME, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = bench.finish(run)
    assert run.state is RunState.FAILED
    assert run.message.startswith("The run could not start: Another process is already training")
    assert run.attempt == 2


def test_a_worker_that_ends_before_it_begins_leaves_its_reason(
    bench: Bench, launch_with: Callable[[Launcher], None]
) -> None:
    launch_with(Running(sys.executable, "-m", "nowhere"))
    run = bench.finish(bench.enqueue())
    assert run.state is RunState.FAILED
    assert run.message.startswith("the training process ended before it began; resume the run")
    assert "No module named nowhere" in run.message


def test_a_run_that_no_runner_manages_to_start_is_given_up(bench: Bench) -> None:
    run = bench.enqueue()
    for _ in range(MOST_ATTEMPTS):
        # As if each runner died between claiming the run and starting its worker.
        assert runs.claim(bench.db, run.id)
        bench.runner._attend(runs.get_run(bench.db, run.id))
    run = runs.get_run(bench.db, run.id)
    assert run.state is RunState.FAILED
    assert run.message == "the run could not be started in 3 attempts; resume it to try again"


def test_a_frozen_worker_is_shown_refused_and_ended(
    bench: Bench, stand_ins: Callable[..., None]
) -> None:
    stand_ins()
    bench.runner.workers.grace = 0.1
    bench.runner.hearing.clock = lambda: 0.0
    run = bench.start()
    os.kill(run.pid, signal.SIGSTOP)
    bench.runner.step()
    assert runs.get_run(bench.db, run.id).message == ""
    # Seventy seconds pass without a heartbeat.
    bench.runner.hearing.clock = lambda: 70.0
    bench.runner.step()
    shown = runs.get_run(bench.db, run.id)
    assert shown.message.startswith("No sign of life for 70 s")
    assert shown.state is RunState.RUNNING
    with pytest.raises(RefusedError, match="is running"):
        resume(bench.db, run.id)
    runs.request_cancel(bench.db, run.id)
    run = bench.finish(run)
    assert run.state is RunState.CANCELLED
    psutil.wait_procs([p for p in psutil.process_iter() if p.pid == run.pid], timeout=60)
    assert resume(bench.db, run.id).state is RunState.QUEUED


def _elsewhere(bench: Bench) -> tuple[Run, Path]:
    """Return a run, and its folder, whose worker only its lock and its events speak of."""
    run, folder = begun(bench)
    runs.requeue(bench.db, run.id)
    runs.claim(bench.db, run.id)
    runs.set_process(bench.db, run.id, os.getpid(), 1.0, "another boot")
    (folder / events.FILE).touch()
    return run, folder


def test_a_worker_that_was_only_slow_is_not_called_silent_any_more(bench: Bench) -> None:
    run, folder = _elsewhere(bench)
    with open(folder / processes.LOCK_NAME, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bench.runner.hearing.clock = lambda: 0.0
        bench.runner.step()
        bench.runner.hearing.clock = lambda: 100.0
        bench.runner.step()
        assert _message(bench, run).startswith("No sign of life for 100 s")
        os.utime(folder / events.FILE)
        bench.runner.step()
        assert _message(bench, run) == ""


@pytest.mark.parametrize("step", [-3600, 3600])
def test_a_clock_that_was_moved_makes_nobody_silent(bench: Bench, step: int) -> None:
    run, folder = _elsewhere(bench)
    with open(folder / processes.LOCK_NAME, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.utime(folder / events.FILE, (time.time() - step, time.time() - step))
        bench.runner.hearing.clock = lambda: 0.0
        bench.runner.step()
        assert _message(bench, run) == ""
        # After the clock went back, silence is still noticed.
        bench.runner.hearing.clock = lambda: 60.0
        bench.runner.step()
        assert _message(bench, run).startswith("No sign of life for 60 s")


def test_a_run_that_is_to_be_kept_is_given_its_time(
    bench: Bench, launch_with: Callable[[Launcher], None]
) -> None:
    launcher = Imagined()
    launch_with(launcher)
    bench.runner.workers.grace = 0.0
    run = bench.step_until(bench.enqueue(), lambda run: run.state is RunState.RUNNING)
    folder = home.run_folder(run.folder)
    runs.request_cancel(bench.db, run.id, keep=True)
    for _ in range(3):
        bench.runner.step()
    assert (folder / base.CANCEL).read_text() == "keep"
    assert not launcher.killed
    runs.request_cancel(bench.db, run.id)
    for _ in range(3):
        bench.runner.step()
        time.sleep(0.01)
    assert (folder / base.CANCEL).read_text() == ""
    assert launcher.killed[0] == folder


def test_a_run_with_nothing_to_keep_yet_is_cancelled(bench: Bench) -> None:
    run, folder = begun(bench)
    runs.requeue(bench.db, run.id)
    runs.claim(bench.db, run.id)
    with open(folder / processes.LOCK_NAME, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        runs.request_cancel(bench.db, run.id, keep=True)
        bench.runner.step()
    assert (folder / base.CANCEL).read_text() == ""


def test_a_cluster_out_of_reach_is_said_and_blocks_nobody(
    bench: Bench, stand_ins: Callable[..., None], finished: Path
) -> None:
    stand_ins(finished)
    nobody = "http://127.0.0.1:9"
    launching.choose(bench.db, "local", Cluster(nobody))
    away = bench.enqueue(launcher="ray")
    runs.claim(bench.db, away.id)
    folder = folders.prepare(bench.db, runs.get_run(bench.db, away.id))
    base.write(folder, base.Launch(1, "ray", address=nobody, job="whetstone-1-1-a"))
    here = bench.finish(bench.enqueue(epochs=1))
    assert here.state is RunState.DONE
    shown = runs.get_run(bench.db, away.id)
    assert shown.state is RunState.STARTING
    assert f"The Ray cluster at {nobody} cannot be used" in shown.message


def test_each_gpu_is_given_to_one_run(
    bench: Bench, launch_with: Callable[[Launcher], None]
) -> None:
    launcher = Imagined()
    launch_with(launcher)
    bench.runner.release()
    bench.runner = JobRunner(bench.db, gpus=("GPU-a", "GPU-b"))
    queued = _on_any_device(bench, 3)
    for _ in range(4):
        bench.runner.step()
    assert launcher.gpus == {queued[0]: ("GPU-a",), queued[1]: ("GPU-b",)}
    runs.set_state(bench.db, queued[0], RunState.DONE)
    bench.runner.step()
    assert launcher.gpus[queued[2]] == ("GPU-a",)


def _on_any_device(bench: Bench, count: int) -> list[int]:
    made = (enqueue(bench.db, bench.project, bench.base, Settings()) for _ in range(count))
    return [run.id for run in made]


def _message(bench: Bench, run: Run) -> str:
    return runs.get_run(bench.db, run.id).message
