"""Uneven labels: an answer leans to rare ones where dev says that it helps, and else does not."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from engine.tasks.classes.task import CLASSES
from engine.tasks.classification import balancing
from engine.tasks.classification.head import ClassHead
from storage.types import Document, Span

LABELS = ["often", "seldom"]


def documents(*labels: str) -> list[Document]:
    return [Document("", spans=(Span(0, 0, label),)) for label in labels]


def scores(seldom: list[float]) -> np.ndarray:
    return np.log(np.array([[1 - chance, chance] for chance in seldom]))


DEV = documents(*["often"] * 90, *["seldom"] * 10)
TIMID = scores([0.05] * 85 + [0.2] * 5 + [0.35] * 8 + [0.6] * 2)


def test_it_leans_where_that_finds_rare_labels() -> None:
    found = balancing.choose(DEV, TIMID, LABELS)
    head = ClassHead(CLASSES, balance=found)
    rows = [row[None] for row in TIMID]
    said = [spans[0].label for spans in head.decode(DEV, rows, LABELS)]
    assert said == ["often"] * 90 + ["seldom"] * 10
    plain = [spans[0].label for spans in ClassHead(CLASSES).decode(DEV, rows, LABELS)]
    assert plain.count("seldom") == 2
    kept = ClassHead(CLASSES).taught(head.config)
    assert kept.balance == found and head.notes(DEV, rows, LABELS)["balance"] == found


def test_it_does_not_lean_where_that_does_not_help() -> None:
    assert balancing.choose(DEV, scores([0.05] * 90 + [0.9] * 10), LABELS) == {}
    assert balancing.choose(DEV[:20], TIMID[:20], LABELS) == {}, "dev is too small to say"
    even = documents(*["often", "seldom"] * 50)
    assert balancing.choose(even, scores([0.45, 0.55] * 50), LABELS) == {}


def test_what_is_chosen_by_are_scikit_learns_figures() -> None:
    right = np.array([0] * 90 + [1] * 10)
    said = TIMID.argmax(axis=1)
    expected = (accuracy_score(right, said) + f1_score(right, said, average="macro")) / 2
    assert balancing.worth(TIMID, right) == expected


def test_what_is_said_of_training_data() -> None:
    told = CLASSES.check([*documents(*["often"] * 20, "seldom"), Document("")])
    first, second = told.sentences
    assert first == "1 document without a label: not learned from."
    assert second.startswith("The labels are uneven: often has 20 documents, seldom 1.")
    assert CLASSES.check(documents("often", "seldom")).sentences == []
