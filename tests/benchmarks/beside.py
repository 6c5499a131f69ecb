"""Training beside another busy process: how much slower either gets than it is alone.

    python -m tests.benchmarks.beside [TRAIN DEV TEST] [--seconds 8] [--threads N] [--json]

A run's worker trains the bundled encoder with all cores, first alone, then beside a second
such worker, then beside a loop of matrix products with two threads. The workers have what every
worker gets, OMP_WAIT_POLICY=PASSIVE: a thread that has nothing to do sleeps. For contrast all
is done again with ACTIVE: it spins, and takes a core from the one that has work. The loop is
somebody else's process, with torch's defaults.

Each side reports that it is warm; then both are told to go, and count for the same seconds what
they finish (words, products). They work on until both have counted. Two that share the same
cores fairly get 2.0 times slower each; *together* is the sum of both speeds as shares of those
alone, 1.0 when nothing is lost.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import worker  # noqa: E402
from engine.configuration.settings import Settings  # noqa: E402
from engine.system import environment
from storage.types import Split  # noqa: E402
from tests.benchmarks.parts import measuring, sides  # noqa: E402

POLICIES = ("PASSIVE", "ACTIVE")
WARM_STEPS, BATCH, LIMIT, LOOP_THREADS, SIDE = 3, 16, 500, 2, 512


class Window:
    """Counts what is done in the seconds after the parent's sign to go."""

    def __init__(self, seconds: float, report: Callable[[float], None]) -> None:
        self._seconds, self._report = seconds, report
        self._started: tuple[float, float] | None = None
        self._over = False

    def open(self, done: float) -> None:
        """Say that all is warm, and wait for the sign."""
        self._report(0.0)
        sys.stdin.readline()
        self._started = time.perf_counter(), done

    def look(self, done: float) -> None:
        """Report the speed once, at the first thing finished after the time is over."""
        passed = time.perf_counter() - self._started[0]
        if passed >= self._seconds and not self._over:
            self._over = True
            self._report((done - self._started[1]) / passed)


def report(speed: float) -> None:
    """Send a line to the parent: 0 for being warm, then the speed."""
    sys.__stdout__.write(f"{speed}\n")
    sys.__stdout__.flush()


def train(job: dict) -> None:
    """Work in a run folder as its worker does, and count words."""
    environment.FIXED["OMP_WAIT_POLICY"] = job["policy"]
    environment.prepare(job["threads"], {})
    from engine.training.callbacks import Watch

    window, plain = Window(job["seconds"], report), Watch.step

    def step(watch: Watch, step) -> None:
        plain(watch, step)
        if step.step == WARM_STEPS:
            window.open(step.words)
        elif step.step > WARM_STEPS:
            window.look(step.words)

    with mock.patch.object(Watch, "step", step), redirect_stdout(sys.stderr):
        sys.exit(worker.work(Path(job["folder"])))


def multiply(job: dict) -> None:
    """Multiply matrices with two threads for ever, and count products."""
    measuring.set_threads(LOOP_THREADS, ours=False)
    import torch

    one, window = torch.randn(SIDE, SIDE), Window(job["seconds"], report)
    for _ in range(WARM_STEPS):
        one @ one
    window.open(0)
    done = 0
    while True:
        one @ one
        done += 1
        window.look(done)


@contextmanager
def started(job: dict) -> Iterator[subprocess.Popen]:
    """Start a side, wait until it is warm, and end it after the block."""
    command = [sys.executable, "-m", "tests.benchmarks.beside", "--work", json.dumps(job)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=measuring.ROOT, **pipes) as process:
        try:
            read(process)
            yield process
        finally:
            process.kill()


def read(process: subprocess.Popen) -> float:
    """Read a line that ``report`` wrote."""
    line = process.stdout.readline()
    if not line:
        sys.exit("A side of the benchmark ended early; see above.")
    return float(line)


def time_together(*jobs: dict) -> list[float]:
    """Let the sides work at the same time; return the speed of each."""
    with tempfile.TemporaryDirectory() as name:
        return start_and_go(Path(name), list(jobs), [])


def start_and_go(folder: Path, jobs: list[dict], warm: list[subprocess.Popen]) -> list[float]:
    """Start the sides one after the other; when all are warm, let them go and listen."""
    if jobs:
        place = folder / str(len(jobs))
        place.mkdir()
        if jobs[0]["side"] == "train":
            documents = measuring.read_corpus([Path(file) for file in jobs[0]["files"]], LIMIT)
            learned = [document for document in documents if document.split is Split.TRAIN]
            settings = Settings(epochs=1000, batch_size=BATCH, threads=jobs[0]["threads"])
            sides.write_run(place, learned, "bundled", settings)
        with started({**jobs[0], "folder": str(place)}) as process:
            return start_and_go(folder, jobs[1:], [*warm, process])
    for process in warm:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [read(process) for process in warm]


def run(chosen: argparse.Namespace) -> dict:
    """Measure all sides alone and in pairs."""
    files = [str(path.resolve()) for path in chosen.files or measuring.find_corpus()]
    threads = chosen.threads or environment.cores()
    job = {"files": files, "seconds": chosen.seconds, "threads": threads}
    loop, loads, rows = {**job, "side": "multiply"}, [os.getloadavg()[0]], []
    [products] = time_together(loop)
    for policy in POLICIES:
        training = {**job, "side": "train", "policy": policy}
        [words] = time_together(training)
        for name, other, alone in (("training", training, words), ("products", loop, products)):
            ours, theirs = time_together(training, other)
            slower = {"training": words / ours, "other": alone / theirs}
            shares = 1 / slower["training"] + 1 / slower["other"]
            rows.append({"policy": policy, "beside": name, **slower, "together": shares})
            loads.append(os.getloadavg()[0])
        rows[-1]["alone"] = rows[-2]["alone"] = words
    return {
        "threads": threads,
        "products_alone": products,
        "rows": rows,
        "machine": measuring.describe_machine(),
        "load_average": loads,
    }


def show(found: dict) -> None:
    """Print the slowdown of both sides for each pair."""
    print(f"{found['threads']} threads; the loop alone: {found['products_alone']:,.0f} products/s")
    titles = ("beside", "words/s alone", "slower ×", "other ×", "together")
    print(f"{'policy':<10}" + "".join(f"{title:>15}" for title in titles))
    for row in found["rows"]:
        figures = (row["training"], row["other"], row["together"])
        print(
            f"{row['policy']:<10}{row['beside']:>15}{row['alone']:>15,.0f}"
            + "".join(f"{figure:>15.2f}" for figure in figures)
        )
    print("fair: 2.00 times slower each, together 1.00")
    measuring.show_machine(found["machine"], found["load_average"])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL or JSONL: TRAIN DEV TEST")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        job = json.loads(chosen.work)
        return train(job) if job["side"] == "train" else multiply(job)
    found = run(chosen)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
