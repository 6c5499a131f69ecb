"""The worker: a process that does what its folder asks, and says how it ended."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import worker
from engine.inference.pipeline import predict
from engine.jobs import training
from engine.runs import checkpoints, events, spec
from engine.runs.events import Events
from engine.training.callbacks import Watch
from engine.training.trainer_state import StepLog
from storage.errors import TrainingError
from storage.types import Split
from tests.engine import tiny
from tests.engine.folders import (
    ROOT,
    SETTINGS,
    documents,
    kinds,
    prepare,
    read_report,
    start,
    start_command,
    states,
    wait_for,
)
from tests.workers.forking import Forked


@pytest.fixture
def background() -> Iterator[list[Forked]]:
    """Processes that end with the test, however it ends."""
    processes: list[Forked] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", ["flag", "signal"])
def test_a_run_is_cancelled_within_two_seconds(
    how: str, bert: Path, tmp_path: Path, background: list
) -> None:
    def cancel(folder: Path) -> float:
        process = start(prepare(folder, bert, replace(SETTINGS, epochs=1000)))
        background.append(process)
        wait_for(lambda: any(p["step"] > 2 for p in kinds(folder, "progress")))
        if how == "flag":
            (folder / "cancel").touch()
        else:
            process.send_signal(signal.SIGTERM)
        seconds = wait_for(lambda: len(states(folder)) == 2)
        assert states(folder)[-1] == ("cancelled", "Cancelled.")
        process.wait(240)
        assert not (folder / "report.json").exists()
        return seconds

    # A machine that stood still meanwhile has shown nothing: then once more.
    assert any(cancel(tmp_path / f"run {number}") < 2.5 for number in range(5))


def test_a_tokenizer_that_would_take_for_ever_fails_in_a_sentence(
    bert: Path, tmp_path: Path, background: list
) -> None:
    path = Path(shutil.copytree(bert, tmp_path / "base")) / "tokenizer.json"
    cuts = {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated"}
    told = json.loads(path.read_text()) | {"pre_tokenizer": cuts | {"invert": False}}
    path.write_text(json.dumps(told))
    given = [*documents(), tiny.document("a" * 40 + "b", id=600, split=Split.TRAIN)]
    folder = prepare(tmp_path / "run", path.parent, documents=given)
    background.append(process := start(folder))
    assert process.wait(240) == 1
    state, message = states(folder)[-1]
    assert state == "failed" and "Regex search error" in message and "\n" not in message
    # With another base model the same run is as good as any.
    again = prepare(tmp_path / "again", bert, replace(SETTINGS, epochs=1), documents=given)
    background.append(process := start(again))
    assert process.wait(240) == 0
    assert states(again)[-1][0] == "done"


def test_the_pulse_ends_a_process_that_cannot_listen(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from engine.runs.events import Events; from engine.worker import Pulse\n"
        "folder = Path(sys.argv[1])\n"
        "Pulse(folder, Events(folder)).start()\n"
        "(folder / 'cancel').touch()\n"
        "while True: time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    assert subprocess.run(command, cwd=ROOT, timeout=240).returncode == 0
    assert states(tmp_path) == [("cancelled", "Cancelled.")]


def test_only_one_outcome_is_written(tmp_path: Path) -> None:
    pulse = worker.Pulse(tmp_path, Events(tmp_path))
    assert pulse.finish("done", "x")
    assert not pulse.finish("cancelled", "y")
    assert states(tmp_path) == [("done", "x")]


def test_a_killed_worker_gives_its_lock_back_and_leaves_no_report(
    bert: Path, tmp_path: Path, background: list
) -> None:
    folder = prepare(tmp_path / "run", bert, replace(SETTINGS, epochs=1000))
    process = start(folder)
    background.append(process)
    wait_for(lambda: states(folder))
    with pytest.raises(TrainingError, match="Another process is already training in"):
        worker.hold(folder)
    process.kill()
    process.wait()
    os.close(worker.hold(folder))
    assert states(folder) == [("running", "")]
    assert not (folder / "report.json").exists()


def test_a_lock_handed_down_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = os.open(tmp_path / "worker.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    monkeypatch.setenv("WHETSTONE_LOCK_FD", str(descriptor))
    assert worker.hold(tmp_path) == descriptor
    assert not os.get_inheritable(descriptor)
    assert "WHETSTONE_LOCK_FD" not in os.environ
    os.close(descriptor)


def test_the_lock_of_another_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worker.lock").touch()
    descriptor = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)
    monkeypatch.setenv("WHETSTONE_LOCK_FD", str(descriptor))
    with pytest.raises(TrainingError, match="The lock handed down is not that of"):
        worker.hold(tmp_path)
    os.close(descriptor)


def test_a_held_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    held = worker.hold(tmp_path)
    process = start_command(tmp_path)
    errors = process.communicate(timeout=240)[1]
    os.close(held)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert "Another process is already training in" in errors
    assert not (tmp_path / events.FILE).exists()


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "spec.json").write_text("{"), "spec.json cannot be read"),
        (lambda folder: (folder / "data.parquet").unlink(), "data.parquet is missing"),
        (lambda folder: (folder / "data.parquet").write_bytes(b"x"), "data.parquet cannot be read"),
    ],
)
def test_a_run_that_cannot_start_says_why(
    bert: Path, tmp_path: Path, break_it, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepare(tmp_path / "run", bert)
    break_it(folder)
    assert worker.work(folder) == 1
    state, sentence = states(folder)[-1]
    assert state == "failed"
    assert message in sentence
    assert "\n" not in sentence
    assert "Traceback" in (folder / "worker.log").read_text()


def test_a_base_model_that_is_not_there_fails_the_run_with_its_remedy(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", "/no/such/model")
    assert worker.work(folder) == 1
    assert states(folder)[-1] == (
        "failed",
        "The base model '/no/such/model' is not there; choose a folder that exists.",
    )


@pytest.mark.parametrize("arguments", [[], ["/no/such/folder"], ["a", "b"]])
def test_a_wrong_command_line_is_answered_in_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert worker.main(arguments) == 1
    assert "Name one run folder that exists" in capsys.readouterr().err


def test_stopping_with_the_best_kept_ends_as_done_with_a_report(bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", bert, replace(SETTINGS, epochs=1000))
    process = start(folder)
    wait_for(lambda: len(kinds(folder, "metric")) > 4)
    (folder / "cancel").write_text("keep")
    wait_for(lambda: any("best model so far" in e["message"] for e in kinds(folder, "log")))
    assert process.wait(240) == 0
    state, message = states(folder)[-1]
    report = read_report(folder)
    assert state == "done"
    assert message.startswith(f"Stopped after epoch {report['epochs']} as asked. F1 ")
    assert report["stopped_early"] and report["test"]
    assert 4 < report["epochs"] < 1000
    checkpoints.verify(folder / "model")


def test_stopped_before_its_first_epoch_ends_it_keeps_what_it_has(
    bert: Path, tmp_path: Path
) -> None:
    folder, keep = prepare(tmp_path / "run", bert, SETTINGS), threading.Event()

    class Stopping(Watch):
        """Hears the wish in the middle of the first epoch, whoever is quick or slow."""

        def step(self, step: StepLog) -> None:
            super().step(step)
            if step.step == 2:
                keep.set()

    watch = Stopping(Events(folder), threading.Event(), SETTINGS.epochs, keep)
    report = training.fit(folder, spec.read(folder), watch)
    assert report["stopped_early"]
    assert report["epochs"] == report["best_epoch"] == 1
    assert report["dev"]["headline"]["value"] == report["history"][0]["dev"]["f1"]


def test_a_loss_without_a_number_keeps_the_best_model_so_far(bert: Path, tmp_path: Path) -> None:
    # So large a rate, unclipped, that the numbers overflow after some epochs.
    wild = replace(SETTINGS, epochs=100, learning_rate=1.0, clip=0.0, warmup=1.0, head_rate=1000.0)
    folder = prepare(tmp_path / "run", bert, wild)
    assert start(folder).wait(240) == 1
    state, message = states(folder)[-1]
    assert state == "failed"
    assert "The loss stopped being a number at step " in message
    assert "choose a smaller learning rate. The model of epoch " in message
    checkpoints.verify(folder / "model")
    assert predict(folder, tiny.corpus(3))
