"""A learning curve: one recipe on ever larger parts of train, each part within the next.

Train is dealt into parts with the same share of every label (``engine.evaluation.folds``), what
belongs together in one part, and learned from part after part; then once more, dealt otherwise,
so that chance shows. All trainings begin with the same weights, so what frozen layers say of the
documents is computed once. A finished training is on the disk at once: a kill repeats one.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.configuration import bases, recipes
from engine.configuration.settings import Settings
from engine.evaluation import folds, learning_curve
from engine.evaluation.comparison import count
from engine.evaluation.learning_curve import ALL, EIGHTHS, LEAST_SIZES, SHARES, Point
from engine.jobs import training
from engine.models import loading
from engine.runs import checkpoints, files
from engine.runs.spec import RunSpec
from engine.training import reporting
from engine.training.callbacks import Watch
from engine.training.cross_validation import CrossValidation
from engine.training.trainer import RunContext
from engine.training.trainer_state import Epoch, StepLog
from storage.errors import InputError, RunFolderError
from storage.types import Document, Split

PARTS = "parts"
"""Where the finished trainings lie in the run's folder."""
NO_DEV = (
    "A learning curve needs dev documents to score each part by: set a part of train aside for "
    "dev on the Train page, or mark some documents of dev as done."
)

TOO_FEW = (
    f"Train is too small for a learning curve, which deals it into {EIGHTHS} parts: mark more "
    "documents as done."
)


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Do the trainings that are still to do, write the report, return the closing sentence.

    Raises InputError where there is no dev document, or train is too small to be parted, and
    Cancelled.
    """
    started = time.perf_counter()
    context = training.prepare(folder, asked, watch, permit)
    if not context.parts[Split.DEV]:
        raise InputError(NO_DEV)
    points = list(_measure(context, int(asked.options.get("repeats") or 1)))
    if len({point.documents for point in points}) < LEAST_SIZES:
        raise InputError(
            f"Stopped after {len(points)} of the trainings, before there was a curve: resume it."
        )
    watch.enter("saving", seconds_left=None)
    report = _report(context, points, time.perf_counter() - started)
    permit()
    usage = reporting.usage(context.asked, context.device)
    reporting.save_findings(folder, {}, report, usage)
    return learning_curve.of_json(ALL, report["curves"][ALL]).sentence


@dataclass(frozen=True, slots=True)
class Part:
    """One training to do: positions of documents of train, and with which seed."""

    number: int
    repeat: int
    shown: frozenset[int]
    seed: int

    def path(self, folder: Path) -> Path:
        """Return where its result is kept."""
        return folder / PARTS / f"{self.number:03d}.json"


def plan(documents: Sequence[Document], repeats: int, seed: int) -> list[Part]:
    """Return the trainings in their order: the smallest part first, one dealing after another.

    Raises InputError where fewer than eight documents differ.
    """
    found: list[Part] = []
    for repeat in range(1, repeats + 1):
        try:
            dealt = folds.assign(documents, EIGHTHS, seed + repeat - 1)
        except InputError as problem:
            raise InputError(TOO_FEW) from problem
        for share in SHARES:
            shown = frozenset(at for at, part in enumerate(dealt) if part < share)
            found.append(Part(len(found) + 1, repeat, shown, seed + repeat - 1))
    return found


def _measure(context: RunContext, repeats: int) -> Iterator[Point]:
    """Yield what each training found: what an earlier attempt left, else done now."""
    train = context.parts[Split.TRAIN]
    parts = plan(train, repeats, context.asked.settings.seed)
    (context.folder / PARTS).mkdir(exist_ok=True)
    bench = Bench(context)
    for part in parts:
        context.watch.begin_training(part.number, len(parts))
        known = _read(part.path(context.folder))
        if known is None:
            known = bench.measure(part)
            if known is None:
                return
            _keep(context, part, known)
        yield point(known, len(context.parts[Split.DEV]), len(context.asked.labels))


def _keep(context: RunContext, part: Part, found: dict[str, Any]) -> None:
    path, text = part.path(context.folder), json.dumps(found)
    context.permit()
    context.write(len(text), lambda: checkpoints.write_file(path, text))


class Bench:
    """Train and dev, encoded once, on which one training after the other is made."""

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self._validation: CrossValidation | None = None
        # Asked for one by one, in any order.
        self.train, self.dev = list(context.parts[Split.TRAIN]), context.parts[Split.DEV]

    def measure(self, part: Part) -> dict[str, Any] | None:
        """Learn from a part and score dev; None where somebody asked to stop here."""
        started, context = time.perf_counter(), self.context
        settings = self._settings(part)
        context.watch.enter("training", epochs=settings.epochs)
        validation = self._validation = self._validation or self._encoded()
        held = set(range(len(self.train), len(self.train) + len(self.dev)))
        pause = context.watch.pause
        try:
            found = validation.score(
                held, Follower(context.watch), pause, shown=set(part.shown), settings=settings
            )
        except _Enough:
            return None
        scores = [found[position] for position in sorted(held)]
        return {
            "documents": len(part.shown),
            "repeat": part.repeat,
            "sentences": dict(_sentences(self.train[at] for at in sorted(part.shown))),
            "counts": self._counts(scores),
            "seconds": time.perf_counter() - started,
        }

    def _encoded(self) -> CrossValidation:
        context = self.context
        torch.manual_seed(context.asked.settings.seed)
        labels, settings = context.asked.labels, context.asked.settings
        loaded = loading.load_base(
            *(context.base, labels, settings.dropout, context.asked.task),
            word_shapes=settings.word_shapes,
        )
        loaded.model.to(context.device)
        self._loaded = loaded
        documents = [*self.train, *self.dev]
        return CrossValidation(loaded, documents, labels, settings, context.device)

    def _settings(self, part: Part) -> Settings:
        """Return the recipe as it would be for this part alone; one's own settings as they are."""
        asked = self.context.asked
        settings = replace(asked.settings, seed=part.seed)
        shown = [self.train[at] for at in sorted(part.shown)]
        return recipes.of_part(settings, recipes.Data.of(shown, bases.shape(asked.base)))

    def _counts(self, scores: Sequence[np.ndarray]) -> list[list[int]]:
        """Return what is not 0 among right, predicted and gold marks: document, label, three."""
        head, labels = self._loaded.head, self.context.asked.labels
        predicted = head.decode(self.dev, scores, labels)
        plain = [replace(document, id=at) for at, document in enumerate(self.dev)]
        places = {at: at for at in range(len(plain))}
        counts = count(head.task.match(plain, predicted), places, labels)[:, :-1]
        rows = np.argwhere(counts.any(axis=2))
        return [[int(d), int(at), *counts[d, at].tolist()] for d, at in rows]


