"""A model's classes: labels with a span in train that can be learned, and what of the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.evaluation.figures import of_labels
from engine.runs import snapshot, spec
from engine.tasks.learnable import LearnableLabels
from engine.tasks.spans import learnable
from storage.types import Document, Span, Split, Status
from tests.engine import folders, tiny

LABELS = ("person", "place", "river", "unused")


def in_split(split: Split, text: str, *spans: tuple[int, int, str]) -> Document:
    return tiny.document(text, *spans, split=split, status=Status.DONE)


TRAIN = in_split(Split.TRAIN, "Ada saw Paris", (0, 3, "person"), (8, 13, "place"))
DEV = in_split(Split.DEV, "the Seine and the Rhine", (4, 9, "river"), (18, 23, "river"))
TEST = in_split(Split.TEST, "the Elbe", (4, 8, "river"))


def test_a_label_is_learned_where_train_has_a_span_of_it() -> None:
    found = learnable.of([TRAIN, DEV, TEST], LABELS)
    assert found == LearnableLabels(("person", "place"), ("unused",), {"river": 3})


def test_a_span_that_cannot_be_laid_on_tokens_teaches_no_label() -> None:
    cut = in_split(Split.TRAIN, "Parisian", (0, 5, "place"))
    inside = in_split(Split.TRAIN, "New York City", (0, 13, "person"), (4, 8, "river"))
    assert learnable.of([cut, inside], LABELS).learned == ("person",)


def test_a_document_without_a_split_is_learned_from() -> None:
    assert learnable.of([tiny.document("Ada", (0, 3, "person"))], LABELS).learned == ("person",)


def test_what_is_left_out_is_said_in_sentences() -> None:
    assert learnable.of([TRAIN], ("person", "place")).sentences == ()
    assert LearnableLabels(("person",), ("unused",)).sentences == (
        "The label unused is left out: no document to learn from has it.",
    )
    assert LearnableLabels((), ("b", "a", "c")).sentences == (
        "The labels b, a and c are left out: no document to learn from has them.",
    )
    assert LearnableLabels((), (), {"river": 1}).sentences == (
        "The label river cannot be learned: it is given once in dev and test and never in train "
        "so that it could be learned. That counts as missed.",
    )
    assert LearnableLabels((), (), {"river": 3, "sea": 1}).sentences[1].startswith("The label sea")
    assert "Those count as missed." in LearnableLabels((), (), {"river": 3}).sentences[0]


def test_of_many_labels_the_first_are_named_and_the_others_counted() -> None:
    names = tuple(f"L{number}" for number in range(12))
    (sentence,) = LearnableLabels((), names).sentences
    assert "L0, L1, L2, L3, L4, L5, L6, L7 and 4 more are left out" in sentence


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose dev has a label that train lacks, with a label that nobody uses."""
    folder, base = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("base")
    documents = [*folders.documents(), DEV]
    asked = spec.RunSpec(
        run=1,
        project_id=1,
        project_name="tiny",
        labels=("person", "place"),
        left_out=("unused", "river"),
        base=str(tiny.save_base(base)),
        settings=replace(folders.SETTINGS, epochs=2),
    )
    snapshot.write(folder, documents)
    spec.write(folder, asked)
    return folder


def test_a_label_without_an_example_is_no_class_and_its_dev_spans_are_missed(folder: Path) -> None:
    report = folders.fit(folder)
    assert report["labels"] == ["person", "place"]
    assert report["left_out"] == {"unused": ["unused"], "missed": {"river": 2}}
    rows = of_labels(report["dev"])
    assert (rows["river"]["support"], rows["river"]["predicted"]) == (2, 0)
    assert "unused" not in rows
    told = [event["message"] for event in folders.kinds(folder, "log")]
    assert [line for line in told if "unused" in line or "river" in line] == list(
        learnable.of([*folders.documents(), DEV], LABELS).sentences
    )


def test_a_specification_from_before_says_nothing_of_labels_left_out() -> None:
    old = spec.to_json(spec.RunSpec(1, 1, "p", ("a",)))
    del old["left_out"]
    assert spec.from_json(old).left_out == ()


def test_only_spans_of_labels_are_told_apart() -> None:
    odd = Document("Ada", ((0, 3),), (Span(0, 3, "gone"),), Split.DEV)
    assert learnable.of([TRAIN, odd], ("person", "place")).missed == {"gone": 1}
