"""Runs of tiny models, and the packages made of them."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import torch

from engine.configuration.settings import LEARNED, Settings
from engine.models import loading
from engine.packaging import package
from engine.packaging.checking import Checked
from engine.packaging.kinds import Kind
from engine.runs import checkpoints, snapshot, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from storage.types import Split
from tests.engine import folders

LABELS = ("person", "place")
_NUMBERS = count(1)
SETTINGS = Settings(max_length=24, stride=8)


def run(folder: Path, base: Path, task: str = "spans", shapes: bool = False) -> Path:
    """Make a finished run whose model has a random head, so that it marks all kinds of things."""
    torch.manual_seed(3)
    loaded = loading.load_base(base, LABELS, task=task, word_shapes=LEARNED if shapes else "")
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
        if shapes:
            loaded.model.base_model.embeddings.token_type_embeddings.weight.normal_(0, 1)
    assert loaded.pieces.shapes is shapes
    folder.mkdir(parents=True)
    spec.write(folder, RunSpec(1, 1, "p", LABELS, str(base), SETTINGS, task))
    snapshot.write(folder, folders.of_task(task))
    checkpoints.write_whole(folder / MODEL, lambda draft: loading.save(loaded, draft))
    return folder


def pack(run: Path, kind: Kind, target: Path, int8: bool = False) -> Checked | None:
    """Pack a run's model."""
    # What spaCy registers a package by is its name, and one process has many of these here.
    name = f"letters_{next(_NUMBERS)}"
    order = package.Order(run, name, 7, lambda use: f"# Letters\n\n{use}\n", int8)
    return package.write(order, kind, target)


def dev(run: Path) -> list[str]:
    """Return the texts of dev."""
    return [document.text for document in snapshot.stream(run, Split.DEV)]
