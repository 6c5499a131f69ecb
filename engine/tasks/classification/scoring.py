"""Scores of labels of whole documents: scikit-learn's figures, term by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.evaluation.figures import LABELS
from engine.evaluation.rates import divide, f1_of_counts


def of_confusion(confusion: Mapping[str, Any]) -> dict[str, Any]:
    """Return headline, the table of labels and the confusion table they were counted from."""
    counts = np.array(confusion["counts"], dtype=np.float64)
    gold, predicted = counts[:-1].sum(axis=1), counts[:, :-1].sum(axis=0)
    right = np.array(confusion["exact"], dtype=np.float64)
    rates = {
        "precision": divide(right, predicted),
        "recall": divide(right, gold),
        "f1": f1_of_counts(right, predicted, gold),
    }
    support, given = int(gold.sum()), int(predicted.sum())
    averages = {
        "micro": _row(_micro(right, predicted, gold), support, given),
        "macro": _row([_mean(each, None) for each in rates.values()], support, given),
        "weighted": _row([_mean(each, gold) for each in rates.values()], support, given),
    }
    rows = [
        {
            "name": label,
            "label": label,
            **_row([float(each[n]) for each in rates.values()], int(gold[n]), int(predicted[n])),
        }
        for n, label in enumerate(confusion["labels"])
    ]
    return {
        "headline": _headline(averages, float(right.sum() / max(support, 1)), support),
        "tables": [_table(rows, averages)],
        "confusion": dict(confusion),
    }


def _micro(right: np.ndarray, predicted: np.ndarray, gold: np.ndarray) -> list[float]:
    sums = [np.array([each.sum()]) for each in (right, predicted, gold)]
    both = divide(sums[0], sums[1]), divide(sums[0], sums[2]), f1_of_counts(*sums)
    return [float(each[0]) for each in both]


def _mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    if not len(values) or (weights is not None and not weights.sum()):
        return 0.0
    return float(np.average(values, weights=weights))


def _row(rates: Sequence[float], support: int, predicted: int) -> dict[str, Any]:
    precision, recall, f1 = rates
    found = {"precision": precision, "recall": recall, "f1": f1}
    return {**found, "support": support, "predicted": predicted}


def _headline(averages: Mapping[str, Any], accuracy: float, support: int) -> dict[str, Any]:
    return {
        "name": "f1",
        "title": "Macro F1",
        "value": averages["macro"]["f1"],
        "support": support,
        "beside": [
            {"name": "accuracy", "title": "Accuracy", "value": accuracy},
            {"name": "support", "title": "Support", "value": support, "unit": "document"},
        ],
    }


def _table(rows: list[dict[str, Any]], averages: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": LABELS,
        "title": "Labels",
        "about": "A document counts as right when it has the label that people gave it.",
        "item": {"title": "Label"},
        "rows": rows,
        "averages": dict(averages),
    }
