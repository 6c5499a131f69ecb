"""Which of several alternatives people choose, from what speaks for each (McFadden 1974).

"Conditional Logit Analysis of Qualitative Choice Behavior": an alternative's chance is the
exponential of a weighted sum of its features, as a share of all alternatives of the same choice.
The weights say how far each kind of evidence may be believed. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 50
CLOSE = 1e-5
# Newton's method may leap where the evidence leaves no doubt: no weight moves further at a time.
_FARTHEST = 2.0


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices made: all alternatives in one table, those of one choice side by side."""

    features: np.ndarray
    """float64 of shape (alternatives, features), finite."""
    starts: np.ndarray
    """int64 of shape (choices,): each choice's first alternative, rising from 0."""
    chosen: np.ndarray
    """bool of shape (alternatives,): one of each choice."""

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Repeat a value of each choice for each of its alternatives."""
        return np.repeat(values, np.diff(np.append(self.starts, len(self.features))), axis=0)


def log_chances(choices: Choices, weights: np.ndarray) -> np.ndarray:
    """Return the log-probability of each alternative within its choice: float64."""
    sums = choices.features @ weights
    sums -= choices.spread(np.maximum.reduceat(sums, choices.starts))
    return sums - choices.spread(np.log(np.add.reduceat(np.exp(sums), choices.starts)))


def fit(choices: Choices, usual: np.ndarray, strength: float | np.ndarray = 1.0) -> np.ndarray:
    """Return the weights under which what was chosen is most probable.

    Args:
        usual: weights that are expected, of shape (features,). A few choices move them little:
            they are the mean of a normal prior.
        strength: the prior's precision, one over its variance, for all weights or for each:
            a very large one holds a weight where it is.
    """
    if not len(choices.starts):
        return usual
    weights, table = usual.astype(np.float64), choices.features
    prior = np.diag(np.broadcast_to(strength, weights.shape).astype(np.float64))
    for _ in range(STEPS):
        chances = np.exp(log_chances(choices, weights))[:, None] * table
        means = np.add.reduceat(chances, choices.starts)
        slope = table[choices.chosen].sum(0) - means.sum(0) - prior @ (weights - usual)
        curve = table.T @ chances - means.T @ means + prior
        step = np.linalg.solve(curve, slope)
        weights = weights + step * min(1.0, _FARTHEST / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < CLOSE:
            break
    return weights
