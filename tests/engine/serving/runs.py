"""Finished runs with tiny random models, as a service is given them."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.configuration.settings import Settings
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from engine.serving.asking.questions import Description
from tests.engine import tiny

LABELS = ("person", "place")


def make(
    folder: Path, base: Path, seed: int = 3, task: str = "spans", run: int = 1, name: str = ""
) -> Path:
    """Make a run's folder whose model has a random head, so that it predicts all kinds of marks.

    ``name`` is what the database calls the folder.
    """
    torch.manual_seed(seed)
    loaded = loading.load_base(base, LABELS, task=task)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(max_length=24, stride=8)
    spec.write(folder, RunSpec(run, 1, "p", LABELS, str(base), settings, task, folder=name))
    checkpoints.write_whole(folder / MODEL, lambda draft: loading.save(loaded, draft))
    return folder


def describe(run: int = 1, task: str = "spans", **fields) -> Description:
    """Say of which run a model is."""
    return Description(run, "p", task, LABELS, **fields)


def texts(count: int = 20) -> list[str]:
    """Return sentences with people and places in them."""
    return [document.text for document in tiny.corpus(count, seed=5)]
