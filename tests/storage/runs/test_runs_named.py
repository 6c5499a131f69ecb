"""What people call a run, write about it and throw away; and what was known when it began."""

import contextlib
import shutil
import sqlite3

import pytest

from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.engines import revisions
from storage.errors import InputError, NotFoundError, RefusedError
from storage.journal import annotations
from storage.runs import run_events, runs, suggestions
from storage.types import DocumentScore, RunKind, RunState, Span
from tests.storage.conftest import sentence, stored


def suggest(db, project, model: int):
    return runs.create_run(db, project.id, {}, RunKind.SUGGESTIONS, numbered=False, model_of=model)


def edit(db, project, document: int, tab: str) -> None:
    """Mark one span."""
    change = {"seq": 1, "base_revision": 0, "kind": "add"}
    change |= {"span": {"id": "s1", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}}
    done = annotations.apply_operations(db, project.id, document, "ada", tab, [change])
    assert done.results[0]["status"] == "saved", done.results


def test_runs_that_people_start_count_in_their_project(db, project):
    other = projects.create_project(db, "Other")
    first = runs.create_run(db, project.id, {})
    passed = suggest(db, project, first.id)
    elsewhere, second = runs.create_run(db, other.id, {}), runs.create_run(db, project.id, {})
    assert [run.number for run in (first, passed, elsewhere, second)] == [1, None, 1, 2]
    assert (second.title, passed.title) == ("Run 2", f"Suggestion pass {passed.id}")


def test_a_number_is_not_given_twice(db, project):
    runs.create_run(db, project.id, {})
    runs.delete_run(db, runs.create_run(db, project.id, {}).id)
    assert runs.create_run(db, project.id, {}).number == 3


def test_a_folders_name_is_given_once_also_where_an_id_comes_again(db, project):
    run = runs.create_run(db, project.id, {})
    assert run.folder.startswith(f"{run.id}-") and len(run.folder) > len(str(run.id)) + 4
    assert runs.rename_folder(db, run.id).folder not in ("", run.folder)


def test_a_person_writes_a_note_on_a_run(db, project):
    run = runs.create_run(db, project.id, {})
    assert run.note == ""
    assert runs.set_note(db, run.id, " with the new guideline\n").note == "with the new guideline"
    assert runs.get_run(db, run.id).note == "with the new guideline"
    with pytest.raises(InputError, match="The note holds a NUL"):
        runs.set_note(db, run.id, "\0")


def test_deleting_a_run_takes_its_results_and_the_suggestions_of_its_model(db, project):
    (document,) = stored(db, project, sentence("Ada met Bob."))
    run, other = runs.create_run(db, project.id, {}), runs.create_run(db, project.id, {})
    passed, kept = suggest(db, project, run.id), suggest(db, project, other.id)
    suggestions.store(
        db,
        run.id,
        [(document, Span(0, 3, "PER", score=0.9))],
        [DocumentScore(document, 0.1, 0.1, 0.1, 0.1)],
    )
    run_events.ingest(db, run.id, 0, 10, [{"kind": "metric", "epoch": 1, "attempt": 0}])
    assert [gone.id for gone in runs.delete_run(db, run.id)] == [run.id, passed.id]
    assert [left.id for left in runs.list_runs(db, project.id)] == [kept.id, other.id]
    assert suggestions.of_document(db, document) is None
    with pytest.raises(NotFoundError):
        run_events.metrics(db, run.id)


@pytest.mark.parametrize("state", [RunState.STARTING, RunState.RUNNING])
def test_a_run_that_is_at_work_is_not_deleted(db, project, state):
    run = runs.create_run(db, project.id, {})
    runs.claim(db, run.id)
    runs.set_state(db, run.id, state)
    with pytest.raises(RefusedError, match="Run 1 is training right now: cancel that first"):
        runs.delete_run(db, run.id)
    runs.set_state(db, run.id, RunState.DONE)
    passed = suggest(db, project, run.id)
    runs.claim(db, passed.id)
    with pytest.raises(RefusedError, match="Run 1 has a model that is at work right now"):
        runs.delete_run(db, run.id)
    assert len(runs.list_runs(db)) == 2


