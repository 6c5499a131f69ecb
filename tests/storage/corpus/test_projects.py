"""Projects, labels and progress."""

from dataclasses import replace
from itertools import pairwise

import pytest

from storage.actions import relabelling
from storage.corpus import dev_split, documents, labels, projects
from storage.database import settings
from storage.errors import InputError, NotFoundError
from storage.finding import progress
from storage.journal import annotations
from storage.runs import runs
from storage.types import Label, Span, Split, Status, Task
from tests.storage.conftest import sentence, stored


def luminance(color: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_project_is_found_by_id_by_name_and_in_the_list(db):
    made = projects.create_project(db, "  News ")
    assert (made.name, made.task, made.allow_overlaps, made.labels) == (
        "News",
        Task.SPANS,
        False,
        (),
    )
    assert projects.get_project(db, made.id) == made
    assert projects.find_project(db, "News") == made
    assert projects.find_project(db, "Other") is None
    second = projects.create_project(db, "Legal", allow_overlaps=True)
    assert projects.list_projects(db) == [made, second]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("News", 'There is a project "News" already: choose another name.'),
        ("  ", "The project has no name: give it one."),
        ("x" * 201, "has 201 characters: use at most 200"),
        ("a\nb", "holds an invisible character"),
        ("a\0b", "holds an invisible character"),
        ("\ud83d", "holds an invisible character"),
    ],
)
def test_a_name_that_is_taken_or_unusable_is_refused(db, name, sentence):
    projects.create_project(db, "News")
    other = projects.create_project(db, "Other")
    with pytest.raises(InputError, match=sentence):
        projects.create_project(db, name)
    with pytest.raises(InputError, match=sentence):
        projects.rename_project(db, other.id, name)
    assert [each.name for each in projects.list_projects(db)] == ["News", "Other"]


def test_names_in_any_script_are_kept(db):
    for name in ("東京", "👩‍🚒 crew", "אבג", "می‌خواهم"):
        assert projects.find_project(db, projects.create_project(db, name).name).name == name


def test_a_project_can_be_renamed_also_to_its_own_name(db, project):
    assert projects.rename_project(db, project.id, "World").name == "World"
    assert projects.rename_project(db, project.id, "World").name == "World"


def test_a_project_that_is_not_there_is_named(db):
    for call in (
        lambda: projects.get_project(db, 9),
        lambda: projects.rename_project(db, 9, "x"),
        lambda: projects.delete_project(db, 9),
        lambda: relabelling.set_overlaps(db, 9, True, "ada"),
        lambda: projects.add_labels(db, 9, ["x"]),
        lambda: projects.list_labels(db, 9),
        lambda: progress.of(db, 9),
        lambda: documents.add_documents(db, 9, [], "ada"),
        lambda: dev_split.assign(db, 9),
        lambda: runs.create_run(db, 9, {}),
        lambda: list(annotations.current(db, 9)),
    ):
        with pytest.raises(NotFoundError, match="There is no project 9"):
            call()


def test_labels_get_colours_and_keys_in_order(db, project):
    made = projects.add_labels(db, project.id, [f"L{n}" for n in range(14)])
    assert [label.name for label in made] == [f"L{n}" for n in range(14)]
    keys = [label.key for label in projects.list_labels(db, project.id)]
    assert keys == [*"123456789", *[""] * 7]
    colors = [label.color for label in projects.list_labels(db, project.id)]
    assert len(set(colors)) == len(labels.PALETTE)
    assert all(a != b for a, b in pairwise(colors))


def test_adding_a_label_again_returns_it_as_it_is(db, project):
    assert projects.add_labels(db, project.id, [" PER "]) == [project.labels[0]]
    assert projects.list_labels(db, project.id) == list(project.labels)


@pytest.mark.parametrize("name", ["(missed)", "(spurious)", " (missed) "])
def test_no_label_is_called_as_a_row_or_column_of_the_confusion_table(db, project, name):
    label = project.labels[0]
    ways = [
        lambda: projects.add_labels(db, project.id, [name]),
        lambda: projects.update_label(db, replace(label, name=name)),
        lambda: relabelling.rename_label(db, label.id, name, "ada"),
        lambda: relabelling.split_label(db, label.id, name, ["Ada"], "ada"),
    ]
    for way in ways:
        with pytest.raises(InputError, match="as a row or a column of the confusion table"):
            way()
    assert projects.list_labels(db, project.id) == list(project.labels)


