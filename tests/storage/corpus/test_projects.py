"""Projects, labels and progress."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy import inspect, select
from sqlalchemy import text as sql

from storage.actions import actions, relabelling
from storage.coaching import word_lists
from storage.corpus import dev_split, documents, labels, projects
from storage.database import settings
from storage.engines.clock import now
from storage.engines.schema import (
    AssignmentRow,
    CommentRow,
    DocumentScoreRow,
    ExampleRow,
    GuidelineVersionRow,
    MatchRow,
    MatchSliceRow,
    MentionRow,
    NeighbourRow,
    NotebookEntryRow,
    OwnSliceRow,
    QueueDocumentRow,
    QueueRow,
    StressFailureRow,
    SuggestionOutcomeRow,
    SuggestionRow,
    SuspectRow,
    ThreadRow,
    VisitRow,
)
from storage.errors import InputError, NotFoundError, RefusedError
from storage.finding import progress
from storage.journal import annotations
from storage.monitors import alarms, monitors, texts
from storage.runs import reports, run_events, runs
from storage.types import ErrorKind, Label, Match, RunKind, RunState, Span, Split, Status, Task
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


def fill(db, project) -> int:
    """Put a row into every table for a project and return the run's id."""
    others = [sentence(f"Text {n}") for n in range(9)]
    id = stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")), *others)[0]
    operation = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    annotations.apply_operations(db, project.id, id, "ada", f"c{project.id}", [operation])
    dev_split.assign(db, project.id)
    run = runs.create_run(db, project.id, {})
    runs.claim_next(db)
    run_events.ingest(db, run.id, 0, 9, [{"kind": "metric", "epoch": 1, "attempt": 1}])
    match = Match(id, Span(0, 3, "PER"), None, ErrorKind.MISSED)
    reports.store_report(db, run.id, {}, {Split.DEV: [match]})
    _fill_history(db, project, id, run.id)
    return run.id


def _fill_history(db, project, document: int, run: int) -> None:
    reject = {"kind": "reject", "start": 4, "end": 7, "label": "PER", "quote": "met"}
    confirm = {"kind": "confirm", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    actions.apply(db, project.id, "ada", "test", "judged", {document: [reject, confirm]})
    with db.write() as session:
        place = {"run_id": run, "document_id": document}
        session.add(VisitRow(**place, split="dev", gold="PER", predicted="", only=""))
        session.add(SuggestionRow(**place, start=0, end=3, label="PER", score=0.5))
        session.add(DocumentScoreRow(**place, entropy=0.1))
        counts = {"entry": 1, "kept": 1, "dropped": 0, "added": 0}
        session.add(SuggestionOutcomeRow(**place, **counts, scores=[[0.5, 1]]))
    word_lists.keep(db, project.id, "names", [("Ada", "PER")])
    _fill_inspection(db, project, document, run)
    _fill_monitor(db, project, run)
    _fill_collaboration(db, project, document)


def _fill_collaboration(db, project, document: int) -> None:
    own, made = {"project_id": project.id}, {"created_at": now(), "created_by": "ada"}
    label = projects.list_labels(db, project.id)[0].id
    with db.write() as session:
        queue = QueueRow(**own, **made, name="again")
        thread = ThreadRow(**own, **made, kind="document", document_id=document)
        session.add_all([queue, thread])
        session.flush()
        place = {"queue_id": queue.id, "document_id": document}
        comment = CommentRow(thread_id=thread.id, author="ada", text="@bob?", created_at=now())
        session.add_all([QueueDocumentRow(**place), comment])
        session.add(AssignmentRow(**own, **place, annotator="bob", given_at=now()))
        session.flush()
        session.add(MentionRow(comment_id=comment.id, folded="bob", name="bob"))
        said = {"text": "Ada", "author": "ada", "created_at": now()}
        session.add(ExampleRow(**own, **said, label_id=label, kind="positive"))
        session.add(
            GuidelineVersionRow(**own, number=1, text="", labels=[], author="", created_at=now())
        )
        opened = {"opened_by": "ada", "opened_at": now()}
        session.add(NotebookEntryRow(**own, **opened, state="open", about={}, done=[]))


def _fill_monitor(db, project, run: int) -> None:
    day = date(2026, 11, 26)
    monitor = monitors.create(db, project.id, "reviews", monitors.Watching("/tmp/a.csv", run)).id
    text = texts.DatedText("k", day, "Ada came.", None, (), ())
    texts.add(*(db, monitor, [text], lambda _: [("", "")]), signature="", next_at=now(), told={})
    found = alarms.StoredAlarm("surge", "PER", "", day, 9, 1.0, 0.001, "Many.")
    alarms.add(db, monitor, [found], [("email", "ada@example.org")])


def _fill_inspection(db, project, document: int, run: int) -> None:
    with db.write() as session:
        match = session.scalar(select(MatchRow.id).where(MatchRow.run_id == run))
        place = {"run_id": run, "document_id": document}
        named = {"name": "long", "search": "", "created_at": "2026-11-26"}
        session.add(MatchSliceRow(match_id=match, name="long"))
        session.add(OwnSliceRow(project_id=project.id, **named))
        session.add(SuspectRow(**place, given_label="PER", score=0.5, reason="odd"))
        session.add(NeighbourRow(**place, rank=1, neighbour_id=document, similarity=0.5))
        texts: dict = {"test": "upper case", "text": "ADA", "expected": [], "found": []}
        session.add(StressFailureRow(**place, **texts))


def rows(db) -> dict[str, int]:
    with db.read() as session:
        tables = inspect(session.connection()).get_table_names()
        return {name: session.scalar(sql(f"SELECT count(*) FROM {name}")) for name in tables}


# What belongs to no project.
OF_ALL = ("alembic_version", "accounts", "sign_ins")


def test_deleting_a_project_deletes_all_that_is_in_it_and_nothing_else(db, project):
    before = rows(db)
    other = projects.create_project(db, "Other")
    with_other = rows(db)
    run = fill(db, other)
    assert all(count > before[name] for name, count in rows(db).items() if name not in OF_ALL)
    runs.set_state(db, run, RunState.FAILED)
    gone = projects.delete_project(db, other.id)
    assert [(each.id, each.kind) for each in gone] == [
        (run, RunKind.TRAINING),
        (run + 1, RunKind.WORD_LIST),
    ]
    assert rows(db) == before
    assert with_other["projects"] == before["projects"] + 1


def test_a_project_with_a_training_run_is_not_deleted(db, project):
    run = fill(db, project)
    with pytest.raises(RefusedError, match=f"Run {run} of .* is training: cancel it first"):
        projects.delete_project(db, project.id)
    assert projects.get_project(db, project.id)


def test_numbers_of_deleted_things_are_not_given_again(db, project):
    first = stored(db, project, sentence())[0]
    run = runs.create_run(db, project.id, {}).id
    projects.delete_project(db, project.id)
    again = projects.create_project(db, "News")
    assert again.id > project.id
    assert stored(db, again, sentence())[0] > first
    assert runs.create_run(db, again.id, {}).id > run


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