def test_a_run_knows_the_newest_edit_of_its_project_that_is_in_its_data(db, project):
    other = projects.create_project(db, "Other")
    projects.add_labels(db, other.id, ["PER"])
    (mine,) = stored(db, project, sentence("Ada met Bob."))
    (theirs,) = stored(db, other, sentence("Ada met Bob."))
    run = runs.create_run(db, project.id, {})
    assert run.journal_id is None
    runs.mark_frozen(db, run.id)
    assert runs.get_run(db, run.id).journal_id == 0
    edit(db, project, mine, "one")
    edit(db, other, theirs, "two")
    runs.mark_frozen(db, run.id)
    assert runs.get_run(db, run.id).journal_id == 1


def test_a_database_has_a_name_that_no_other_has(home):
    names = set()
    for file in ("one.db", "two.db"):
        with contextlib.closing(Database.open(f"sqlite:///{home / file}")) as db:
            assert settings.identity(db) == settings.identity(db)
            names.add(settings.identity(db))
    assert len(names) == 2 and "" not in names


@pytest.fixture
def before(home, tmp_path, monkeypatch):
    """A database of version 0.3 with a project, open for SQL."""
    older = tmp_path / "older"
    shutil.copytree(revisions.MIGRATIONS, older)
    (older / "versions" / "0005_runs.py").unlink()
    for later in (older / "versions").glob("[0-9]*.py"):
        if later.name >= "0006":
            later.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "MIGRATIONS", older)
        Database.open().close()
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection:
        connection.execute(
            "INSERT INTO projects (id, name, task, allow_overlaps, created_at) "
            "VALUES (1, 'News', 'spans', 0, ''), (2, 'Other', 'spans', 0, '')"
        )
        yield connection


def test_runs_of_earlier_versions_are_counted_and_keep_their_folders(before):
    before.executemany(
        "INSERT INTO runs (id, project_id, state, attempt, settings, progress, message, "
        "created_at, started_at, boot_id, cancel_requested, events_offset) "
        "VALUES (?, ?, 'done', 1, ?, '{}', '', '2026', ?, '', 0, 0)",
        [
            (1, 1, "{}", "2026-01-02"),
            (2, 1, '{"model_of": 1}', "2026-01-03"),
            (3, 2, "{}", None),
            (4, 1, '{"model_of": 0, "trials": 5}', "2026-01-05"),
        ],
    )
    before.execute(
        "INSERT INTO documents (id, project_id, position, name, group_name, text_hash, "
        "imported_at, layout, text) VALUES (1, 1, 1, '', '', '', '', '{}', 'Ada')"
    )
    before.executemany(
        "INSERT INTO journal (id, project_id, document_id, annotator, client, seq, base_revision, "
        "revision, kind, operation, inverse, created_at) "
        "VALUES (?, 1, 1, 'ada', 'tab', ?, 0, 1, 'flag', '{}', '{}', ?)",
        [(1, 1, "2026-01-01"), (2, 2, "2026-01-02"), (3, 3, "2026-01-04")],
    )
    before.commit()
    with contextlib.closing(Database.open()) as db:
        found = runs.list_runs(db)[::-1]
        assert [run.number for run in found] == [1, None, 1, 2]
        assert [run.folder for run in found] == ["1", "2", "3", "4"]
        assert [run.journal_id for run in found] == [2, 2, None, 3]
        kinds = [RunKind.TRAINING, RunKind.SUGGESTIONS, RunKind.TRAINING, RunKind.SEARCH]
        assert [run.kind for run in found] == kinds
        assert [run.model_of for run in found] == [None, 1, None, None]
        assert [run.settings for run in found] == [{}, {}, {}, {"trials": 5}]
        assert runs.create_run(db, 1, {}).number == 3
        assert settings.identity(db)
