"""Uneven labels: how far an answer leans to rare ones, where dev says that it helps.

A model learns how frequent labels are, and takes rare ones for frequent ones. Subtracting a part
of the log of each label's frequency from its score undoes that without another training (Menon
et al. 2021, "Long-Tail Learning via Logit Adjustment"), and class weights or balanced batches do
the same in the loss. NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.tasks.classification import thresholds
from storage.types import Document

STRENGTHS = (0.25, 0.5, 0.75, 1.0)
UNEVEN = 3.0
"""Labels are uneven where the most frequent one is so many times as frequent as the rarest."""
ENOUGH = 50
"""So many documents of dev it takes to choose by."""
GAIN = 0.005
"""What the mean of accuracy and macro F1 must gain: less is luck."""


def choose(
    documents: Sequence[Document], scores: np.ndarray, labels: Sequence[str]
) -> dict[str, float]:
    """Return what is added to the score of each label; nothing where that does not help.

    ``scores`` are log-probabilities of shape (documents, labels). How frequent labels are is
    what the model thinks of all documents. Best is the highest mean of accuracy and macro F1.
    """
    given = thresholds.given(documents, labels)
    known = given.sum(axis=1) == 1
    if known.sum() < ENOUGH or len(labels) < 2:
        return {}
    right, scores = given[known].argmax(axis=1), scores[known].astype(np.float64)
    frequent = np.log(np.exp(scores).mean(axis=0).clip(min=1e-6))
    if np.exp(frequent.max() - frequent.min()) < UNEVEN:
        return {}
    usual = worth(scores, right)
    values = {each: worth(scores - each * frequent, right) for each in STRENGTHS}
    best = max(STRENGTHS, key=lambda each: (values[each], -each))
    if values[best] < usual + GAIN:
        return {}
    return {label: float(-best * frequent[n]) for n, label in enumerate(labels)}


def worth(scores: np.ndarray, right: np.ndarray) -> float:
    """Return the mean of accuracy and macro F1 of the likeliest labels; ``right`` by number."""
    said = scores.argmax(axis=1)
    size = scores.shape[1]
    hits = np.bincount(right[said == right], minlength=size)
    total = np.bincount(right, minlength=size) + np.bincount(said, minlength=size)
    seen = total > 0
    return float((np.mean(said == right) + np.mean(2 * hits[seen] / total[seen])) / 2)


def in_order(chosen: Mapping[str, float], labels: Sequence[str]) -> np.ndarray:
    """Return what is added to the scores of labels in their order, shape (labels,)."""
    return np.array([chosen.get(label, 0.0) for label in labels])
