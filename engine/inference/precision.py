"""A run's model in int8, where that costs next to nothing on the run's own dev documents.

What it costs is measured once, by predicting dev both ways, and kept in the run's folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.inference.flat.encoder import flatten
from engine.inference.pipeline import Pause, Predictor
from engine.runs import files, snapshot
from engine.tasks.base import Task
from storage.types import Document, Span, Split

FILE = "precision.json"
ALLOWED = 0.2
"""Points of F1 that it may cost."""


@dataclass(frozen=True, slots=True)
class Cost:
    """F1 on dev, from 0 to 1, as it is in float32 and in int8."""

    documents: int
    float32: float
    int8: float

    @property
    def points(self) -> float:
        """How many points of F1 are lost; fewer than none where some are won."""
        return 100 * (self.float32 - self.int8)

    @property
    def fits(self) -> bool:
        """Whether that is as little as is allowed, and known."""
        return self.documents > 0 and self.points <= ALLOWED + 1e-9

    def to_text(self) -> str:
        """Say what int8 costs, and what that means."""
        if not self.documents:
            return "int8 is left alone: the run has no dev documents to measure its cost on."
        told = (
            f"F1 on the run's {self.documents:,} dev documents is {self.float32:.4f} in float32 "
            f"and {self.int8:.4f} in int8"
        )
        if self.fits:
            return f"In int8: {told}."
        return f"In float32: {told}, and at most {ALLOWED} points may be lost."


def choose(
    folder: Path, predictor: Predictor, pause: Pause = lambda: None
) -> tuple[Predictor, str]:
    """Return a run's predictor, in int8 if that costs little enough, and a sentence about it.

    Raises RunFolderError where the run's documents cannot be read.
    """
    flat = flatten(predictor.loaded.model, rounded=True) if predictor.flat else None
    if flat is None:
        return predictor, "In float32: int8 is for models of BERT's kind, on a CPU with VNNI."
    rounded = replace(predictor, flat=flat)
    cost = _known(folder) or _measure(folder, predictor, rounded, pause)
    return (rounded if cost.fits else predictor), cost.to_text()


def _known(folder: Path) -> Cost | None:
    path = folder / FILE
    if not path.is_file():
        return None
    with files.reading(path):
        found = files.read_object(path)
        return Cost(int(found["documents"]), float(found["float32"]), float(found["int8"]))


def _measure(folder: Path, whole: Predictor, rounded: Predictor, pause: Pause) -> Cost:
    dev = list(snapshot.stream(folder, Split.DEV))
    figures = [_f1(predictor, dev, pause) if dev else 0.0 for predictor in (whole, rounded)]
    cost = Cost(len(dev), *figures)
    files.put(folder / FILE, json.dumps(asdict(cost)))
    return cost


def _f1(predictor: Predictor, documents: Sequence[Document], pause: Pause) -> float:
    found = [document.spans for chunk in predictor.stream(documents, pause) for document in chunk]
    return f1_of(predictor.loaded.head.task, documents, found)


def f1_of(task: Task, documents: Sequence[Document], found: Sequence[Sequence[Span]]) -> float:
    """Return F1, from 0 to 1, of what was found in documents that people labelled."""
    return float(task.figures(documents, found, task.match(documents, found))["f1"])
