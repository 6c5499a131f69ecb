"""Whether a package says what the model says that was trained: on the run's own documents."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from engine.inference import precision
from engine.inference.pipeline import Predictor
from engine.inference.precision import Cost
from engine.packaging import graph
from engine.runs import snapshot
from storage.errors import ModelError
from storage.types import Document, Source, Span, Split

FAR = 1e-3
"""How far log-probabilities of the same numbers may be apart: more is another model."""
MOST = 2000
"""So many documents are enough to see it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a package said of documents, beside what the model says in torch."""

    split: str
    """Dev, or train where there is no dev."""
    documents: int
    same: int
    """How many of them have the very same marks."""
    farthest: float
    """The largest difference of a log-probability, in nats."""
    precision: str
    int8: Cost | None = None
    """What int8 costs, where it was asked for."""

    def to_json(self) -> dict[str, Any]:
        """Return what the package says of it."""
        return {
            "split": self.split,
            "documents": self.documents,
            "documents_with_the_same_marks": self.same,
            "largest_difference_of_log_probabilities": self.farthest,
            "precision": self.precision,
            "int8": asdict(self.int8) if self.int8 else None,
        }

    def to_text(self) -> str:
        """Say it in a sentence or two."""
        told = (
            f"On {self.documents:,} documents of {self.split} log-probabilities are at most "
            f"{self.farthest:.2g} from torch's, marks the same in {self.same:,}."
        )
        return f"{told} {self.int8.to_text()}" if self.int8 else told


def check(run: Path, predictor: Predictor, folder: Path, int8: bool) -> Checked:
    """Ask the package in ``folder`` and the model about the same documents.

    With ``int8`` its weights are rounded where that costs little enough (``precision``). Raises
    ModelError where the package says something else.
    """
    split, documents = _documents(run)
    wanted: list[Sequence[Span]] = []
    known: list[np.ndarray] = []
    for chunk, some in predictor.stream_scored(documents):
        wanted += [document.spans for document in chunk]
        known += some
    model = load(folder)
    scores = model.score(documents)
    pairs = zip(scores, known, strict=True)
    farthest = max((float(np.abs(a - b).max(initial=0)) for a, b in pairs), default=0.0)
    if farthest > FAR:
        raise ModelError(
            f"The package does not say what the model says: a log-probability differs by "
            f"{farthest:.2g}. Nothing was written; please report this."
        )
    found = marks_of(model, documents, scores)
    same = sum(map(_same, found, wanted))
    checked = Checked(split, len(documents), same, farthest, "float32")
    return _rounded(checked, predictor, documents, found, folder) if int8 else checked


def load(folder: Path) -> Any:
    """Return the model of a package by its own file, as whoever takes it does."""
    name = f"{__name__}.{folder.name.strip('.-')}"
    spec = importlib.util.spec_from_file_location(name, folder / "predict.py")
    assert spec and spec.loader, "a file of Python"
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        return module.Model(folder)
    finally:
        del sys.modules[name]


def marks_of(
    model: Any, documents: Sequence[Document], scores: Sequence[np.ndarray]
) -> list[tuple[Span, ...]]:
    """Return what a package marks in documents, as spans."""
    return [tuple(_span(mark) for mark in marks) for marks in model.decode(documents, scores)]


def _span(mark: dict[str, Any]) -> Span:
    start, end = mark.get("start", 0), mark.get("end", 0)
    return Span(start, end, mark["label"], source=Source.MODEL, score=mark["score"])


def _documents(run: Path) -> tuple[str, list[Document]]:
    for split in (Split.DEV, Split.TRAIN):
        if found := list(islice(snapshot.stream(run, split), MOST)):
            return split.value, found
    return Split.DEV.value, []


def _same(one: Sequence[Span], other: Sequence[Span]) -> bool:
    return sorted(one) == sorted(other)


def _rounded(
    checked: Checked,
    predictor: Predictor,
    documents: Sequence[Document],
    found: Sequence[Sequence[Span]],
    folder: Path,
) -> Checked:
    """Round the package's weights if that costs little enough on dev."""
    dev = documents if checked.split == Split.DEV else []
    task, whole, draft = predictor.loaded.head.task, folder / graph.FILE, folder / "int8.onnx"
    kept = whole.rename(folder / "float32.onnx")
    graph.round_weights(kept, draft)
    draft.rename(whole)
    model = load(folder)
    scores = model.score(documents)
    rounded = marks_of(model, documents, scores)
    figures = [precision.f1_of(task, dev, each) if dev else 0.0 for each in (found, rounded)]
    cost = Cost(len(dev), *figures)
    if not cost.fits:
        kept.replace(whole)
        return replace(checked, int8=cost)
    kept.unlink()
    same = sum(map(_same, rounded, found))
    return replace(checked, int8=cost, precision="int8", same=same)
