"""Where a training run stands: what it tells, what it keeps, its best so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from engine.models import token_types
from storage.errors import TrainingError


class Diverged(TrainingError):
    """The loss is no number any more; ``best_epoch`` is the best one before, None for none."""

    best_epoch: int | None = None


@dataclass(frozen=True, slots=True)
class StepLog:
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
    """One finished epoch: mean training loss and, with a dev split, its dev figures.

    Number 0 is the model with a fitted head, before anything else is learned; its loss is 0.
    """

    number: int
    loss: float
    dev: dict | None
    seconds: float = field(default=0.0, compare=False)
    """Training time until here, without evaluation."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A run between two steps: numbers that JSON holds, and tensors by name."""

    values: dict
    tensors: dict[str, torch.Tensor]


@dataclass(slots=True)
class Trained:
    """What a training run leaves besides the weights, which are those of the best epoch."""

    history: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    """0 where the head that was fitted before the first epoch was the best."""
    start: dict | None = None
    """The dev figures with that head; None where none was fitted, or there is no dev."""
    train_seconds: float = 0.0
    eval_seconds: float = 0.0
    words: int = 0
    accumulation: int = 1
    stopped_early: bool = False


def learned(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return the parameters that training changes; all others come with the base model.

    Words' shapes are among them also where they learn no more: a base model has none.
    """
    return {
        name: parameter.detach()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad or token_types.is_shapes(name, parameter)
    }


def put(model: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Copy tensors into the model's parameters of these names."""
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, tensor in tensors.items():
            parameters[name].copy_(tensor)


class Mean:
    """A running mean that stays on the device."""

    def __init__(self, device: torch.device, total: float = 0.0, weight: float = 0.0) -> None:
        self._total = torch.tensor(total, device=device, dtype=torch.float64)
        self._weight = weight

    def add(self, loss: torch.Tensor, weight: float) -> None:
        """Add a loss that is a sum of this weight."""
        self._total += loss
        self._weight += weight

    @property
    def value(self) -> torch.Tensor:
        """The mean so far, on the device."""
        return self._total / max(self._weight, 1e-9)

    def to_json(self) -> dict:
        """Return what makes the same mean again."""
        return {"total": float(self._total), "weight": self._weight}


class Best:
    """The best epoch so far and its weights, kept in main memory."""

    def __init__(
        self,
        epoch: int = 0,
        figure: Sequence[float] | None = None,
        weights: dict[str, torch.Tensor] | None = None,
    ) -> None:
        self.epoch = epoch
        self.figure = tuple(figure) if figure else None
        self.weights = weights or {}

    @property
    def known(self) -> bool:
        """Whether there is one."""
        return bool(self.epoch) or self.figure is not None

    def offer(self, model: torch.nn.Module, epoch: int, dev: dict | None) -> bool:
        """Keep the weights if they are better: a higher dev F1, or as high with a lower loss."""
        figure = None if dev is None else (dev["f1"], -dev["loss"])
        if figure is not None and self.figure is not None and figure <= self.figure:
            return False
        self.epoch, self.figure = epoch, figure
        # Without dev figures the last epoch counts, and the model already holds it.
        if figure is not None:
            self.weights = {name: t.cpu().clone() for name, t in learned(model).items()}
        return True

    def restore(self, model: torch.nn.Module) -> None:
        """Put the best weights back into the model."""
        put(model, self.weights)