@pytest.mark.parametrize("color", labels.PALETTE)
def test_every_colour_can_be_read_on_white_and_under_white(color):
    assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_a_label_can_be_changed_and_its_spans_follow(db, project):
    id = stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")))[0]
    changed = Label("Person", "#000000", "p", "People, not groups", project.labels[0].id)
    assert projects.update_label(db, changed) == changed
    assert documents.get_document(db, id).spans == (Span(0, 3, "Person"),)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "ORG"}, 'There is a label "ORG" already'),
        ({"name": ""}, "The label has no name"),
        ({"color": "red"}, '"red" is no colour'),
        ({"color": "#12345g"}, "is no colour"),
        ({"key": "12"}, '"12" is no key'),
        ({"key": " "}, "is no key"),
        ({"key": "2"}, 'The key 2 belongs to "ORG"'),
        ({"description": "a\0"}, "The description holds a NUL"),
    ],
)
def test_a_label_change_that_makes_no_sense_is_refused(db, project, fields, sentence):
    good = {"name": "PER", "color": "#000000", "key": "1", "id": project.labels[0].id}
    with pytest.raises(InputError, match=sentence):
        projects.update_label(db, Label(**good | fields))
    assert projects.list_labels(db, project.id) == list(project.labels)


def test_a_label_that_is_gone_is_named(db):
    with pytest.raises(NotFoundError, match='no label "PER" any more'):
        projects.update_label(db, Label("PER", id=7))


def test_progress_counts_documents_by_status_and_split_and_spans_by_label(db, project):
    stored(
        db,
        project,
        sentence("Ada met Bob.", Span(0, 3, "PER"), Span(8, 11, "PER")),
        sentence("Nothing here.", status=Status.DONE, split=Split.DEV),
        sentence("Not seen yet."),
        sentence("Skipped.", status=Status.SKIPPED, split=Split.TEST),
        sentence("No split.", split=None),
    )
    found = progress.of(db, project.id)
    assert (found.documents, found.spans) == (5, 2)
    assert found.by_status == {
        Status.UNTOUCHED: 2,
        Status.IN_PROGRESS: 0,
        Status.DONE: 2,
        Status.SKIPPED: 1,
    }
    assert found.by_split == {Split.TRAIN: 2, Split.DEV: 1, Split.TEST: 1, None: 1}
    assert found.done_by_split == {Split.TRAIN: 1, Split.DEV: 1, Split.TEST: 0, None: 0}
    assert found.by_label == {"PER": 2, "ORG": 0}


def test_progress_counts_a_document_once_however_many_annotate_it(db, project):
    id = stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")))[0]
    span = {"id": "b", "start": 8, "end": 11, "label": "ORG", "quote": "Bob"}
    operation = {"seq": 1, "base_revision": 0, "kind": "add", "span": span}
    annotations.apply_operations(db, project.id, id, "bob", "c", [operation])
    found = progress.of(db, project.id)
    assert (found.documents, found.spans, found.by_label) == (1, 2, {"PER": 1, "ORG": 1})


def test_an_empty_project_has_no_progress(db, project):
    found = progress.of(db, project.id)
    assert (found.documents, found.spans, sum(found.by_status.values())) == (0, 0, 0)


def test_settings_keep_json_by_key(db):
    assert settings.get(db, "annotator") is None
    assert settings.get(db, "annotator", "x") == "x"
    settings.put(db, "annotator", {"name": "Ada 👩‍🚒", "n": [1, None]})
    settings.put(db, "other", None)
    settings.put(db, "annotator", "Bob")
    assert settings.get(db, "annotator") == "Bob"
    assert settings.get(db, "other", "x") is None


def test_the_annotator_is_the_systems_user_until_one_is_chosen(db, monkeypatch):
    monkeypatch.setenv("LOGNAME", "grace")
    assert settings.annotator(db) == "grace"
    settings.put(db, "annotator", "Ada")
    assert settings.annotator(db) == "Ada"
