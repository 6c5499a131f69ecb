"""Ridge regression to the answers, kept as sums, so that learning and unlearning are exact.

Of all that was learned only the sums of products stay (Hoerl and Kennard 1970, "Ridge Regression:
Biased Estimation for Nonorthogonal Problems"): a document is added, or taken away, in a time that
does not grow with what came before, and the solution is one, whatever the order. Regression to
0 and 1 finds almost what softmax regression finds where classes are few and features many (Rifkin
and Klautau 2004, "In Defense of One-Vs-All Classification"); measured on three corpora after 50
and 300 documents: tests/benchmarks/README.md.

Most units of a text are outside of every mark. They weigh less, by a power of how much more
frequent they are, so that what is marked is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

PENALTY = 30.0
# 0 weighs all units alike, 1 what is outside as much as what is not (tests/benchmarks/README.md).
EVENNESS = 0.7


@dataclass(slots=True)
class Sums:
    """Sums over units: of ``x xᵀ`` (width, width), of ``x yᵀ`` (width, outputs), their number."""

    products: torch.Tensor
    answers: torch.Tensor
    count: float = 0.0

    @classmethod
    def empty(cls, width: int, outputs: int) -> Sums:
        kind = torch.float64
        return cls(
            torch.zeros((width, width), dtype=kind), torch.zeros((width, outputs), dtype=kind)
        )

    def add(self, rows: torch.Tensor, answers: torch.Tensor, sign: float) -> None:
        """Add units, or with -1 take them away: (units, width) and (units, outputs)."""
        self.products.addmm_(rows.T, rows, alpha=sign)
        self.answers.addmm_(rows.T, answers, alpha=sign)
        self.count += sign * len(rows)

    def widen(self, outputs: int) -> None:
        """Make room for answers that were not known."""
        more = outputs - self.answers.shape[1]
        if more > 0:
            self.answers = torch.nn.functional.pad(self.answers, (0, more))


@dataclass(frozen=True, slots=True)
class Units:
    """What a document asks: float32 rows (units, width), what is right (units, outputs).

    ``outside`` is (units,) of bool: those that are in no mark.
    """

    rows: np.ndarray
    answers: np.ndarray
    outside: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Units]) -> Units:
        """Put the units of several documents together, of one at least."""
        return cls(
            np.concatenate([each.rows for each in parts]),
            np.concatenate([each.answers for each in parts]),
            np.concatenate([each.outside for each in parts]),
        )


class Ridge:
    """Sums of two groups of units: those outside of every mark, and the others."""

    def __init__(self, width: int, outputs: int) -> None:
        self.width = width
        self.outside, self.inside = Sums.empty(width, outputs), Sums.empty(width, outputs)

    @property
    def outputs(self) -> int:
        return self.inside.answers.shape[1]

    @property
    def groups(self) -> tuple[Sums, Sums]:
        return self.outside, self.inside

    def widen(self, outputs: int) -> None:
        """Make room for outputs that were not known; nothing was one of them yet."""
        for group in self.groups:
            group.widen(outputs)

    def add(self, units: Units, sign: float = 1.0) -> None:
        """Learn units, or with -1 unlearn them."""
        x, y = torch.from_numpy(units.rows).double(), torch.from_numpy(units.answers).double()
        for group, chosen in zip(self.groups, (units.outside, ~units.outside), strict=True):
            if chosen.any():
                among = torch.from_numpy(chosen)
                group.add(x[among], y[among], sign)

    @property
    def weight(self) -> float:
        """How much a unit outside of every mark counts beside one inside."""
        outside, inside = self.outside.count, self.inside.count
        return min(1.0, (max(1.0, inside) / max(1.0, outside)) ** EVENNESS)

    def solve(self) -> Solution:
        """Return the weights that fit best, and what tells how they would be without a document."""
        weight = self.weight
        products = self.inside.products + weight * self.outside.products
        products.diagonal().add_(PENALTY)
        factor = torch.linalg.cholesky(products)
        answers = self.inside.answers + weight * self.outside.answers
        return Solution(torch.cholesky_solve(answers, factor), factor, weight)


@dataclass(frozen=True, slots=True)
class Solution:
    """The weights (width, outputs), the Cholesky factor they come from, the weight of outside."""

    weights: torch.Tensor
    factor: torch.Tensor
    weight: float

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 values of shape (units, outputs)."""
        return (torch.from_numpy(rows).double() @ self.weights).numpy()

    def without(self, learned: Sequence[Units]) -> list[np.ndarray]:
        """Return for each learned document what would be predicted if it had not been learned.

        Exact but for the weight of units outside, in one step (Allen 1974, "The Relationship
        between Variable Selection and Data Augmentation and a Method for Prediction").
        """
        if not learned:
            return []
        x = torch.from_numpy(np.concatenate([each.rows for each in learned])).double()
        whitened = torch.linalg.solve_triangular(self.factor, x.T, upper=False)
        counts = [len(each.rows) for each in learned]
        parts = zip(learned, x.split(counts), whitened.split(counts, dim=1), strict=True)
        return [self._without(*part) for part in parts]

    def _without(self, units: Units, x: torch.Tensor, whitened: torch.Tensor) -> np.ndarray:
        y = torch.from_numpy(units.answers).double()
        weights = torch.where(torch.from_numpy(units.outside), self.weight, 1.0).double()
        left = torch.eye(len(x), dtype=torch.float64) - whitened.T @ whitened * weights
        return (y - torch.linalg.solve(left, y - x @ self.weights)).numpy()
