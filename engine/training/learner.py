"""One optimizer step: a batch in parts and shares, its gradient, clipping, AdamW.

Where memory runs out, the batch is computed in twice as many parts, with the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import torch

from engine.configuration.settings import Settings
from engine.encoding.batches import collate
from engine.encoding.examples import Window
from engine.encoding.packed import Windows
from engine.models import adapters
from engine.training import optimizer
from engine.training.distributed import Group
from engine.training.features.contrast import Contrast
from engine.training.features.probing import Probe
from engine.training.freezing import LIMIT, Cache
from engine.training.loss import CrossEntropy
from engine.training.trainer_state import Diverged
from storage.errors import TrainingError

T = TypeVar("T")

# Reading a number from a GPU waits for it.
GLANCE_STEPS = 50


class Learner:
    """The model, its optimizer and its loss; takes one step at a time."""

    def __init__(
        self,
        model: torch.nn.Module,
        windows: Sequence[Window],
        settings: Settings,
        device: torch.device,
        padding: int,
        steps: int,
        group: Group,
        log: Callable[[str], None],
        objective: type[CrossEntropy] = CrossEntropy,
        cache: Cache | None = None,
        room: int = LIMIT,
    ) -> None:
        self.model, self.settings, self.device = model, settings, device
        self.windows, self.padding, self.steps = windows, padding, steps
        self.group, self.log = group, log
        self.accumulation = settings.accumulation
        self.objective = objective(settings, windows, model.config.num_labels, device)
        self.cache = cache or Cache(model, windows, settings.frozen_layers, padding, device, room)
        self.head = Probe(model, windows, self.objective, padding, device, self.cache.serve)
        self.contrast = Contrast(model, settings.contrast)
        self.optimizer = optimizer.make(model, settings)
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]

    def begin_epoch(self, epoch: int) -> None:
        """Prepare what an epoch shows; torch is seeded for it already."""

    def capture(self) -> dict[str, torch.Tensor]:
        """Return what the steps to come depend on besides weights and optimizer, by name."""
        return {}

    def restore(self, captured: dict[str, torch.Tensor]) -> None:
        """Put what ``capture`` returned back."""

    def probe(self) -> None:
        """Try the longest windows of all first, so that memory runs out now or never."""
        longest = np.argsort(-Windows.of(self.windows).lengths, kind="stable")
        self._differentiate(longest[: self.settings.batch_size].tolist())
        self.optimizer.zero_grad(set_to_none=True)
        rewind(self.device, self._random)

    def update(self, step: int, positions: Sequence[int]) -> torch.Tensor:
        """Take one optimizer step (from 0); return the batch's summed loss, on the device.

        Raises Diverged where the loss or the gradient is no number; the weights are
        then still those of the step before.
        """
        optimizer.set_rate(self.optimizer, self.settings, step, self.steps)
        loss = self._differentiate(positions)
        self.group.sum_gradients(self.parameters, loss)
        norm = self._clip()
        if self.device.type == "cpu" or step % GLANCE_STEPS == 0:
            self.check(step, loss, norm)
        self.optimizer.step()
        adapters.after_step(self.model, step)
        self.optimizer.zero_grad(set_to_none=True)
        return loss

    def check(self, step: int, *figures: torch.Tensor) -> None:
        """Raise Diverged where one of these is no finite number."""
        if not all(math.isfinite(float(figure)) for figure in figures):
            raise Diverged(
                f"The loss stopped being a number at step {step + 1} of {self.steps}; "
                f"choose a smaller learning rate."
            )

    def _differentiate(self, positions: Sequence[int]) -> torch.Tensor:
        """Leave the batch's gradient in the parameters; return this process's summed loss."""
        self._random = read_random(self.device)
        while True:
            try:
                loss, exhausted = self._accumulate(positions), False
            except RuntimeError as problem:
                if not is_exhausted(problem):
                    raise
                loss, exhausted = torch.zeros((), device=self.device), True
            if not self.group.agree(exhausted)[0]:
                return loss
            self._halve(len(positions))

    def _accumulate(self, positions: Sequence[int]) -> torch.Tensor:
        batch = [self.windows[position] for position in positions]
        weight = max(self.objective.weight(batch), 1e-9)
        total = torch.zeros((), device=self.device)
        for part in split(self.group.share(batch), self.accumulation):
            padded = collate(part, self.padding).to(self.device)
            with self.cache.serve(padded):
                loss = self.contrast.mix(self.objective, self.model, padded)
            (loss / weight).backward()
            total += loss.detach()
        return total

    def _halve(self, windows: int) -> None:
        """Compute batches in twice as many parts from now on; raise where there is no half."""
        if self.accumulation >= windows:
            raise TrainingError(
                f"The memory is too small even for a single window of up to "
                f"{self.settings.max_length} pieces; choose a smaller window length or a smaller "
                f"base model."
            )
        self.accumulation *= 2
        self.optimizer.zero_grad(set_to_none=True)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        rewind(self.device, self._random)
        self.log(
            f"The memory was too small for a batch at once: batches of {self.settings.batch_size} "
            f"windows are now computed in {self.accumulation} parts, with the same result."
        )

    def _clip(self) -> torch.Tensor:
        """Clip the gradient and return its norm; without clipping, a norm that says nothing."""
        if not self.settings.clip:
            return torch.zeros(())
        return torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip)


def split(windows: Sequence[T], parts: int) -> list[Sequence[T]]:
    """Cut a batch into at most ``parts`` parts of nearly the same number of windows."""
    size = math.ceil(len(windows) / parts) if windows else 1
    return [windows[start : start + size] for start in range(0, len(windows), size)]


def is_exhausted(problem: RuntimeError) -> bool:
    """Tell whether an error says that memory ran out, on a GPU or in main memory."""
    return isinstance(problem, torch.OutOfMemoryError) or "allocate memory" in str(problem)


def read_random(device: torch.device) -> list[torch.Tensor]:
    """Return the states of the generators that dropout draws from."""
    states = [torch.get_rng_state()]
    return [*states, torch.cuda.get_rng_state(device)] if device.type == "cuda" else states


def rewind(device: torch.device, states: list[torch.Tensor]) -> None:
    """Put states back that ``read_random`` returned."""
    torch.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)
