"""Fit a new head to what the encoder says as it is, instead of letting it begin at random.

A linear probe (Alain and Bengio 2017, "Understanding intermediate layers using linear classifier
probes"): the inputs of the head's last layer are computed once, and the layer's weights are those
that make the training's own objective smallest, found by L-BFGS (Liu and Nocedal 1989). Where a
training goes on from there, the encoder is not led astray by a head that knows nothing (Kumar et
al. 2022, "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import torch

from engine.encoding.batches import Batch, by_budget, collate
from engine.encoding.examples import Window
from engine.inference.predicting import BUDGET, Serve, logits
from engine.models.layers import find_last

Objective = Callable[[torch.nn.Module, Batch], torch.Tensor]
# A weight of a normed input is 0 give or take so much, before anything is seen: a penalty of
# 1 / (2 × variance) for its square. Chosen on BANKING77 and CLINC150 (tests/benchmarks).
VARIANCE = 0.05
ROUNDS = 200


class Probe:
    """Fits the last layer of a model's head to windows; ``fits`` is False where there is none."""

    def __init__(
        self,
        model: torch.nn.Module,
        windows: Sequence[Window],
        objective: Objective,
        padding: int,
        device: torch.device,
        serve: Serve,
    ) -> None:
        self._model, self._windows, self._objective = model, windows, objective
        self._padding, self._device, self._serve = padding, device, serve
        self._last = find_last(model)

    @property
    def fits(self) -> bool:
        """Whether the model has a last layer to fit, and something to fit it to."""
        # Where it answers at several places, a window has more than one input.
        once = not any(window.places for window in self._windows)
        return self._last is not None and bool(self._windows) and once

    def fit(self) -> None:
        """Put the best weights for the encoder as it is now into the head; draws nothing.

        All processes of a group come to the same weights.
        """
        if self._last is None or not self.fits:
            return
        training = self._model.training
        self._model.eval()
        inputs, batch = self._read(self._last)
        self._model.train(training)
        # Normed, so that one penalty is right whatever an architecture's head looks at.
        scale = float(inputs.square().mean().sqrt()) or 1.0
        stand_in = _Linear(self._model, inputs / scale)
        self._minimize(stand_in, batch)
        with torch.no_grad():
            self._last.weight.copy_(stand_in.weight / scale)
            if self._last.bias is not None:
                self._last.bias.copy_(stand_in.bias)

    def _read(self, last: torch.nn.Linear) -> tuple[torch.Tensor, Batch]:
        """Return what the last layer reads of every window, and all windows as one batch."""
        sizes = [len(window.pieces) for window in self._windows]
        inputs = torch.zeros((len(sizes), last.in_features), device=self._device)
        with torch.no_grad(), reading(last) as seen:
            for positions in by_budget(sizes, BUDGET[self._device.type]):
                batch = collate([self._windows[i] for i in positions], self._padding)
                batch = batch.to(self._device)
                with self._serve(batch):
                    logits(self._model, batch)
                inputs[positions] = seen.pop().float()
        asked = [_short(window) for window in self._windows]
        return inputs, collate(asked, self._padding).to(self._device)

    def _minimize(self, stand_in: _Linear, batch: Batch) -> None:
        search = torch.optim.LBFGS(
            stand_in.parameters(), max_iter=ROUNDS, line_search_fn="strong_wolfe"
        )
        count = len(self._windows)

        def loss() -> torch.Tensor:
            search.zero_grad()
            # Of several questions the objective takes the mean.
            questions = batch.targets.shape[1]
            penalty = stand_in.weight.square().sum() / (2 * VARIANCE * questions)
            total = (self._objective(stand_in, batch) + penalty) / count
            total.backward()
            return total

        search.step(loss)


def _short(window: Window) -> Window:
    """Return a window with its targets alone: the stand-in reads no pieces."""
    return replace(window, pieces=window.pieces[:1], segments=())


class _Linear(torch.nn.Module):
    """Stands in for the model: its last layer, beginning at 0, on inputs that are known."""

    def __init__(self, model: Any, inputs: torch.Tensor) -> None:
        super().__init__()
        outputs = model.config.num_labels
        self.config, self._inputs = model.config, inputs
        self.weight = torch.nn.Parameter(inputs.new_zeros(outputs, inputs.shape[1]))
        self.bias = torch.nn.Parameter(inputs.new_zeros(outputs))

    def forward(self, **_: torch.Tensor) -> SimpleNamespace:
        """Answer for all inputs at once."""
        return SimpleNamespace(logits=self._inputs @ self.weight.T + self.bias)


@contextmanager
def reading(last: torch.nn.Linear) -> Iterator[list[torch.Tensor]]:
    """Collect what a layer reads inside the block, a tensor of (windows, width) a pass."""
    seen: list[torch.Tensor] = []
    with last.register_forward_pre_hook(lambda _, given: seen.append(given[0])):
        yield seen
