"""How sure the learner is: its values as log-probabilities, by documents as if not learned.

Values of a ridge regression lie about 0 and 1 and are no chances. What turns them into such is
found where the answers are known and the values are those without the document itself (Guo et al.
2017, "On Calibration of Modern Neural Networks": a temperature).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

SLOPES = (2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
MIDDLES = (0.1, 0.2, 0.3, 0.4, 0.5)
Chances = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class Calibration:
    """``slope`` times what lies above ``middle`` is what ``chances`` takes as logits."""

    slope: float = 6.0
    middle: float = 0.3

    def scores(self, values: np.ndarray, chances: Chances) -> np.ndarray:
        """Return float32 log-probabilities of values of shape (units, outputs)."""
        logits = torch.from_numpy(self.slope * (values - self.middle))
        return chances(logits).float().numpy()


def fitted(values: np.ndarray, answers: np.ndarray, chances: Chances) -> Calibration:
    """Return the calibration by which the right answers are likeliest; the usual one of nothing.

    Both are (units, outputs); ``answers`` are 1 where an output is right.
    """
    if not len(values):
        return Calibration()
    several = not np.allclose(np.exp(chances(torch.zeros(1, 2)).numpy()).sum(), 1.0, atol=1e-3)
    # Where one output is right the middle makes no difference.
    middles = MIDDLES if several or values.shape[1] == 1 else (Calibration().middle,)
    tried = [Calibration(slope, middle) for slope in SLOPES for middle in middles]
    return min(tried, key=lambda each: _loss(each.scores(values, chances), answers, several))


def _loss(scores: np.ndarray, answers: np.ndarray, several: bool) -> float:
    right = float((scores * answers).sum())
    if several:
        absent = np.log(-np.expm1(np.minimum(scores, -1e-6)))
        right += float((absent * (1 - answers)).sum())
    return -right
