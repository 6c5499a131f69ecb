"""What the benchmarks share: processes of their own, corpora, clocks, the machine's description.

A part that is measured runs in a fresh process, so that its threads, its allocator and its
peak memory are its own. The process reads a job as JSON and prints what it found as JSON.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from engine.corpus import importing
from engine.runs import sampling
from engine.system import environment
from storage.types import Document, Split

ROOT = Path(__file__).resolve().parents[3]
DATA, SAMPLE = ROOT.parent / "shared" / "data", ROOT / "engine" / "corpus" / "sample" / "spans"
CORPORA = (
    [
        DATA / "wnut17" / name
        for name in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")
    ],
    [DATA / "crossner" / "politics" / f"{split}.txt" for split in Split],
    [SAMPLE / f"{split}.jsonl" for split in Split],
)
SAMPLE_SEED = 13


def ask(module: str, job: dict, **values: object) -> dict:
    """Have a module do a job in a process of its own; it calls ``answer``."""
    command, job = [sys.executable, "-m", module, "--work"], {**job, **values}
    given = json.dumps(job)
    done = subprocess.run(command, cwd=ROOT, input=given, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"The part {job['side']!r} of the benchmark failed; see above.")
    return json.loads(done.stdout)


def answer(work: Callable[[dict], dict]) -> None:
    """Do the job that ``ask`` sends; only what was found goes to stdout."""
    with redirect_stdout(sys.stderr):
        found = work(json.load(sys.stdin))
    print(json.dumps(found))


def set_threads(threads: int, ours: bool) -> None:
    """Set the environment before torch is loaded: a worker's, or the defaults and the threads."""
    if ours:
        environment.prepare(threads, {})
    else:
        os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
    import torch

    torch.set_num_threads(threads)


class Clock:
    """Wall and CPU seconds of training alone: it stands still while dev is evaluated."""

    def __init__(self, wait: Callable[[], None] = lambda: None) -> None:
        """``wait`` returns when the device has done all that it was given."""
        self.wall = self.cpu = 0.0
        self._wait, self._since = wait, (0.0, 0.0)

    def start(self) -> None:
        """Go on counting."""
        self._wait()
        self._since = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        """Stand still."""
        self._wait()
        self.wall += time.perf_counter() - self._since[0]
        self.cpu += time.process_time() - self._since[1]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count inside the block."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Do not count inside the block, which lies within ``running``."""
        self.stop()
        try:
            yield
        finally:
            self.start()


def peak_mib() -> float:
    """Return this process's own peak; getrusage's holds that of the process that started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def find_corpus() -> list[Path]:
    """Return the files of the first corpus that is here; the shipped sample always is."""
    return next(files for files in CORPORA if all(file.is_file() for file in files))


def read_corpus(files: Sequence[Path], limit: int | None) -> list[Document]:
    """Read train, dev and test; the train split as a seeded sample of ``limit`` documents.

    Files tell their split by their names, else by their order.
    """
    plans = [
        importing.plan([file], format="doccano" if file.suffix == ".jsonl" else "conll")
        for file in files
    ]
    for plan in plans:
        plan.check()
    splits = [plan.files[0].split for plan in plans]
    if None in splits or len(set(splits)) < len(splits):
        splits = list(Split)
    documents = [
        replace(document, split=split)
        for plan, split in zip(plans, splits, strict=False)
        for document in plan.documents_to_add
        if document.tokens
    ]
    documents = sampling.sample(documents, limit, SAMPLE_SEED)
    return [replace(document, id=number) for number, document in enumerate(documents, start=1)]


def labels_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """Return the labels that occur, sorted."""
    return tuple(sorted({span.label for document in documents for span in document.spans}))


def count_words(documents: Sequence[Document]) -> int:
    """Count the tokens of documents."""
    return sum(len(document.tokens) for document in documents)


def summarize(rows: Sequence[dict]) -> tuple[dict, dict]:
    """Return mean and sample deviation of every number that all rows have."""
    names = [
        name
        for name in rows[0]
        if all(isinstance(row[name], int | float) and row[name] is not None for row in rows)
    ]
    means = {name: statistics.fmean(row[name] for row in rows) for name in names}
    spread = {
        name: statistics.stdev(row[name] for row in rows) if len(rows) > 1 else 0.0
        for name in names
    }
    return means, spread


def describe_machine() -> dict:
    """Return what figures depend on besides the code: cores, processor, card, versions."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cores": environment.cores(),
        "processor": names[0] if names else platform.processor(),
        "card": read_card(),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("torch", "transformers", "numpy")},
    }


def read_card() -> str:
    """Return the first GPU's name and driver as nvidia-smi says them; empty without one."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, stdout=subprocess.PIPE, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""
    return found.splitlines()[0] if found else ""


def show_machine(machine: dict, loads: Sequence[float]) -> None:
    """Print the machine and the load averages around the measurements."""
    card = f", {machine['card']}" if machine["card"] else ""
    versions = ", ".join(f"{name} {machine[name]}" for name in ("python", "torch", "transformers"))
    print(f"{machine['cores']} cores, {machine['processor']}{card}, {versions}")
    print("load average", " ".join(f"{load:.1f}" for load in loads))
