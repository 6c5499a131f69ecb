"""The worker: a process that does what its folder asks, and says how it ended."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine import events, fitting, snapshot, spec, worker
from engine.events import Cancelled, Events
from engine.prediction import predict
from engine.spec import RunSpec, Settings
from engine.watching import Watch
from storage.errors import ModelError, TrainingError
from storage.types import Document, Split
from tests.engine import tiny

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Settings(epochs=12, learning_rate=5e-3, batch_size=8, max_length=48, stride=16)


def documents() -> list[Document]:
    odd = tiny.document("Parisian life", (0, 5, "place"), id=500, split=Split.TRAIN)
    return [
        *tiny.corpus(24, seed=1),
        *tiny.corpus(8, seed=2, first_id=100, split=Split.DEV),
        *tiny.corpus(8, seed=3, first_id=200, split=Split.TEST),
        odd,
    ]


def prepare(folder: Path, base: Path | str, settings: Settings = SETTINGS, **data: object) -> Path:
    """Write a run folder as the runner does."""
    folder.mkdir(parents=True, exist_ok=True)
    snapshot.write(folder, data.get("documents", documents()))
    asked = RunSpec(1, 1, "tiny", ("place", "person"), str(base), settings, attempt=2)
    spec.write(folder, asked)
    return folder


def start(folder: Path, **values: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "engine.worker", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, **values)


def states(folder: Path) -> list[tuple[str, str]]:
    found, _ = events.read(folder / events.FILE)
    return [(e["state"], e["message"]) for e in found if e["kind"] == "state"]


def kinds(folder: Path, kind: str) -> list[dict]:
    return [e for e in events.read(folder / events.FILE)[0] if e["kind"] == kind]


def wait_for(condition, seconds: float = 90.0) -> float:
    """Wait until the condition holds and return how long that took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - started


@pytest.fixture
def background() -> Iterator[list[subprocess.Popen]]:
    """Processes that end with the test, however it ends."""
    processes: list[subprocess.Popen] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()
        process.stderr.close()


def fit(folder: Path, stop: threading.Event | None = None) -> dict:
    asked = spec.read(folder)
    watch = Watch(Events(folder, 1), stop or threading.Event(), asked.settings.epochs)
    return fitting.fit(folder, asked, watch)


