"""What training makes small: the cross-entropy of the tags, summed over the tokens asked.

The sum is divided by the weight of the whole batch, over all its parts and processes, so
that neither accumulation nor padding nor the share of a process changes a step's gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch.nn import functional

from engine.configuration.settings import Settings
from engine.encoding.batches import Batch
from engine.encoding.examples import IGNORED, Window
from engine.inference.predicting import logits


class Objective:
    """The loss of a run, with its class weights and label smoothing."""

    def __init__(
        self, settings: Settings, windows: Sequence[Window], tags: int, device: torch.device
    ) -> None:
        self._smoothing = settings.label_smoothing
        self._weights = weigh(windows, tags, settings.class_weights)
        self._on_device = None
        if settings.class_weights:
            self._on_device = torch.tensor(self._weights, dtype=torch.float32, device=device)

    def weight(self, windows: Iterable[Window]) -> float:
        """Return the summed weight of the tokens asked in these windows."""
        return float(sum(self._weights[tag] for w in windows for tag in w.tags if tag != IGNORED))

    def __call__(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Return the loss summed over the tokens asked; dividing is the caller's task."""
        scores = logits(model, batch)
        return functional.cross_entropy(
            scores.view(-1, scores.shape[-1]),
            batch.tags.view(-1),
            weight=self._on_device,
            ignore_index=IGNORED,
            reduction="sum",
            label_smoothing=self._smoothing,
        )


def weigh(windows: Sequence[Window], tags: int, power: float) -> np.ndarray:
    """Return a weight for each tag: its share to the power of minus ``power``, 1 on average.

    The average is taken over the training tokens, so that weights do not change the size
    of the loss. Tags that training never shows weigh 1.
    """
    counts = np.zeros(tags)
    for window in windows:
        np.add.at(counts, [tag for tag in window.tags if tag != IGNORED], 1)
    weights, seen = np.ones(tags), counts > 0
    if power and seen.any():
        weights[seen] = (counts[seen] / counts.sum()) ** -power
        weights[seen] *= counts.sum() / (weights[seen] * counts[seen]).sum()
    return weights
