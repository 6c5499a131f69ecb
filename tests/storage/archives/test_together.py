"""What several people did, taken to another home: who is not known there, what is not there."""

from dataclasses import replace

import pytest

from storage.archives import restoring, writing
from storage.collaboration import assignments, deciding, thread_lists
from storage.collaboration.rules.policies import Gold, Policy
from storage.collaboration.thread_lists import State
from storage.corpus import projects
from storage.engines.schema import ExampleRow
from storage.journal import annotations
from storage.knowledge import examples, notebook
from storage.runs import runs
from tests.storage.archives.making import having, remake
from tests.storage.collaboration.versions import ADA, BOB, labelled
from tests.storage.conftest import sentence, stored

AT = {"created_at": "2026-11-28T10:00:00.000+00:00"}


@pytest.fixture
def hostile(made, tmp_path):
    """An archive that names people, a document and runs that are nowhere."""
    thread = {"id": 1, "project_id": 1, "kind": "span", "document_id": 1, "start": 90, "end": 99}
    thread |= {"run_id": None, "cell": None, "quote": "<b>gone</b>", "created_by": "zoe"}
    thread |= {"resolved_by": "<i>max</i>", "resolved_at": "2026", **AT}
    cell = thread | {"id": 2, "kind": "cell", "run_id": 77, "cell": "{}", "resolved_at": None}
    said = {"id": 1, "thread_id": 1, "author": "zoe", "text": "@max?", **AT}
    shown = {"id": 1, "project_id": 1, "label_id": 1, "kind": "positive", "text": "Eve came."}
    entry = {"id": 1, "project_id": 1, "state": "done", "about": "{}", "done": "[]"}
    entry |= {"opened_by": "zoe", "opened_at": "2026", "run_id": 77, "closed_run_id": 78}
    rows = {
        "threads": [thread, cell],
        "comments": said,
        "mentions": {"comment_id": 1, "folded": "max", "name": "max"},
        "assignments": {"document_id": 1, "annotator": "max", "project_id": 1, "given_at": "2026"},
        "label_examples": shown | {"document_id": 9, "author": "zoe"} | AT,
        "notebook_entries": entry,
    }
    return remake(made, tmp_path / "hostile.zip", having(**rows))


def test_people_documents_and_runs_that_are_nowhere_are_named_and_led_to_by_nothing(
    db, project, hostile
):
    ids = stored(db, project, *(sentence(f"Mine {number}") for number in range(20)))
    restored = restoring.restore(db, hostile).id
    span, cell = sorted(thread_lists.listed(db, restored, State.ALL), key=lambda each: each.id)
    assert (span.created_by, span.resolved_by, span.quote) == ("zoe", "<i>max</i>", "<b>gone</b>")
    assert (cell.about.run, cell.comments) == (None, ())
    assert [each.annotator for each in assignments.given(db, restored)] == ["max"]
    ((example,),) = examples.of_project(db, restored).values()
    assert (example.author, example.document) == ("zoe", None)
    (entry,) = notebook.entries(db, restored)
    assert (entry.run, entry.closed_run) == (None, None)
    assert assignments.give_back(db, restored, "max") == 1
    assert len(ids) == 20 and examples.of_project(db, project.id) == {}


def test_a_number_of_a_run_that_was_deleted_is_not_that_of_a_later_run_elsewhere(
    db, project, other, tmp_path
):
    """Else that run would end a round that was over before it began."""
    run = runs.create_run(db, project.id, {})
    notebook.begin(db, project.id, "Goal", {}, run.id, "ada")
    runs.set_state(db, run.id, "cancelled")
    runs.delete_run(db, run.id)
    writing.write(db, project.id, tmp_path / "x.zip")
    restored = restoring.restore(other, tmp_path / "x.zip").id
    later = runs.create_run(other, restored, {})
    (entry,) = notebook.entries(other, restored)
    assert later.id == run.id and entry.run is None


def test_an_example_leads_to_no_document_of_another_project(db, project):
    """Homes in which 0.10 has opened an archive may have one that would."""
    (mine,) = stored(db, project, sentence("Mine"))
    other = projects.create_project(db, "Other").id
    (label,) = projects.add_labels(db, other, ["PER"])
    shown = examples.add(db, other, label.id, "positive", "Ada came.", 0, 3)
    with db.write() as session:
        session.get_one(ExampleRow, shown.id).document_id = mine
    assert examples.get(db, shown.id).document is None


def test_a_change_of_the_policy_that_was_broken_off_goes_on_in_the_other_home(
    db, project, tmp_path, monkeypatch
):
    said = {"ann": (ADA,), "ben": (ADA, BOB)}
    ids = stored(db, project, *(labelled(said, f"Ada met Bob {n}") for n in range(3)))
    monkeypatch.setattr(deciding, "CHUNK", 1)
    with pytest.raises(KeyboardInterrupt):
        deciding.set_policy(db, project.id, Policy(Gold.MAJORITY), stop)
    writing.write(db, project.id, tmp_path / "x.zip")
    restored = restoring.restore(db, tmp_path / "x.zip").id
    assert deciding.is_pending(db, restored)
    deciding.go_on(db, restored)
    marks = [each.spans for each in annotations.current(db, restored)]
    assert [[replace(span, id="") for span in spans] for spans in marks] == [[ADA]] * len(ids)
    assert deciding.is_pending(db, project.id), "the one that it was taken from is another"


def stop(done: int) -> None:
    raise KeyboardInterrupt
