"""Scores of labels of whole documents are scikit-learn's, to the last digit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, classification_report
from sklearn.preprocessing import MultiLabelBinarizer

from engine.commands.evaluation.reporting import tables
from engine.exports import contents
from engine.tasks.classes.task import CLASSES, MULTILABEL
from engine.tasks.classification.task import Classification
from storage.types import Document, Span, Split

NAMES = ("a", "b", "c/d", "c/e", "none at all", "ü")
NONE = "(none)"
one = st.lists(st.tuples(*[st.sampled_from(NAMES)] * 2), min_size=1, max_size=40)
some = st.lists(st.tuples(*[st.sets(st.sampled_from(NAMES))] * 2), min_size=1, max_size=30)
examples = settings(max_examples=30, deadline=None)


def marks(labels: Sequence[str]) -> tuple[Span, ...]:
    return tuple(Span(0, 0, label) for label in sorted(labels))


def scored(task: Classification, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Any:
    """Return what is printed of documents with these gold and predicted labels."""
    documents = [Document("", spans=marks(gold), id=n) for n, (gold, _) in enumerate(pairs)]
    predicted = [marks(found) for _, found in pairs]
    scores = task.score(documents, predicted, task.match(documents, predicted), {})
    json.dumps(scores, allow_nan=False)
    return task.printed(scores)


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for name, row in theirs.items():
        found = ours[name]
        figures = (found["precision"], found["recall"], found["f1"], found["support"])
        assert figures == tuple(row[k] for k in ("precision", "recall", "f1-score", "support"))


def agree(found: dict[str, Any], report: dict[str, Any], labels: Sequence[str]) -> None:
    assert list(found["class"]["labels"]) == list(labels)
    same(found["class"]["labels"], {name: report[name] for name in labels})
    averages = ("macro avg", "weighted avg", *(["micro avg"] if "micro avg" in report else []))
    same(
        {f"{name} avg": row for name, row in found["class"].items()},
        {n: report[n] for n in averages},
    )


@given(one)
@examples
def test_one_label_a_document(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = map(list, zip(*pairs, strict=True))
    labels = sorted({*gold, *predicted})
    found = scored(CLASSES, [([a], [b]) for a, b in pairs])
    agree(found, classification_report(gold, predicted, output_dict=True, zero_division=0), labels)
    assert found["class"]["accuracy"] == accuracy_score(gold, predicted)
    assert found["confusion"]["labels"] == labels
    assert np.sum(found["confusion"]["counts"]) == len(pairs)


@given(some)
@examples
def test_several_labels_a_document(pairs: list[tuple[set[str], set[str]]]) -> None:
    labels = sorted(set().union(*(side for pair in pairs for side in pair)))
    # scikit-learn takes a single column for two classes of one label a document.
    assume(len(labels) > 1)
    binary = MultiLabelBinarizer(classes=labels)
    gold, predicted = (binary.fit_transform([pair[n] for pair in pairs]) for n in (0, 1))
    report = classification_report(
        gold,
        predicted,
        labels=range(len(labels)),
        target_names=labels,
        output_dict=True,
        zero_division=0,
    )
    found = scored(MULTILABEL, [(sorted(a), sorted(b)) for a, b in pairs])
    agree(found, report, labels)
    assert found["class"]["accuracy"] == accuracy_score(gold, predicted)
    together = np.array(found["cooccurrence"]["counts"])
    assert (together == gold.T @ gold).all()


def test_a_document_of_no_label_is_right_where_the_model_gives_none() -> None:
    pairs = [(["a"], ["a"]), ([], ["a"]), ([], []), (["b"], [])]
    found = scored(CLASSES, pairs)
    gold, predicted = ([side[n][0] if side[n] else NONE for side in pairs] for n in (0, 1))
    report = classification_report(
        gold, predicted, labels=["a", "b"], output_dict=True, zero_division=0
    )
    agree(found, report, ["a", "b"])
    assert found["class"]["accuracy"] == accuracy_score(gold, predicted) == 0.5


def test_nothing_to_score_is_no_error() -> None:
    assert scored(CLASSES, [])["class"]["accuracy"] == 0.0
    assert scored(MULTILABEL, [([], [])])["class"]["accuracy"] == 1.0


def test_labels_of_two_levels_are_counted_at_both() -> None:
    pairs = [(["card/lost"], ["card/stolen"]), (["card/lost"], ["cash"]), (["cash"], ["cash"])]
    found = scored(CLASSES, pairs)
    upper = [tuple(label.split("/")[0] for (label,) in pair) for pair in pairs]
    report = classification_report(*zip(*upper, strict=True), output_dict=True, zero_division=0)
    same(found["parents"]["labels"], {name: report[name] for name in ("card", "cash")})
    assert found["class"]["accuracy"] == 1 / 3
    flat = scored(CLASSES, [(["a"], ["a"])])
    assert "parents" not in flat, "without levels there is nothing to add up"


def test_a_table_for_people_holds_the_accuracy_and_what_stands_beside() -> None:
    found = scored(CLASSES, [(["a"], ["a"]), (["a"], ["b"]), ([], [])])
    told = {"test": {**found, "out_of_scope": {"recall": 0.25, "auroc": 0.5}}}
    lines = tables(told, Split.TEST).splitlines()
    assert "    accuracy                          0.667" in lines
    assert lines[-3:] == ["", "Out of scope, recall: 0.250", "Out of scope, auroc: 0.500"]


def test_what_is_right_as_a_whole_is_counted_over_all_documents() -> None:
    documents = [
        Document("", spans=marks(labels), id=n) for n, labels in enumerate(("ab", "", "a"))
    ]
    predicted = [marks("ab"), (), ()]
    scores = MULTILABEL.score(documents, predicted, MULTILABEL.match(documents, predicted), {})
    over = {each.title: (each.text, each.over) for each in contents.headline(scores)}
    assert over["All labels right"] == ("0.667", "over 3 documents")
    assert over["Micro F1"] == ("0.800", "over 3 labels")


def test_the_headline_is_what_the_best_epoch_is_chosen_by() -> None:
    documents = [Document("", spans=marks("a"), id=1), Document("", spans=marks("b"), id=2)]
    predicted = [marks("a"), marks("a")]
    matches = CLASSES.match(documents, predicted)
    scores = CLASSES.score(documents, predicted, matches, {})
    found = CLASSES.figures(documents, predicted, matches)
    assert (scores["headline"]["title"], scores["headline"]["value"]) == ("Accuracy", 0.5)
    assert found["f1"] == found["accuracy"] == 0.5
    assert found["macro"] == (2 / 3 + 0) / 2
    again = CLASSES.recount(scores["confusion"])
    assert again["headline"] == scores["headline"]
    assert again["tables"][0] == scores["tables"][0]
