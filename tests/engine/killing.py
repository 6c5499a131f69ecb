"""Kill workers at chosen moments and let them go on: ``python -m tests.engine.killing``.

A worker takes seconds to start, most of them to load torch. So this process loads it once
and forks: each child is a real worker in a process of its own, and dies by a real SIGKILL.

Reads one JSON object from stdin, {"base", "folder", "settings", "task", "plans"}. A plan is a
list of kills, one an attempt: ["point", NAME, COUNT] at the COUNT-th time that a point of the
checkpoint protocol is reached, ["after", SHARE] at a share of the time that an undisturbed run
takes; where that was too late, the run begins anew and is killed sooner. After the last kill
the run is left alone.

Writes one JSON object: for every plan the digests of what the run left, and how many kills hit
a living worker; "undisturbed" is the digest to compare with.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from engine import worker
from engine.configuration.settings import Settings
from engine.runs import checkpoints, spec
from tests.engine import folders
from tests.workers import forking

SETTINGS = Settings(
    epochs=2,
    seeds=2,
    learning_rate=5e-3,
    batch_size=8,
    max_length=48,
    stride=16,
    threads=1,
    checkpoint_seconds=0,
)
BESIDE = ("retriever/model.safetensors",)
FILES = ("model/model.safetensors", "predictions.parquet", "matches.parquet")


def run(folder: Path, kill: list | None = None, whole: float = 0.0) -> bool:
    """Run a worker in a child process; return whether it was killed."""
    child = os.fork()
    if not child:
        if kill and kill[0] == "point":
            arm(*kill[1:])
        os._exit(worker.work(folder))
    share = kill[1] if kill and kill[0] == "after" else 1.0
    timer = threading.Timer(whole * share, os.kill, (child, signal.SIGKILL))
    if share < 1.0:
        timer.start()
    _, status = os.waitpid(child, 0)
    # The number of a process that ended may be another's soon.
    timer.cancel()
    return os.WIFSIGNALED(status)


def arm(name: str, count: int) -> None:
    """Let this process kill itself when it reaches a point for the ``count``-th time."""
    seen = 0

    def reached(point: str) -> None:
        nonlocal seen
        seen += point == name
        if seen == count:
            os.kill(os.getpid(), signal.SIGKILL)

    checkpoints.reached = reached


def prepare(asked: dict) -> Path:
    folder = Path(asked["folder"])
    shutil.rmtree(folder, ignore_errors=True)
    settings, task = replace(SETTINGS, **asked["settings"]), asked.get("task", "spans")
    return folders.prepare(folder, asked["base"], settings, task=task)


def go_on(folder: Path) -> None:
    """Hand the folder to the next attempt, as the runner does."""
    before = spec.read(folder)
    spec.write(folder, replace(before, attempt=before.attempt + 1))


def digest(folder: Path) -> dict:
    """Return what must be equal: hashes of weights and predictions, the report without times."""
    beside = [name for name in BESIDE if (folder / name).exists()]
    found = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (*FILES, *beside)
    }
    return {**found, "report": folders.without_times(folders.read_report(folder))}


def follow(asked: dict, plan: list, whole: float) -> int:
    """Kill as planned, then let the run end; return how many kills hit."""
    folder, hits = prepare(asked), 0
    for kill in plan:
        while not run(folder, kill, whole):
            # A busy machine may have been slower when the undisturbed run was timed.
            if kill[0] == "point":
                return hits
            whole *= 0.7
            prepare(asked)
        hits += 1
        go_on(folder)
    run(folder)
    return hits


def main() -> None:
    asked = json.load(sys.stdin)
    folder = prepare(asked)
    started = time.monotonic()
    run(folder)
    whole = time.monotonic() - started
    expected, found = digest(folder), []
    for plan in asked["plans"]:
        hits = follow(asked, plan, whole)
        found.append({"plan": plan, "hits": hits, **digest(folder)})
    print(json.dumps({"undisturbed": expected, "seconds": whole, "killed": found}))


if __name__ == "__main__":
    forking.preload("engine.worker")
    main()
