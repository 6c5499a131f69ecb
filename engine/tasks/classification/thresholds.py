"""From which probability on a label is given: one threshold a label, chosen on dev.

Each is the one with the best F1 of its label (Yang 2001, "A Study on Thresholding Strategies
for Text Categorization": SCut). Of a few examples any threshold that happens to fit is the best,
so a label that dev has seldom takes the one that is best for all labels together (Fan and Lin
2007, "A Study on Threshold Selection for Multi-label Classification"). NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from storage.types import Document

USUAL = 0.5
ENOUGH = 5
"""So many documents of dev must have a label for it to have a threshold of its own."""
LOWEST, HIGHEST = 0.05, 0.95
"""What lies beyond is luck: a label of everything, or of nothing."""


def choose(
    documents: Sequence[Document], scores: np.ndarray, labels: Sequence[str]
) -> dict[str, float]:
    """Return the threshold of each label; none where there is nothing to choose by.

    ``scores`` are log-probabilities of shape (documents, labels).
    """
    if not len(documents) or not len(labels):
        return {}
    right = given(documents, labels)
    if not right.any():
        return {}
    chances = np.exp(scores.astype(np.float64))
    common = best(chances.ravel(), right.ravel())
    return {
        label: best(chances[:, n], right[:, n]) if right[:, n].sum() >= ENOUGH else common
        for n, label in enumerate(labels)
    }


def given(documents: Sequence[Document], labels: Sequence[str]) -> np.ndarray:
    """Return which document has which label: bool of shape (documents, labels)."""
    place = {label: n for n, label in enumerate(labels)}
    found = np.zeros((len(documents), len(labels)), dtype=bool)
    for row, document in enumerate(documents):
        found[row, [place[span.label] for span in document.spans if span.label in place]] = True
    return found


def best(chances: np.ndarray, right: np.ndarray) -> float:
    """Return the threshold with the highest F1, half-way between two chances.

    Of equals the one nearest to 0.5. Both arrays have shape (answers,).
    """
    order = np.argsort(-chances, kind="stable")
    sorted_chances, hits = chances[order], np.cumsum(right[order])
    taken = np.arange(1, len(order) + 1)
    f1 = 2 * hits / (taken + right.sum())
    following = np.append(sorted_chances[1:], 0.0)
    borders = ((sorted_chances + following) / 2).clip(LOWEST, HIGHEST)
    # Between equal chances there is no border; a border that was moved takes others.
    counted = np.searchsorted(-sorted_chances, -borders, side="right") == taken
    if not counted.any():
        return USUAL
    f1 = np.where(counted, f1, -1.0)
    top = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(borders[top[np.abs(borders[top] - USUAL).argmin()]])


def in_order(chosen: Mapping[str, float], labels: Sequence[str]) -> np.ndarray:
    """Return the thresholds of labels in their order, shape (labels,)."""
    return np.array([chosen.get(label, USUAL) for label in labels])
