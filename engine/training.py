"""The training loop: one linear ``train``, the same under every launcher.

AdamW, a loss that counts every asked token once, linear warm-up and decay, the best epoch
chosen by dev entity F1. Everything random comes from torch's seeded generator (head,
dropout) or from (seed, epoch) (order of batches); evaluation draws nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch.nn import functional

from engine.batches import Batch, collate, order
from engine.embeddings import compacted
from engine.examples import IGNORED, Window
from engine.inference import logits
from engine.settings import Settings
from storage.errors import TrainingError


@dataclass(frozen=True, slots=True)
class Step:
    """Where training stands after an optimizer step."""

    epoch: int
    step: int
    steps: int
    words: int
    seconds: float
    """Training time so far, without evaluation."""
    loss: torch.Tensor
    """Mean over the epoch so far; left on the device, since reading it waits for the GPU."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One finished epoch: mean training loss and, with a dev split, its dev figures."""

    number: int
    loss: float
    dev: dict | None


class Watcher(Protocol):
    """Who looks on while training goes; may raise to stop it."""

    def step(self, step: Step) -> None:
        """Hear of an optimizer step."""

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Hear of a finished epoch, and whether it is the best so far."""


@dataclass(slots=True)
class Trained:
    """What a training run leaves besides the weights, which are those of the best epoch."""

    history: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    train_seconds: float = 0.0
    eval_seconds: float = 0.0
    words: int = 0


def train(
    model: torch.nn.Module,
    windows: Sequence[Window],
    settings: Settings,
    device: torch.device,
    padding: int,
    evaluate: Callable[[], dict] | None,
    watcher: Watcher,
) -> Trained:
    """Fine-tune ``model`` in place and leave the best epoch's weights in it.

    ``evaluate`` returns the dev figures with at least "f1" and "loss"; without it the last
    epoch counts as best. Raises TrainingError when the loss is no number any more.
    """
    used = {piece for window in windows for piece in window.pieces} | {padding}
    with compacted(model, used):
        run = _Run(model, windows, settings, device, padding)
        return _loop(run, evaluate, watcher)


def _loop(run: _Run, evaluate: Callable[[], dict] | None, watcher: Watcher) -> Trained:
    result, best = Trained(), _Best()
    for number in range(1, run.settings.epochs + 1):
        started, mean = time.perf_counter(), _Mean(run.device)
        for step, batch in run.batches(number):
            mean.add(run.update(step, batch), batch.asked)
            result.words += batch.words
            seconds = result.train_seconds + time.perf_counter() - started
            watcher.step(Step(number, step + 1, run.steps, result.words, seconds, mean.value))
        loss = mean.read(number)
        trained = time.perf_counter()
        result.train_seconds += trained - started
        dev = evaluate() if evaluate else None
        result.history.append(Epoch(number, loss, dev))
        better = best.offer(run.model, number, dev)
        result.eval_seconds += time.perf_counter() - trained
        watcher.epoch(result.history[-1], better)
        if dev and run.settings.patience and number - best.epoch >= run.settings.patience:
            break
    best.restore(run.model)
    result.best_epoch = best.epoch
    return result


class _Run:
    """The model, its optimizer and the schedule of one run."""

    def __init__(self, model, windows, settings: Settings, device, padding: int) -> None:
        self.model, self.windows, self.settings = model, windows, settings
        self.device, self.padding = device, padding
        self.lengths = [len(window.pieces) for window in windows]
        self.per_epoch = math.ceil(len(windows) / settings.batch_size)
        self.steps = self.per_epoch * settings.epochs
        self.optimizer = make_optimizer(model, settings)
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]

    def batches(self, epoch: int) -> Iterator[tuple[int, Batch]]:
        """Yield the epoch's batches with the number of the step, counted over the whole run."""
        self.model.train()
        # Seeded anew for each epoch, so that dropout does not depend on what happened before.
        # torch's CPU generator looks at 32 bits of its seed only, so these are mixed well.
        mixed = np.random.SeedSequence((self.settings.seed, epoch)).generate_state(1)
        torch.manual_seed(int(mixed[0]))
        groups = order(self.lengths, self.settings.batch_size, self.settings.seed, epoch)
        for index, positions in enumerate(groups):
            batch = collate([self.windows[i] for i in positions], self.padding)
            yield (epoch - 1) * self.per_epoch + index, batch.to(self.device)

    def update(self, step: int, batch: Batch) -> torch.Tensor:
        """Take one optimizer step; return the summed loss over the batch's tokens, undetached."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * rate(step, self.steps, self.settings.warmup)
        loss = summed_loss(self.model, batch)
        (loss / max(batch.asked, 1)).backward()
        if self.settings.clip:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()


def summed_loss(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """Return the cross-entropy summed over the tokens asked; dividing is the caller's task."""
    scores = logits(model, batch)
    return functional.cross_entropy(
        scores.view(-1, scores.shape[-1]),
        batch.tags.view(-1),
        ignore_index=IGNORED,
        reduction="sum",
    )


def rate(step: int, steps: int, warmup: float) -> float:
    """Return the share of the peak learning rate at a step (from 0): up, then down, never 0."""
    rising = max(1, round(steps * warmup)) if warmup else 0
    if step < rising:
        return (step + 1) / rising
    return (steps - step) / max(1, steps - rising)


def make_optimizer(model: torch.nn.Module, settings: Settings) -> torch.optim.AdamW:
    """Return fused AdamW; biases and norms, which have one dimension, do not decay."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


class _Mean:
    """A running mean that stays on the device."""

    def __init__(self, device: torch.device) -> None:
        self._sum = torch.zeros((), device=device, dtype=torch.float64)
        self._count = 0

    def add(self, loss: torch.Tensor, count: int) -> None:
        """Add a loss that is the sum over ``count`` tokens."""
        self._sum += loss
        self._count += count

    @property
    def value(self) -> torch.Tensor:
        """The mean so far, on the device."""
        return self._sum / max(self._count, 1)

    def read(self, epoch: int) -> float:
        """Return the mean; raise TrainingError where it is no number any more."""
        mean = float(self.value)
        if not math.isfinite(mean):
            raise TrainingError(
                f"The loss stopped being a number in epoch {epoch}; choose a smaller learning rate."
            )
        return mean


class _Best:
    """The best epoch so far and its weights, kept in main memory."""

    def __init__(self) -> None:
        self.epoch = 0
        self._figure: tuple[float, float] | None = None
        self._weights: dict[str, torch.Tensor] | None = None

    def offer(self, model: torch.nn.Module, epoch: int, dev: dict | None) -> bool:
        """Keep the weights if they are better: a higher dev F1, or as high with a lower loss."""
        figure = None if dev is None else (dev["f1"], -dev["loss"])
        if figure is not None and self._figure is not None and figure <= self._figure:
            return False
        self.epoch, self._figure = epoch, figure
        # Without dev figures the last epoch counts, and the model already holds it.
        if figure is not None:
            state = model.state_dict()
            self._weights = {name: t.detach().cpu().clone() for name, t in state.items()}
        return True

    def restore(self, model: torch.nn.Module) -> None:
        """Put the best weights back into the model."""
        if self._weights is not None:
            model.load_state_dict(self._weights)
