"""Run folders as the runner writes them, and what workers leave in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from engine import tasks
from engine.configuration.settings import Settings
from engine.jobs import training
from engine.runs import events, snapshot, spec
from engine.runs.events import Events
from engine.runs.spec import RunSpec
from engine.training.callbacks import Watch
from storage.types import Document, Span, Split
from tests.engine import tiny
from tests.workers import forking

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Settings(
    threads=1, epochs=12, learning_rate=5e-3, batch_size=8, max_length=48, stride=16
)


def documents() -> list[Document]:
    odd = tiny.document("Parisian life", (0, 5, "place"), id=500, split=Split.TRAIN)
    return [
        *tiny.corpus(24, seed=1),
        *tiny.corpus(8, seed=2, first_id=100, split=Split.DEV),
        *tiny.corpus(8, seed=3, first_id=200, split=Split.TEST),
        odd,
    ]


def of_task(task: str) -> list[Document]:
    """The same documents as a task has them: labels of the whole, a second text for pairs."""
    known = tasks.get(task)
    found = documents()
    if not known.marks_whole:
        return found
    return [
        replace(
            document,
            spans=tuple(Span(0, 0, label) for label in labels(document)[: None if several else 1]),
            second_text="Ada in Paris" if "second_text" in known.columns else None,
        )
        for document in found
        for several in ["labels" in known.columns]
    ]


def labels(document: Document) -> list[str]:
    return sorted({span.label for span in document.spans})


def prepare(folder: Path, base: Path | str, settings: Settings = SETTINGS, **data: Any) -> Path:
    """Write a run folder as the runner does."""
    folder.mkdir(parents=True, exist_ok=True)
    task = data.get("task", "spans")
    snapshot.write(folder, data.get("documents") or of_task(task))
    asked = RunSpec(1, 1, "tiny", ("place", "person"), str(base), settings, task, attempt=2)
    spec.write(folder, asked)
    return folder


def start(folder: Path) -> forking.Forked:
    """Start a real worker that need not load torch first."""
    with open(_words(folder), "ab") as words:
        return forking.fork(["engine.worker", str(folder)], os.environ, {"log": words.fileno()})


def said(folder: Path) -> str:
    """Return what the workers of a folder said outside of it."""
    return _words(folder).read_text(encoding="utf-8")


def _words(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.stderr")


def start_command(folder: Path, **values: Any) -> subprocess.Popen:
    """Start a worker as the command that it is."""
    command = [sys.executable, "-m", "engine.worker", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, **values)


def states(folder: Path) -> list[tuple[str, str]]:
    found, _ = events.read(folder / events.FILE)
    return [(e["state"], e["message"]) for e in found if e["kind"] == "state"]


def kinds(folder: Path, kind: str) -> list[dict]:
    return [e for e in events.read(folder / events.FILE)[0] if e["kind"] == kind]


def wait_for(condition: Callable[[], object], seconds: float = 240.0) -> float:
    """Wait until the condition holds and return how long that took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - started


def below(pid: int, word: str) -> list[psutil.Process]:
    """Return the processes that one has started, and they, with this word in their command."""
    found: list[psutil.Process] = []
    for child in psutil.Process(pid).children(recursive=True):
        # What a library starts to look about is gone in a moment.
        with suppress(psutil.NoSuchProcess):
            found += [child] if word in child.cmdline() else []
    return found


def fit(folder: Path, stop: threading.Event | None = None) -> dict:
    asked = spec.read(folder)
    watch = Watch(Events(folder, 1), stop or threading.Event(), asked.settings.epochs)
    return training.fit(folder, asked, watch)


def read_report(folder: Path) -> dict:
    """Read the finished run's report."""
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


TIMES = {
    "seconds",
    "train_seconds",
    "eval_seconds",
    "companion_seconds",
    "total_seconds",
    "words_per_second",
    "run",
    "attempt",
}


def without_times(report: Any) -> Any:
    """Drop from a report what two equal runs may differ in: times, memory, ids."""
    if isinstance(report, dict):
        return {k: without_times(value) for k, value in report.items() if k not in TIMES}
    if isinstance(report, list):
        return [without_times(item) for item in report]
    return report
