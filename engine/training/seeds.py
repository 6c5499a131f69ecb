"""The trainings of one run, one a seed: a finished one is put on the disk and never repeated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file

from engine.runs import checkpoints
from engine.training.trainer_state import Epoch, Trained, learned, put
from storage.errors import ModelError

FOLDER = "members"
FIGURES, WEIGHTS = "figures.json", "weights.safetensors"


@dataclass(frozen=True, slots=True)
class SeedResult:
    """A finished training: its seed, how it went, F1 and loss on dev, F1 on test."""

    seed: int
    trained: Trained
    dev: float | None
    dev_loss: float | None
    test: float | None

    def to_json(self) -> dict:
        """Return what a report says of one of several seeds."""
        return {
            "seed": self.seed,
            "dev": self.dev,
            "test": self.test,
            "best_epoch": self.trained.best_epoch,
            "train_seconds": self.trained.train_seconds,
        }


def choose(results: Sequence[SeedResult]) -> SeedResult:
    """Return the training with the best dev F1, ties by dev loss; the first without a dev split."""
    return max(results, key=lambda r: (r.dev or 0.0, -(r.dev_loss or 0.0)))


def save(folder: Path, number: int, result: SeedResult, model) -> None:
    """Write a finished training with its learned weights."""
    target = _target(folder, number)

    def fill(draft: Path) -> None:
        (draft / FIGURES).write_text(json.dumps(asdict(result)), encoding="utf-8")
        save_file({k: t.contiguous() for k, t in learned(model).items()}, draft / WEIGHTS)

    target.parent.mkdir(exist_ok=True)
    checkpoints.write_whole(target, fill)


def load(folder: Path, number: int) -> SeedResult | None:
    """Return a training that an earlier attempt finished; None where there is none."""
    try:
        found = checkpoints.verify(_target(folder, number))
    except ModelError:
        return None
    data = json.loads((found / FIGURES).read_text(encoding="utf-8"))
    trained = data.pop("trained")
    history = [Epoch(**epoch) for epoch in trained.pop("history")]
    return SeedResult(trained=Trained(history=history, **trained), **data)


def put_weights(folder: Path, number: int, model) -> None:
    """Copy a saved training's weights into a model built for its seed."""
    put(model, load_file(checkpoints.verify(_target(folder, number)) / WEIGHTS))


def _target(folder: Path, number: int) -> Path:
    return folder / FOLDER / f"{number:03d}"
