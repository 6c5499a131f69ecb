"""What is seen of a training, and our side: a run as its worker does it.

Both sides run in processes of their own (``measuring.ask``) and are timed in the same way:
from the call of the training function to its end, with everything that happens there except
the evaluations of dev. Loading the base model and tokenizing come before on both sides; they,
the evaluations and saving the model count in the total only, importing the libraries nowhere.
"""

from __future__ import annotations

import inspect
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from engine import worker
from engine.configuration import bases, recipes
from engine.configuration.settings import Settings
from engine.runs import snapshot, spec
from storage.types import Document, Split
from storage.types import Task as TaskName
from tests.benchmarks.parts import measuring
from tests.benchmarks.parts.measuring import Clock, labels_of


@dataclass
class Observed:
    """What is seen of a training while it goes."""

    clock: Clock
    points: list[tuple[float, float, float]] = field(default_factory=list)
    """Training seconds, CPU seconds, dev F1."""
    words: int = 0
    pieces: int = 0
    weights: int = 0
    """Parameters that every piece is multiplied with: all but the embeddings."""

    def judge(self, evaluate: Callable[[], float]) -> None:
        """Evaluate dev while the clock stands still, and note the point."""
        with self.clock.still():
            figure = evaluate()
            self.points.append((self.clock.wall, self.clock.cpu, figure))

    def to_json(self) -> dict:
        """Return the figures; FLOPs are the usual 6 × weights × pieces, without attention."""
        seconds = self.clock.wall
        return {
            "train_seconds": seconds,
            "cpu_seconds": self.clock.cpu,
            "words_per_second": self.words / seconds,
            "words_per_cpu_second": self.words / self.clock.cpu,
            "model_gflops": 6 * self.weights * self.pieces / seconds / 1e9,
            "points": self.points,
            "peak_mib": measuring.peak_mib(),
        }


def fit_settings(documents: Sequence[Document], base: str, recipe: str, peft: str = "") -> Settings:
    """Return what a recipe chooses for these documents and this base model."""
    train = [document for document in documents if document.split is Split.TRAIN]
    return recipes.choose(recipe, recipes.Data.of(train, bases.shape(base)), peft=peft)


def write_run(
    folder: Path,
    documents: Sequence[Document],
    base: str,
    settings: Settings,
    task: str = TaskName.SPANS,
) -> None:
    """Make a run folder as the app would."""
    snapshot.write(folder, documents)
    asked = spec.RunSpec(1, 1, "benchmark", labels_of(documents), base, settings, task)
    spec.write(folder, asked)


def train_ours(job: dict, documents: list[Document]) -> dict:
    """Do a whole run as its worker does, with a clock around its training loop."""
    from tests.benchmarks.parts import techniques

    seen = Observed(make_clock())
    with tempfile.TemporaryDirectory() as name, ExitStack() as changes:
        folder = Path(name)
        write_run(folder, documents, job["base"], Settings(**job["settings"]))
        if job["switch"]:
            changes.enter_context(techniques.change(job["switch"]))
        changes.enter_context(observed(seen, job["points"]))
        started = time.perf_counter()
        if worker.work(folder):
            sys.exit((folder / worker.LOG).read_text(encoding="utf-8"))
        total = time.perf_counter() - started
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    scores = {s: report[s] and report[s]["headline"]["value"] for s in ("dev", "test")}
    return {"total_seconds": total, **seen.to_json(), **scores, **peak_on_card()}


@contextmanager
def observed(seen: Observed, points: int) -> Iterator[None]:
    """Watch the engine's training function inside the block."""
    from engine.training import trainer

    plain = trainer.train

    def train(*given, **named):
        asked = inspect.signature(plain).bind(*given, **named)
        values = asked.arguments
        if values["evaluate"]:
            values["evaluate"] = Evaluation(values["evaluate"], seen)
            epochs = values["settings"].epochs
            values["watcher"] = Glances(values["watcher"], values["evaluate"], epochs, points)
        seen.weights = count_weights(values["model"])
        with seen.clock.running():
            trained = plain(*asked.args, **asked.kwargs)
        seen.words += trained.words
        # An epoch need not show all windows; what it shows is told in words.
        pieces = sum(len(window.pieces) for window in values["windows"])
        words = sum(len(window.units) for window in values["windows"])
        seen.pieces += round(pieces * trained.words / words)
        return trained

    with mock.patch.object(trainer, "train", train):
        yield


class Evaluation:
    """The run's evaluation of dev, with the clock standing still."""

    def __init__(self, evaluate: Callable[[], dict], seen: Observed) -> None:
        self._evaluate, self._seen = evaluate, seen
        self._figures: dict = {}

    def __call__(self) -> dict:
        self._seen.judge(self._judge)
        return self._figures

    def _judge(self) -> float:
        self._figures = self._evaluate()
        return self._figures["f1"]


class Glances:
    """Passes all news on to the run's watcher, and evaluates dev within an epoch as well."""

    def __init__(self, watcher: Any, evaluate: Evaluation, epochs: int, points: int) -> None:
        self._watcher, self._evaluate = watcher, evaluate
        self._epochs, self._points = epochs, points

    def __getattr__(self, name: str) -> object:
        return getattr(self._watcher, name)

    def step(self, step) -> None:
        """Pass a step on; evaluate where a point within the epoch is due."""
        self._watcher.step(step)
        if is_point(step.step, step.steps // self._epochs, self._points):
            self._evaluate()


def is_point(step: int, per_epoch: int, points: int) -> bool:
    """Tell whether dev is evaluated after a step (from 1) that does not end its epoch."""
    within = (step - 1) % per_epoch + 1
    return within < per_epoch and within % math.ceil(per_epoch / points) == 0


def count_weights(model) -> int:
    """Count the parameters outside of embeddings."""
    from torch.nn import Embedding

    tables = [m.weight.numel() for m in model.modules() if isinstance(m, Embedding)]
    return sum(parameter.numel() for parameter in model.parameters()) - sum(tables)


def make_clock() -> Clock:
    """Return a clock that waits for the GPU where there is one."""
    import torch

    return Clock(torch.cuda.synchronize) if torch.cuda.is_available() else Clock()


def peak_on_card() -> dict:
    """Return the most that was held on the GPU at once, in MiB; None without one."""
    import torch

    used = torch.cuda.is_available()
    return {"peak_card_mib": torch.cuda.max_memory_allocated() / 2**20 if used else None}


def work(job: dict) -> dict:
    """Do one side's training in this process."""
    measuring.set_threads(job["threads"], ours=job["side"] == "ours")
    documents = measuring.read_corpus([Path(name) for name in job["files"]], job["limit"])
    if not job["test"]:
        documents = [document for document in documents if document.split is not Split.TEST]
    if job["side"] == "ours":
        return train_ours(job, documents)
    from tests.benchmarks.parts import peer

    return peer.train(job, documents)


if __name__ == "__main__":
    measuring.answer(work)
