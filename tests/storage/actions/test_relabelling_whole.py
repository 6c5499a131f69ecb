"""Labels of whole documents renamed, merged, split, deleted: a document has each once at most."""

import pytest

from storage.actions import actions, relabelling
from storage.corpus import documents, projects
from storage.journal import annotations
from storage.types import Document, Span, Status


@pytest.fixture
def made(db):
    project = projects.create_project(db, "Letters", "multilabel", allow_overlaps=True)
    marks = [("a", "b"), ("a",), ("b",), ()]
    given = [
        Document(f"text {n}", spans=tuple(Span(0, 0, m) for m in names), status=Status.DONE)
        for n, names in enumerate(marks)
    ]
    documents.add_documents(db, project.id, given, "ada")
    return project


def labels(db, made) -> list[list[str]]:
    return [sorted(s.label for s in d.spans) for d in annotations.current(db, made.id)]


def label(db, made, name: str) -> int:
    return next(each.id for each in projects.list_labels(db, made.id) if each.name == name)


def test_of_two_labels_that_become_one_a_document_has_it_once(db, made):
    action = relabelling.merge_labels(db, label(db, made, "a"), label(db, made, "b"), "ada")
    assert labels(db, made) == [["b"], ["b"], ["b"], []]
    actions.reverse(db, action.id, "ada")
    assert labels(db, made) == [["a", "b"], ["a"], ["b"], []]


def test_a_label_is_split_by_the_texts_that_bear_it(db, made):
    a = label(db, made, "a")
    assert relabelling.quotes(db, a) == [("text 0", 1), ("text 1", 1)]
    assert relabelling.touch(db, a, ["text 1"]) == relabelling.Touch(1, 1)
    relabelling.split_label(db, a, "c", ["text 1"], "ada")
    assert labels(db, made) == [["a", "b"], ["c"], ["b"], []]


def test_a_label_is_renamed_and_deleted_with_its_marks(db, made):
    relabelling.rename_label(db, label(db, made, "a"), "new", "ada")
    relabelling.delete_label(db, label(db, made, "b"), "ada")
    assert labels(db, made) == [["new"], ["new"], [], []]
