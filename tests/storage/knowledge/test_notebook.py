"""The notebook's rounds: what opens, closes and ends them, once each, and what is learned."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from storage.archives import restoring, writing
from storage.database.connection import Database
from storage.engines.schema import NotebookEntryRow
from storage.errors import InputError, NotFoundError, RefusedError
from storage.journal import annotations as journal
from storage.knowledge import notebook
from storage.knowledge.notebook import Closing, Entry, Round
from storage.permissions import Person, Role, acting_as
from storage.runs import runs
from storage.types import Project, Run, RunKind, RunState, Span
from tests.storage.conftest import sentence, stored

ABOUT = {"label": "PER", "split": "test", "said": "PER is weakest."}
BROUGHT = {"title": "Run 1", "value": 0.5}


def closing(**values: Any) -> Closing:
    given: dict[str, Any] = {
        "state": Round.DONE,
        "done": [{"what": "edits", "by": "ada", "count": 1}],
    }
    given |= {"brought": BROUGHT, "goal": "A first model", "about": {}, "run": None, "by": ""}
    return Closing(**given | values)


def ended(db: Database, project: Project, state: RunState = RunState.DONE) -> Run:
    run = runs.create_run(db, project.id, {})
    runs.claim_next(db)
    runs.mark_frozen(db, run.id)
    runs.set_state(db, run.id, state, "out of memory")
    return runs.get_run(db, run.id)


def mend(db: Database, project: Project, document: int) -> None:
    span = {"id": "s9", "start": 8, "end": 11, "label": "ORG", "quote": "Bob"}
    edit = {"seq": 1, "base_revision": 0, "kind": "add", "span": span}
    found = journal.apply_operations(db, project.id, document, "bob", "tab", [edit])
    assert found.results[0]["status"] == "saved"


def open_round(db: Database, project: Project, goal: str = "Focus", run: Run | None = None):
    return notebook.begin(db, project.id, goal, ABOUT, run.id if run else None, "ada")


def test_a_run_closes_the_open_round_and_only_once(db, project):
    seen = ended(db, project)
    assert notebook.close(db, seen.id, closing())
    opened = open_round(db, project, run=seen)
    run = ended(db, project)
    assert notebook.unwritten(db, [RunKind.TRAINING], project.id) == run.id
    entry = notebook.close(db, run.id, closing(goal="another"))
    assert entry and (entry.id, entry.goal, entry.state) == (opened.id, "Focus", Round.DONE)
    assert (entry.run, entry.closed_run, entry.closed_at) == (seen.id, run.id, run.finished_at)
    assert entry.brought == BROUGHT and entry.about == ABOUT
    assert notebook.close(db, run.id, closing()) is None
    assert notebook.unwritten(db, [RunKind.TRAINING]) is None
    assert [each.goal for each in notebook.entries(db, project.id)] == ["Focus", "A first model"]


def test_two_servers_close_one_round_once(db, project):
    run = ended(db, project)
    with ThreadPoolExecutor(4) as servers:
        made = list(servers.map(lambda _: notebook.close(db, run.id, closing()), range(8)))
    assert sum(entry is not None for entry in made) == 1
    assert len(notebook.entries(db, project.id)) == 1


def test_a_run_begun_before_the_focus_has_a_round_of_its_own(db, project):
    run = runs.create_run(db, project.id, {})
    with db.write() as session:
        row = runs.required_run(session, run.id)
        row.created_at = "2020-01-01T00:00:00.000+00:00"
    opened = open_round(db, project)
    runs.claim_next(db)
    runs.set_state(db, run.id, RunState.DONE)
    entry = notebook.close(db, run.id, closing())
    assert entry and entry.id != opened.id
    assert [each.state for each in notebook.entries(db, project.id)] == [Round.OPEN, Round.DONE]


def test_a_failed_run_stays_and_the_focus_with_it_until_one_is_done(db, project):
    opened = open_round(db, project)
    run = ended(db, project, RunState.FAILED)
    failed = notebook.close(db, run.id, closing(state=Round.FAILED, goal="Focus"))
    assert failed and failed.id != opened.id
    notebook.write_lesson(db, failed.id, "Too little memory.", "bob")
    runs.requeue(db, run.id)
    runs.claim_next(db)
    runs.set_state(db, run.id, RunState.DONE)
    assert notebook.unwritten(db, [RunKind.TRAINING]) == run.id, "it ended anew"
    entry = notebook.close(db, run.id, closing())
    assert entry and (entry.id, entry.lesson) == (opened.id, "Too little memory.")
    assert notebook.entries(db, project.id) == [entry]


def test_what_never_began_and_other_kinds_are_no_rounds(db, project):
    queued = runs.create_run(db, project.id, {})
    runs.request_cancel(db, queued.id)
    other = runs.create_run(db, project.id, {}, RunKind.SEARCH)
    runs.claim(db, other.id)
    runs.set_state(db, other.id, RunState.DONE)
    assert notebook.unwritten(db, [RunKind.TRAINING]) is None
    run = ended(db, project)
    runs.delete_run(db, run.id)
    assert notebook.close(db, run.id, closing()) is None


def test_a_round_in_which_something_was_done_is_given_up_and_stays(db, project):
    (document,) = stored(db, project, sentence())
    open_round(db, project)
    open_round(db, project, "Focus on another")
    assert [each.goal for each in notebook.entries(db, project.id)] == ["Focus on another"]
    mend(db, project, document)
    notebook.give_up(db, project.id)
    notebook.give_up(db, project.id)
    (entry,) = notebook.entries(db, project.id)
    assert entry.state is Round.GIVEN_UP and entry.closed_at
    edits = {"what": "edits", "by": "bob", "count": 1, "documents": 1}
    assert list(entry.done) == [edits]


def test_a_lesson_is_kept_with_who_wrote_it(db, project):
    entry = open_round(db, project)
    kept = notebook.write_lesson(db, entry.id, " Names of ships are **not** <b>PER</b>. ", "ada")
    assert (kept.lesson, kept.lesson_by) == ("Names of ships are **not** <b>PER</b>.", "ada")
    assert notebook.write_lesson(db, entry.id, kept.lesson, "bob").lesson_by == "ada"
    with pytest.raises(RefusedError, match="meanwhile"):
        notebook.write_lesson(db, entry.id, "Another.", "bob", base="")
    assert notebook.write_lesson(db, entry.id, "", "bob", base=kept.lesson).lesson_by == ""
    with pytest.raises(InputError, match="NUL"):
        notebook.write_lesson(db, entry.id, "a\0", "ada")
    with pytest.raises(InputError, match="2,001 characters"):
        notebook.write_lesson(db, entry.id, "a" * 2001, "ada")
    with pytest.raises(NotFoundError, match="no round 99"):
        notebook.write_lesson(db, 99, "a", "ada")
    with acting_as(Person("eve", Role.REVIEWER)):
        assert notebook.write_lesson(db, entry.id, "Mine", "eve").lesson == "Mine"


def test_rounds_go_along_with_their_project_and_name_its_runs_there(db, project, tmp_path):
    stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")))
    first = ended(db, project)
    notebook.close(db, first.id, closing())
    mend(db, project, stored(db, project)[0])
    open_round(db, project, run=first)
    second = ended(db, project)
    notebook.close(db, second.id, closing())
    notebook.write_lesson(db, notebook.entries(db, project.id)[0].id, "Learned.", "ada")
    writing.write(db, project.id, tmp_path / "x.zip")
    restored = restoring.restore(db, tmp_path / "x.zip").id
    before, after = (notebook.entries(db, id) for id in (project.id, restored))
    assert [_said(each) for each in after] == [_said(each) for each in before]
    moved = runs.list_runs(db, restored)
    assert [each.closed_run for each in after] == [run.id for run in moved]
    assert (after[0].run, before[0].run) == (moved[1].id, first.id)
    assert _bounds(db, restored) == [each.journal_id for each in moved[::-1]]
    assert notebook.unwritten(db, [RunKind.TRAINING], restored) is None, "they are not told twice"


def _bounds(db: Database, project: int) -> list[int | None]:
    """Return the newest edits that the runs knew which closed a project's rounds."""
    with db.read() as session:
        query = select(NotebookEntryRow.closed_journal_id).filter_by(project_id=project)
        return list(session.scalars(query.order_by(NotebookEntryRow.id)))


def _said(entry: Entry) -> tuple:
    told = entry.state, entry.goal, entry.about, entry.done, entry.brought, entry.lesson
    return (*told, entry.lesson_by, entry.opened_by, entry.opened_at, entry.closed_at)
