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
from engine.encoding.packed import Windows
from engine.inference.predicting import log_softmax, logits, mean_loss


class CrossEntropy:
    """The loss of a run, with its class weights and label smoothing.

    What a task may put in its place has the same methods.
    """

    chances = staticmethod(log_softmax)
    """Turns logits into the log-probabilities of the answers (see ``score_units``)."""
    mean = staticmethod(mean_loss)
    """Returns the mean loss of scores, without weights and smoothing."""

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
        asked = ((window, one) for window in windows for one in window.targets if one != IGNORED)
        return float(sum(self._weights[one] * window.share for window, one in asked))

    def weights(self, windows: Windows) -> np.ndarray:
        """Return what each window weighs by itself: float64."""
        known = windows.targets != IGNORED
        each = known * self._weights[np.where(known, windows.targets, 0)] * windows.shares
        owners = np.repeat(np.arange(len(windows)), windows.counts("targets"))
        return np.bincount(owners, each, minlength=len(windows))

    def __call__(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Return the loss summed over what is asked; dividing is the caller's task."""
        scores, shares = logits(model, batch), batch.shares
        found = functional.cross_entropy(
            scores.view(-1, scores.shape[-1]),
            batch.targets.view(-1),
            weight=self._on_device,
            ignore_index=IGNORED,
            reduction="none" if len(shares) else "sum",
            label_smoothing=self._smoothing,
        )
        return (found.view(len(shares), -1) * shares[:, None]).sum() if len(shares) else found


class BinaryCrossEntropy:
    """The loss where every output is a question of its own: is it right, or not?

    A window's targets are 1 and 0, one for each output; the loss is their mean, as with
    transformers' ``multi_label_classification``. Of class weights, a right answer has
    (answers that are wrong / right) to that power (PyTorch's ``pos_weight``).
    """

    def __init__(
        self, settings: Settings, windows: Sequence[Window], outputs: int, device: torch.device
    ) -> None:
        self._smoothing = settings.label_smoothing
        self._positive = None
        if settings.class_weights:
            rates = balance(windows, outputs) ** settings.class_weights
            self._positive = torch.tensor(rates, dtype=torch.float32, device=device)

    def weight(self, windows: Iterable[Window]) -> float:
        """Return how many documents these windows ask for."""
        return float(sum(window.share for window in windows if is_asked(window)))

    def weights(self, windows: Windows) -> np.ndarray:
        """Return what each window weighs by itself: float64."""
        return windows.asked * windows.numbers("share")

    def __call__(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Return the loss summed over what is asked; dividing is the caller's task."""
        scores, shares = logits(model, batch), batch.shares
        asked = batch.targets != IGNORED
        wanted = batch.targets.clamp(min=0).to(scores.dtype)
        wanted = wanted * (1 - self._smoothing) + self._smoothing / 2
        found = functional.binary_cross_entropy_with_logits(
            scores, wanted, reduction="none", pos_weight=self._positive
        )
        each = (found * asked).mean(dim=-1, keepdim=True)
        return (each * shares[:, None] if len(shares) else each).sum()

    @staticmethod
    def chances(scores: torch.Tensor) -> torch.Tensor:
        """Return the log-probability that each output is right."""
        return functional.logsigmoid(scores)

    @staticmethod
    def mean(windows: Sequence[Window], scores: Sequence[np.ndarray]) -> float:
        """Return the mean loss of scores, without weights and smoothing."""
        total, count = 0.0, 0.0
        for window in filter(is_asked, windows):
            right = np.array(window.targets)
            found = scores[window.document][0].astype(np.float64)
            each = np.where(right == 1, found, log_against(found))
            total -= window.share * float(each.mean())
            count += window.share
        return total / count if count else 0.0


def log_against(scores: np.ndarray) -> np.ndarray:
    """Return log(1 - p) of log p."""
    return np.log(-np.expm1(np.minimum(scores, -1e-12)))


def is_asked(window: Window) -> bool:
    """Tell whether anything is asked of a window."""
    return any(one != IGNORED for one in window.targets)


def balance(windows: Sequence[Window], outputs: int) -> np.ndarray:
    """Return for each output how many windows it is wrong for, for one that it is right for."""
    packed = Windows.of(windows)
    rows = packed.kept(packed.asked).targets.reshape(-1, outputs)
    right = rows.sum(axis=0) if len(rows) else np.zeros(outputs)
    return np.where(right > 0, (len(rows) - right) / np.maximum(right, 1), 1.0).clip(min=1e-3)


def weigh(windows: Sequence[Window], outputs: int, power: float) -> np.ndarray:
    """Return a weight for each output: its share to the power of minus ``power``, 1 on average.

    The average is taken over the training targets, so that weights do not change the size
    of the loss. Outputs that training never asks for weigh 1.
    """
    counts, packed = np.zeros(outputs), Windows.of(windows)
    known = packed.targets != IGNORED
    np.add.at(counts, packed.targets[known], packed.shares[known])
    weights, seen = np.ones(outputs), counts > 0
    if power and seen.any():
        weights[seen] = (counts[seen] / counts.sum()) ** -power
        weights[seen] *= counts.sum() / (weights[seen] * counts[seen]).sum()
    return weights
