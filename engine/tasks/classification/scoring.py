"""Scores of labels of whole documents: scikit-learn's figures, term by term.

The labels are those that people or the model gave. A document of no label ("none of these") is
right where the model gives it none; a label that it gives all the same counts as predicted and
is no label's support, as in scikit-learn where ``labels`` leaves the class of the others out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.evaluation.confusion import confuse
from engine.evaluation.figures import LABELS
from engine.evaluation.rates import divide, f1_of_counts
from engine.tasks.classification import hierarchy
from storage.types import Document, Match, Span
from storage.words import Words

ACCURACY, MICRO, MACRO, EXACT = "accuracy", "micro", "macro", "exact"
TITLES = {
    ACCURACY: "Accuracy",
    MICRO: "Micro F1",
    MACRO: "Macro F1",
    EXACT: "All labels right",
}
_ABOUT = {
    ACCURACY: "The share of {documents} with the right {label}.",
    MICRO: "Precision and recall of all {labels} that were given, put together.",
    MACRO: "The mean F1 of the {labels}: a rare one counts as much as a frequent one.",
    EXACT: "The share of {documents} that have just the {labels} they should have.",
}


def score(
    documents: Sequence[Document],
    predicted: Sequence[Sequence[Span]],
    matches: Sequence[Match],
    shown: Sequence[str],
    words: Words,
) -> dict[str, Any]:
    """Return headline, tables and confusion of one split; ``shown`` names the headline first."""
    accuracy = share_right(documents, predicted)
    found = of_confusion(confuse(matches), shown, words, accuracy, len(documents))
    if hierarchy.has(found["confusion"]["labels"]):
        upper = hierarchy.matches(documents, predicted)
        found["tables"].append(hierarchy.table(*_rows_of(confuse(upper))))
    return found


def share_right(documents: Sequence[Document], predicted: Sequence[Sequence[Span]]) -> float:
    """Return the share of documents with the right labels, all of them and no other."""
    pairs = zip(documents, predicted, strict=True)
    right = sum(_names(document.spans) == _names(spans) for document, spans in pairs)
    return right / len(documents) if documents else 0.0


def _names(spans: Sequence[Span]) -> set[str]:
    return {span.label for span in spans}


def of_confusion(
    confusion: Mapping[str, Any],
    shown: Sequence[str],
    words: Words,
    accuracy: float | None,
    documents: int,
) -> dict[str, Any]:
    """Return headline, the table of labels and the confusion table they were counted from.

    Without ``accuracy`` nothing is said of it: a table does not tell which documents are right
    as a whole where they have several labels. It is counted over all ``documents``, also those
    of no label, which are no support of the other figures.
    """
    rows, averages = _rows_of(confusion)
    rights = {ACCURACY: accuracy, EXACT: accuracy}
    figures = {**rights, MICRO: averages[MICRO]["f1"], MACRO: averages[MACRO]["f1"]}
    known = [name for name in shown if figures[name] is not None]
    first, *beside = (
        {
            **{"name": name, "title": TITLES[name], "value": figures[name]},
            "about": words.fill(_ABOUT[name]),
            **({"over": [documents, words.documents]} if name in rights else {}),
        }
        for name in known
    )
    support = {"title": "Support", "value": averages[MICRO]["support"], "unit": words.unit}
    return {
        "headline": {
            **first,
            "support": averages[MICRO]["support"],
            "beside": [*beside, {"name": "support", **support}],
        },
        "tables": [_table(rows, averages, words)],
        "confusion": dict(confusion),
    }


def _rows_of(confusion: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rates of each label of a confusion table, and their averages."""
    counts = np.array(confusion["counts"], dtype=np.float64)
    gold, predicted = counts[:-1].sum(axis=1), counts[:, :-1].sum(axis=0)
    right = np.array(confusion["exact"], dtype=np.float64)
    rates = [divide(right, predicted), divide(right, gold), f1_of_counts(right, predicted, gold)]
    sums = int(gold.sum()), int(predicted.sum())
    averages = {
        MICRO: _row(_micro(right, predicted, gold), *sums),
        MACRO: _row([_mean(each, None) for each in rates], *sums),
        "weighted": _row([_mean(each, gold) for each in rates], *sums),
    }
    rows = [
        {
            "name": label,
            "label": label,
            **_row([float(each[n]) for each in rates], int(gold[n]), int(predicted[n])),
        }
        for n, label in enumerate(confusion["labels"])
    ]
    return rows, averages


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


def _table(rows: list[dict[str, Any]], averages: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {
        "name": LABELS,
        "title": f"{words.label.capitalize()}s",
        "about": f"A {words.holder} counts as right when it has the {words.label} that people "
        "gave it.",
        "item": {"title": words.label.capitalize()},
        "rows": rows,
        "averages": dict(averages),
    }


def together(documents: Sequence[Document], labels: Sequence[str]) -> dict[str, Any]:
    """Count how many documents have two labels at once; the diagonal counts each label's own.

    Returns:
        labels, and counts of shape (labels, labels), which are the same both ways round.
    """
    place = {label: at for at, label in enumerate(labels)}
    marks = np.zeros((len(documents), len(labels)), dtype=np.int64)
    for row, document in enumerate(documents):
        marks[row, [place[name] for name in _names(document.spans) if name in place]] = 1
    return {"labels": list(labels), "counts": (marks.T @ marks).tolist()}
