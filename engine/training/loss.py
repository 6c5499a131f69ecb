"""What training makes small: the cross-entropy of the targets, summed over all that is asked.

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


class CrossEntropy:
    """The loss of a run, with its class weights and label smoothing.

    What a task may put in its place has the same ``__init__``, ``weight`` and ``__call__``.
    """

    def __init__(
        self, settings: Settings, windows: Sequence[Window], outputs: int, device: torch.device
    ) -> None:
        self._smoothing = settings.label_smoothing
        self._weights = weigh(windows, outputs, settings.class_weights)
        self._on_device = None
        if settings.class_weights:
            self._on_device = torch.tensor(self._weights, dtype=torch.float32, device=device)

    def weight(self, windows: Iterable[Window]) -> float:
        """Return the summed weight of what is asked in these windows."""
        asked = (one for window in windows for one in window.targets if one != IGNORED)
        return float(sum(self._weights[one] for one in asked))

    def __call__(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Return the loss summed over what is asked; dividing is the caller's task."""
        scores = logits(model, batch)
        return functional.cross_entropy(
            scores.view(-1, scores.shape[-1]),
            batch.targets.view(-1),
            weight=self._on_device,
            ignore_index=IGNORED,
            reduction="sum",
            label_smoothing=self._smoothing,
        )


def weigh(windows: Sequence[Window], outputs: int, power: float) -> np.ndarray:
    """Return a weight for each output: its share to the power of minus ``power``, 1 on average.

    The average is taken over the training targets, so that weights do not change the size
    of the loss. Outputs that training never asks for weigh 1.
    """
    counts = np.zeros(outputs)
    for window in windows:
        np.add.at(counts, [one for one in window.targets if one != IGNORED], 1)
    weights, seen = np.ones(outputs), counts > 0
    if power and seen.any():
        weights[seen] = (counts[seen] / counts.sum()) ** -power
        weights[seen] *= counts.sum() / (weights[seen] * counts[seen]).sum()
    return weights