@pytest.fixture(scope="module")
def finished(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder in which a real worker process has trained."""
    folder = prepare(tmp_path_factory.mktemp("runs") / "7", bert)
    process = start(folder)
    errors = process.communicate(timeout=240)[1]
    assert process.returncode == 0, errors
    return folder


def read_report(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_a_finished_run_says_so_and_has_learned(finished: Path) -> None:
    report = read_report(finished)
    first, last = states(finished)
    assert first == ("running", "")
    assert last == ("done", f"F1 {report['test']['entity']['micro']['f1']:.3f} on test.")
    assert report["dev"]["entity"]["micro"]["f1"] > 0.8
    assert report["test"]["entity"]["micro"]["f1"] > 0.8
    assert report["train"] is None


def test_the_report_names_how_it_was_made(finished: Path) -> None:
    report = read_report(finished)
    assert (report["run"], report["attempt"], report["seed"]) == (1, 2, SETTINGS.seed)
    assert report["labels"] == ["person", "place"]
    assert report["epochs"] == 12
    assert 1 <= report["best_epoch"] <= 12
    assert report["train_documents"] == 25
    assert report["versions"]["torch"] == torch.__version__
    assert report["versions"]["threads"] >= 1
    assert report["train_seconds"] + report["eval_seconds"] < report["total_seconds"]
    words = report["train_words"] * 12 / report["train_seconds"]
    assert report["words_per_second"] == pytest.approx(words)
    assert report["alignment"]["problems"]["cut"] == 1
    assert report["alignment"]["items"][0]["document"] == 500


def test_the_dev_figures_are_those_of_the_best_epoch(finished: Path) -> None:
    report = read_report(finished)
    history = {row["epoch"]: row["dev"] for row in report["history"]}
    best = max(history, key=lambda epoch: (history[epoch]["f1"], -history[epoch]["loss"]))
    assert best == report["best_epoch"]
    assert history[best]["f1"] == report["dev"]["entity"]["micro"]["f1"]
    assert history[best]["accuracy"] == report["dev"]["token"]["accuracy"]
    assert [e["dev"] for e in kinds(finished, "metric")] == list(history.values())


def test_progress_and_heartbeats_are_written_while_it_runs(finished: Path) -> None:
    progress = kinds(finished, "progress")
    assert [p["phase"] for p in progress][0] == "loading"
    assert {p["phase"] for p in progress} >= {"loading", "training", "evaluating", "saving"}
    running = [p for p in progress if p["phase"] == "training" and p["step"]]
    assert all(p["words_per_second"] > 0 and p["seconds_left"] >= 0 for p in running)
    assert kinds(finished, "heartbeat")
    assert {event["attempt"] for event in events.read(finished / events.FILE)[0]} == {2}
    logged = [event["message"] for event in kinds(finished, "log")]
    assert "1 of 55 training spans are cut." in logged or any("are cut." in m for m in logged)


def test_pairs_and_predictions_are_those_of_the_report(finished: Path) -> None:
    report, pairs = read_report(finished), snapshot.read_pairs(finished)
    found = snapshot.read_predictions(finished)
    for split in (Split.DEV, Split.TEST):
        table = report[split]["confusion"]
        assert len(pairs[split]) == sum(map(sum, table["counts"]))
        assert len(found[split]) == report[split]["entity"]["micro"]["predicted"]
        assert all(0 <= span.score <= 1 for _, span in found[split])
    assert found[Split.TRAIN] == []


def test_the_model_loads_in_transformers_by_itself(finished: Path) -> None:
    from transformers import pipeline

    tagger = pipeline("token-classification", str(finished / "model"))
    found = tagger("Ada Lovelace went to Paris yesterday .")
    assert {piece["entity"] for piece in found} <= {"B-person", "I-person", "B-place", "I-place"}
    assert found[0]["entity"] == "B-person"


def test_predicting_test_again_gives_the_recorded_spans(finished: Path) -> None:
    test = [d for d in documents() if d.split == Split.TEST]
    again = predict(finished, test)
    recorded = snapshot.read_predictions(finished)[Split.TEST]
    assert [(d.id, span) for d in again for span in d.spans] == recorded
    assert [d.text for d in again] == [d.text for d in test]


def test_texts_without_tokens_are_predicted_too(finished: Path) -> None:
    (empty, found) = predict(finished, [Document(""), Document("In Paris, Ada met nobody.")])
    assert empty.spans == ()
    assert found.tokens[:3] == ((0, 2), (3, 8), (8, 9))


def test_a_damaged_model_is_not_used(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no complete model"):
        predict(tmp_path, [])


def without_times(report: dict) -> dict:
    times = ("train_seconds", "eval_seconds", "total_seconds", "words_per_second")
    return {key: value for key, value in report.items() if key not in times}


def test_the_same_folder_gives_the_same_report_and_the_same_weights(
    bert: Path, tmp_path: Path
) -> None:
    short = replace(SETTINGS, epochs=2)
    folders = [prepare(tmp_path / name, bert, short) for name in ("a", "b")]
    torch.manual_seed(99)
    first = fit(folders[0])
    torch.rand(5)
    second = fit(folders[1])
    assert without_times(first) == without_times(second)
    for name in ("model/model.safetensors", "model/config.json", "pairs.parquet"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    other = fit(prepare(tmp_path / "c", bert, replace(short, seed=4)))
    assert other["history"] != first["history"]


def test_without_dev_and_test_the_report_says_null(bert: Path, tmp_path: Path) -> None:
    short = replace(SETTINGS, epochs=1)
    folder = prepare(tmp_path / "run", bert, short, documents=tiny.corpus(8))
    report = fit(folder)
    assert report["dev"] is report["test"] is None
    assert report["best_epoch"] == 1
    assert not any(snapshot.read_pairs(folder).values())


def test_documents_shared_between_splits_are_counted_and_said(bert: Path, tmp_path: Path) -> None:
    shared = [*tiny.corpus(8), *tiny.corpus(2, first_id=50, split=Split.DEV)]
    folder = prepare(tmp_path / "run", bert, replace(SETTINGS, epochs=1), documents=shared)
    report = fit(folder)
    assert report["shared_with_train"] == {"dev": 2, "test": 0}
    assert "2 of 2 dev documents are also in train." in [
        event["message"] for event in kinds(folder, "log")
    ]


def test_what_an_earlier_attempt_left_is_gone_before_a_new_one_begins(
    bert: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "run", bert, documents=tiny.corpus(4, split=Split.DEV))
    (folder / "report.json").write_text("{}")
    with pytest.raises(Exception, match="No document of the train split"):
        fit(folder)
    assert not (folder / "report.json").exists()


def test_a_wish_to_stop_is_heard_between_steps(bert: Path, tmp_path: Path) -> None:
    folder, stop = prepare(tmp_path / "run", bert), threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        fit(folder, stop)


@pytest.mark.parametrize("how", ["flag", "signal"])
def test_a_run_is_cancelled_within_two_seconds(
    how: str, bert: Path, tmp_path: Path, background: list
) -> None:
    folder = prepare(tmp_path / "run", bert, replace(SETTINGS, epochs=1000))
    process = start(folder)
    background.append(process)
    wait_for(lambda: any(p["step"] > 2 for p in kinds(folder, "progress")))
    if how == "flag":
        (folder / "cancel").touch()
    else:
        process.send_signal(signal.SIGTERM)
    assert wait_for(lambda: len(states(folder)) == 2) < 2.5
    assert states(folder)[-1] == ("cancelled", "Cancelled.")
    process.wait(5)
    assert not (folder / "report.json").exists()


def test_the_pulse_ends_a_process_that_cannot_listen(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from engine.events import Events; from engine.worker import Pulse\n"
        "folder = Path(sys.argv[1])\n"
        "Pulse(folder, Events(folder)).start()\n"
        "(folder / 'cancel').touch()\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert time.monotonic() - started < 20
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
    process = start(tmp_path)
    errors = process.communicate(timeout=60)[1]
    os.close(held)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert "Another process is already training in" in errors
    assert not (tmp_path / events.FILE).exists()


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "spec.json").write_text("{"), "is not JSON"),
        (lambda folder: (folder / "data.parquet").unlink(), "data.parquet is not there"),
        (lambda folder: (folder / "data.parquet").write_bytes(b"x"), "ArrowInvalid"),
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
