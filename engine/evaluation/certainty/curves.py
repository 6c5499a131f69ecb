"""ROC and precision-recall curves of an answer, by the probability that a model gives it.

The points, and the areas under them, are scikit-learn's (``roc_curve``, ``roc_auc_score``,
``precision_recall_curve``, ``average_precision_score``). NumPy only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# Points of a curve that are kept: more than can be told apart on a screen.
KEPT = 200


def of(scores: np.ndarray, right: np.ndarray) -> dict[str, Any] | None:
    """Return both curves of one answer, thinned out; None where all or none have it.

    Args:
        scores: how sure the model is of the answer: (documents,).
        right: whether people gave it: bool of shape (documents,).

    Returns "roc", rows of (false positive rate, true positive rate, threshold), the highest
    threshold first, and "precision_recall", rows of (recall, precision, threshold), the highest
    recall first; a threshold is None where nothing reaches it. "auroc" and "average_precision"
    are of all points. "best" is the threshold with the highest F1, the highest of several.
    """
    if not 0 < int(right.sum()) < len(right):
        return None
    hits, misses, thresholds = counts(scores, right)
    roc = roc_points(hits, misses, thresholds)
    precision_recall = precision_recall_points(hits, misses, thresholds)
    recall, precision = precision_recall[:, 0], precision_recall[:, 1]
    return {
        "roc": _rows(roc),
        "precision_recall": _rows(precision_recall),
        "auroc": float(np.trapezoid(roc[:, 1], roc[:, 0])),
        "average_precision": float(max(0.0, -np.sum(np.diff(recall) * precision[:-1]))),
        "best": best(hits, misses, thresholds),
    }


def counts(scores: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how many right and wrong ones reach each distinct score, and the scores, falling."""
    order = np.argsort(-scores, kind="stable")
    falling, true = scores[order], right[order].astype(np.float64)
    ends = np.r_[np.flatnonzero(np.diff(falling)), len(falling) - 1]
    hits = np.cumsum(true)[ends]
    return hits, 1.0 + ends - hits, falling[ends].astype(np.float64)


def roc_points(hits: np.ndarray, misses: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return (points, 3): false and true positive rate, threshold; at first nothing is taken."""
    hits, misses = np.r_[0.0, hits], np.r_[0.0, misses]
    return np.stack([misses / misses[-1], hits / hits[-1], np.r_[np.inf, thresholds]], axis=1)


def precision_recall_points(
    hits: np.ndarray, misses: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    """Return (points, 3): recall, precision, threshold; at last nothing is taken."""
    points = np.stack([hits / hits[-1], hits / (hits + misses), thresholds], axis=1)
    return np.concatenate([points[::-1], [[0.0, 1.0, np.inf]]])


def best(hits: np.ndarray, misses: np.ndarray, thresholds: np.ndarray) -> dict[str, float]:
    """Return the threshold with the highest F1, and precision, recall and F1 there."""
    found = 2 * hits / (hits + misses + hits[-1])
    at = int(found.argmax())
    return {
        "threshold": float(thresholds[at]),
        "precision": float(hits[at] / (hits[at] + misses[at])),
        "recall": float(hits[at] / hits[-1]),
        "f1": float(found[at]),
    }


def _rows(points: np.ndarray) -> list[list[float | None]]:
    """Return the points where a curve turns most, as JSON holds them."""
    if len(points) > KEPT:
        points = points[_spread(points[:, :2])]
    return [
        [float(x), float(y), float(at) if np.isfinite(at) else None] for x, y, at in points.tolist()
    ]


def _spread(points: np.ndarray) -> np.ndarray:
    """Return the places of points that lie evenly along a curve, both of its ends among them."""
    along = np.r_[0.0, np.cumsum(np.abs(np.diff(points, axis=0)).sum(axis=1))]
    wanted = np.linspace(0.0, along[-1], KEPT)
    return np.unique(
        np.r_[0, np.searchsorted(along, wanted).clip(0, len(points) - 1), len(points) - 1]
    )
