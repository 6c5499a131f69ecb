"""Texts outside of all classes: which label says so, and from when on a text is rejected."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from engine.tasks.classes.task import CLASSES
from engine.tasks.classification import rejecting, scope
from engine.tasks.classification.rejecting import ENOUGH, Reject
from storage.types import Document, Span

LABELS = ["a", "b", "oos"]


@pytest.mark.parametrize("name", ["oos", "OOS", "out of scope", "Out-of-scope", "none_of_these "])
def test_names_of_what_is_outside(name: str) -> None:
    assert scope.is_outside(name)
    assert scope.label_of(["a", name]) == name


@pytest.mark.parametrize("name", ["a", "scope", "boost", "out of scope/a", ""])
def test_other_names(name: str) -> None:
    assert not scope.is_outside(name)


def documents(*labels: str) -> list[Document]:
    marks = [(Span(0, 0, label),) if label else () for label in labels]
    return [Document("", spans=each, id=n) for n, each in enumerate(marks)]


def scores(*inside: float) -> np.ndarray:
    """Log-probabilities of texts whose class "a" is so probable, and the others the rest."""
    rows = [[chance, (1 - chance) * 0.4, (1 - chance) * 0.6] for chance in inside]
    return np.log(np.array(rows, dtype=np.float32))


def test_the_threshold_keeps_what_is_inside_and_finds_what_is_not() -> None:
    dev = documents(*["a"] * 10, *["oos"] * ENOUGH)
    far = scores(*[0.9] * 9, 0.7, *[0.5] * (ENOUGH - 1), 0.95)
    found = rejecting.choose(dev, far, LABELS)
    assert found and found.label == "oos" and found.threshold == pytest.approx(0.4)
    assert Reject.of_json(found.to_json()) == found
    (kept,) = found.decode(far[0], LABELS)
    (thrown,) = found.decode(far[-2], LABELS)
    assert (kept.label, kept.score) == ("a", pytest.approx(0.9))
    assert (thrown.label, thrown.score) == ("oos", pytest.approx(0.5))


def test_right_answers_are_worth_more_than_what_is_found_outside() -> None:
    dev = documents(*["a"] * 10, *["oos"] * ENOUGH)
    doubtful = scores(*[0.9] * 9, 0.4, *[0.5] * (ENOUGH - 1), 0.29)
    found = rejecting.choose(dev, doubtful, LABELS)
    assert found and found.threshold > 0.6, "not even one in ten may be rejected"
    worse = scores(*[0.9] * 9, 0.29, *[0.5] * ENOUGH)
    assert rejecting.choose(dev, worse, LABELS) is None


def test_documents_without_a_label_are_outside_and_get_none() -> None:
    dev = documents(*["a"] * 10, *[""] * ENOUGH)
    found = rejecting.choose(dev, scores(*[0.9] * 10, *[0.3] * ENOUGH)[:, :2], LABELS[:2])
    assert found and found.label is None
    assert found.decode(scores(0.2)[0, :2], LABELS[:2]) == ()


def test_a_few_documents_outside_choose_nothing() -> None:
    assert rejecting.choose(documents("a", "oos"), scores(0.9, 0.1), LABELS) is None
    assert rejecting.choose(documents(*["oos"] * 9), scores(*[0.1] * 9), LABELS) is None


def test_what_a_report_says_of_them() -> None:
    test = documents("a", "b", "oos", "oos")
    far = scores(0.9, 0.4, 0.5, 0.3)
    predicted = [(Span(0, 0, label),) for label in ("a", "a", "oos", "a")]
    told = rejecting.told_apart(test, far, LABELS, Reject(0.45, "oos"))
    assert told == {
        "auroc": roc_auc_score([0, 0, 1, 1], 1 - np.exp(far[:, :2]).max(axis=1)),
        "threshold": 0.45,
    }
    scored = CLASSES.score(test, predicted, CLASSES.match(test, predicted), {"out_of_scope": told})
    assert scored["out_of_scope"] == {
        **{"in_scope_accuracy": 0.5, "recall": 0.5, "precision": 1.0, "support": 2},
        **told,
    }
    inside = documents("a")
    assert not rejecting.told_apart(inside, far[:1], LABELS, None)
    assert "out_of_scope" not in CLASSES.score(inside, predicted[:1], [], {})
