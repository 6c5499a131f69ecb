"""Checkpoints of a training run: when to write one, what it holds, how it comes back.

A checkpoint is a folder ``checkpoints/MEMBER-STEP`` with ``state.json`` and
``state.safetensors``; no pickle anywhere.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from engine.runs import checkpoints
from engine.system import disk
from engine.training.callbacks import Watch
from engine.training.trainer_state import Capture

FOLDER = "checkpoints"
VALUES, TENSORS = "state.json", "state.safetensors"
KEPT = 2
# Writing may cost a twentieth of the time, whatever the disk is like.
PATIENCE = 20.0


class CheckpointManager:
    """Keeps one training's captures in the run's folder, and finds the newest."""

    def __init__(
        self,
        folder: Path,
        member: int,
        seconds: float,
        permit: Callable[[], None],
        watch: Watch,
    ) -> None:
        self._parent, self._prefix = folder / FOLDER, f"{member:03d}-"
        self._seconds, self._permit, self._watch = seconds, permit, watch
        self._last = self._cost = 0.0

    def latest(self) -> Capture | None:
        """Return this training's newest capture that is whole."""
        found = checkpoints.newest(self._parent)
        if found is None or not found.name.startswith(self._prefix):
            return None
        values = json.loads((found / VALUES).read_text(encoding="utf-8"))
        self._last = values["result"]["train_seconds"]
        self._watch.log(f"Going on from step {int(found.name.removeprefix(self._prefix)):,}.")
        return Capture(values, load_file(found / TENSORS))

    def due(self, seconds: float) -> bool:
        """Tell whether the last one is long enough ago, in seconds of training."""
        return seconds - self._last >= max(self._seconds, min(1.0, self._seconds) * self._cost)

    def keep(self, step: int, capture: Capture, seconds: float) -> None:
        """Write a capture; wait where the disk is full."""
        started = time.perf_counter()
        tensors = {name: tensor.contiguous() for name, tensor in capture.tensors.items()}
        need = sum(tensor.nbytes for tensor in tensors.values())
        target = self._parent / f"{self._prefix}{step:09d}"
        self._parent.mkdir(exist_ok=True)

        def write() -> None:
            checkpoints.write_whole(
                target, lambda draft: fill(draft, capture, tensors), self._permit
            )

        disk.write_patiently(self._parent, need, write, self._watch)
        checkpoints.prune(self._parent, KEPT)
        self._cost = PATIENCE * (time.perf_counter() - started)
        self._last = seconds


def fill(folder: Path, capture: Capture, tensors: dict[str, torch.Tensor]) -> None:
    """Write a capture into a folder."""
    text = json.dumps(capture.values, ensure_ascii=False, indent=1)
    (folder / VALUES).write_text(text, encoding="utf-8")
    save_file(tensors, folder / TENSORS)
