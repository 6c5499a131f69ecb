"""Graphs that are written once: each takes seconds, and each package is checked by itself."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import torch

from engine.models.loading import Loaded
from engine.packaging import graph


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where graphs are kept, by what their models are."""
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture(autouse=True)
def written_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = graph.convert

    def convert(loaded: Loaded, target: Path) -> None:
        path = kept / named(loaded.model)
        if not path.exists():
            write(loaded, path)
        shutil.copy(path, target)

    monkeypatch.setattr(graph, "convert", convert)


def named(model: torch.nn.Module) -> str:
    """Return a name that only models of the same make and weights have."""
    made = hashlib.sha256(str(model).encode())
    for name, weights in model.state_dict().items():
        made.update(name.encode() + weights.numpy().tobytes())
    return made.hexdigest()
