"""Texts outside of all classes: from when on a model's answer is none of them.

A text is rejected where no class inside is probable enough, whatever the probability that it is
outside was learned from (the maximum softmax probability of Hendrycks and Gimpel 2017, "A
Baseline for Detecting Misclassified and Out-of-Distribution Examples"; how texts outside are
labelled and scored is that of CLINC150, Larson et al. 2019, "An Evaluation Dataset for Intent
Classification and Out-of-Scope Prediction"). NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.evaluation.certainty import curves
from engine.tasks.classification import scope
from storage.types import Document, Source, Span

NAME = "out_of_scope"
ENOUGH = 5
"""So many documents of dev must be outside for a threshold to be chosen by them."""
KEPT = 0.99
"""The share of right answers that a threshold keeps at least."""


@dataclass(frozen=True, slots=True)
class Reject:
    """What is said of a text whose distance from all classes reaches the threshold."""

    threshold: float
    label: str | None
    """The label of what is outside; None where such documents have no label at all."""

    def to_json(self) -> dict[str, Any]:
        """Return what is kept with the model."""
        return {"threshold": self.threshold, "label": self.label}

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Reject:
        """Return what ``to_json`` was made of."""
        return cls(found["threshold"], found["label"])

    def decode(
        self, scores: np.ndarray, labels: Sequence[str], added: np.ndarray | float = 0.0
    ) -> tuple[Span, ...]:
        """Return the answer that log-probabilities of shape (labels,) mean.

        ``added`` leans to some of the classes inside (see ``balancing``).
        """
        far = float(distances(scores[None], labels)[0])
        if far >= self.threshold:
            sure = Span(0, 0, self.label or "", "", Source.MODEL, far)
            return (sure,) if self.label else ()
        best = int(np.where(inside(labels), scores + added, -np.inf).argmax())
        return (Span(0, 0, labels[best], "", Source.MODEL, float(np.exp(scores[best]))),)


def inside(labels: Sequence[str]) -> np.ndarray:
    """Return which of the labels are classes inside: bool of shape (labels,)."""
    return np.array([not scope.is_outside(label) for label in labels], dtype=bool)


def distances(scores: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Return how far texts are from all classes, 0 to 1: the likeliest's probability from 1.

    ``scores`` are log-probabilities of shape (documents, labels).
    """
    known = inside(labels)
    if not known.any():
        return np.ones(len(scores))
    return 1.0 - np.exp(scores[:, known].astype(np.float64)).max(axis=1)


def choose(
    documents: Sequence[Document], scores: np.ndarray, labels: Sequence[str]
) -> Reject | None:
    """Return the threshold with the best mean of accuracy inside and recall outside.

    A mean of the two does not depend on how many documents of dev are outside, which says
    nothing of how many will be. Of the right answers it rejects one in a hundred at most: who
    asks inside is not to pay for who does not. (CLINC150, a linear head on the bundled encoder:
    0.947 right inside and 0.72 of what is outside found, against 0.909 and 0.89 without that
    bound, 0.954 and 0.43 by the likeliest label alone.) None where too few are outside, or all,
    or where nothing can be rejected at that price.
    """
    out = np.array([scope.outside(document) for document in documents], dtype=bool)
    if out.sum() < ENOUGH or out.all() or not inside(labels).any():
        return None
    far, right = distances(scores, labels), _right(documents, scores, labels)
    order = np.argsort(-far, kind="stable")
    recall = np.cumsum(out[order]) / out.sum()
    kept = 1 - np.cumsum(right[order]) / max(right.sum(), 1)
    accuracy = kept * right.sum() / (~out).sum()
    last = np.append(far[order][1:] < far[order][:-1], True)
    allowed = last & (kept >= KEPT)
    if not allowed.any():
        return None
    at = int(np.where(allowed, recall + accuracy, -1.0).argmax())
    following = far[order][at + 1] if at + 1 < len(order) else 0.0
    names = (span.label for document in documents for span in document.spans)
    label = scope.label_of(labels) or scope.label_of(names)
    return Reject(float((far[order][at] + following) / 2), label)


def _right(documents: Sequence[Document], scores: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Return which documents inside have the likeliest class inside: bool (documents,)."""
    best = np.where(inside(labels), scores, -np.inf).argmax(axis=1)
    given = ({span.label for span in document.spans} for document in documents)
    return np.array([labels[n] in names for n, names in zip(best, given, strict=True)], dtype=bool)


def told_apart(
    documents: Sequence[Document],
    scores: np.ndarray,
    labels: Sequence[str],
    reject: Reject | None,
) -> dict[str, Any]:
    """Return the area under the ROC curve, and the threshold; nothing where none is outside.

    The area is None where all documents are outside: there is nothing to tell them from.
    """
    out = np.array([scope.outside(document) for document in documents], dtype=bool)
    if not out.any():
        return {}
    curve = curves.of(distances(scores, labels), out)
    area = curve["auroc"] if curve else None
    return {"auroc": area, "threshold": reject.threshold if reject else None}


def count(documents: Sequence[Document], predicted: Sequence[Sequence[Span]]) -> dict[str, Any]:
    """Return accuracy inside, and recall and precision outside, with what they are counted over.

    Nothing where no document is outside. A document inside that was rejected is wrong.
    """
    out = [scope.outside(document) for document in documents]
    said = [all(scope.is_outside(span.label) for span in spans) for spans in predicted]
    if not any(out):
        return {}
    right = sum(
        {span.label for span in document.spans} == {span.label for span in spans}
        for document, spans, outside in zip(documents, predicted, out, strict=True)
        if not outside
    )
    hits = sum(a and b for a, b in zip(out, said, strict=True))
    return {
        "in_scope_accuracy": right / max(len(out) - sum(out), 1),
        "recall": hits / sum(out),
        "precision": hits / max(sum(said), 1),
        "support": sum(out),
    }