class _Enough(Exception):
    """Somebody asked to stop and keep what there is."""


class Follower:
    """Hears a training's steps; half a training says nothing, so stopping early drops it."""

    def __init__(self, watch: Watch) -> None:
        self._watch, self.log = watch, watch.log

    def step(self, step: StepLog) -> None:
        """Pass a step on; raise where somebody asked to stop."""
        if self._watch.enough():
            raise _Enough
        self._watch.step(step)

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Hear of an epoch: nothing was scored."""
        self._watch.pause()

    def enough(self) -> bool:
        """Never end a training before its time."""
        return False


def _sentences(documents: Iterator[Document]) -> Counter[str]:
    """Count the documents that have each label."""
    return Counter(label for d in documents for label in {span.label for span in d.spans})


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a training found in an earlier attempt; None where it did not end."""
    try:
        return files.read_object(path)
    except RunFolderError:
        return None


def point(found: dict[str, Any], documents: int, labels: int) -> Point:
    """Return what a training found, as it was kept: on so many documents of dev."""
    counts = np.zeros((documents, labels + 1, 3))
    for document, label, *three in found["counts"]:
        counts[document, label] = three
    counts[:, -1] = counts[:, :-1].sum(axis=1)
    own = {name: found[name] for name in ("documents", "repeat", "sentences", "seconds")}
    return Point(counts=counts, **own)


def _report(context: RunContext, points: Sequence[Point], seconds: float) -> dict[str, Any]:
    """Return ``report.json``: every label's curve, and how much was labelled at the time."""
    asked, train = context.asked, context.parts[Split.TRAIN]
    dev = context.parts[Split.DEV]
    found = learning_curve.curves(asked.labels, points, len(dev), asked.settings.seed)
    marks = Counter(span.label for document in train for span in document.spans)
    return {
        **reporting.heading(asked),
        "base": asked.base,
        "recipe": asked.settings.recipe,
        "settings": asdict(asked.settings),
        "device": loading.name_device(context.device),
        "total_seconds": seconds,
        "seconds": [round(point.seconds, 3) for point in points],
        "repeats": [point.repeat for point in points],
        "train_documents": len(train),
        "data": {split.value: reporting.fingerprint(context.parts[split]) for split in Split},
        "sentences": dict(_sentences(iter(train))),
        "marks": dict(marks),
        "curves": {label: curve.to_json() for label, curve in found.items()},
        "slopes": {label: curve.slope for label, curve in found.items() if not curve.unknown},
        "versions": dict(asked.environment),
        "train": None,
        "dev": None,
        "test": None,
    }
