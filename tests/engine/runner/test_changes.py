"""What changed since a run's data was frozen: spans and what is done, not every edit."""

import pytest

from engine.runner import changes
from engine.runner.changes import Changes
from engine.runs import snapshot
from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import runs
from storage.types import Document, Run, Status


@pytest.fixture
def run(db: Database, project: int) -> Run:
    """A run whose data is frozen as the runner freezes it; one document is not done."""
    documents.add_documents(db, project, [Document("Ada slept .")], "ada")
    made = runs.create_run(db, project, {})
    runs.mark_frozen(db, made.id)
    folder = home.run_folder(made.folder)
    folder.mkdir(parents=True)
    snapshot.write(folder, annotations.current(db, project, statuses=(Status.DONE,)))
    return runs.get_run(db, made.id)


class Editor:
    """Edits documents as the tagger does, one operation after another."""

    def __init__(self, db: Database, project: int) -> None:
        self.db, self.project, self.seq = db, project, 0

    def send(self, document: int, **operation: object) -> None:
        self.seq += 1
        base = annotations.open_annotation(self.db, document, "ada").revision
        sent = {"seq": self.seq, "base_revision": base, **operation}
        outcome = annotations.apply_operations(
            self.db, self.project, document, "ada", "tab", [sent]
        )
        (result,) = outcome.results
        assert result["status"] == "saved", result


@pytest.fixture
def editor(db: Database, project: int) -> Editor:
    return Editor(db, project)


def first_with_spans(db: Database, project: int) -> Document:
    return next(d for d in annotations.current(db, project) if d.spans)


def test_nothing_has_changed_at_first(db: Database, run: Run) -> None:
    assert changes.since(db, run) == Changes()


def test_a_changed_span_is_a_mended_document_whatever_else_is_done(
    db: Database, run: Run, project: int, editor: Editor
) -> None:
    document = first_with_spans(db, project)
    editor.send(document.id, kind="remove", id=document.spans[0].id)
    editor.send(document.id, kind="comment", comment="unsure")
    assert changes.since(db, run) == Changes(mended=1)


def test_an_edit_that_changes_no_span_is_no_change(
    db: Database, run: Run, project: int, editor: Editor
) -> None:
    document = first_with_spans(db, project)
    quote = document.text[:3]
    editor.send(document.id, kind="reject", label="person", start=0, end=3, quote=quote)
    editor.send(document.id, kind="flag", flagged=True)
    assert annotations.edited(db, project, run.journal_id) == [document.id]
    assert changes.since(db, run) == Changes()


def test_an_undone_edit_is_no_change(db: Database, run: Run, project: int, editor: Editor) -> None:
    document = first_with_spans(db, project)
    span = document.spans[0]
    other = next(lb.name for lb in projects.list_labels(db, project) if lb.name != span.label)
    editor.send(document.id, kind="relabel", id=span.id, label=other)
    assert changes.since(db, run).total == 1
    editor.send(document.id, kind="relabel", id=span.id, label=span.label)
    assert changes.since(db, run).total == 0


def test_a_document_that_becomes_done_is_added(
    db: Database, run: Run, project: int, editor: Editor
) -> None:
    editor.send(documents.newest_id(db, project), kind="status", status="done")
    assert changes.since(db, run) == Changes(added=1)


def test_nothing_is_said_of_a_run_whose_data_is_gone(
    db: Database, run: Run, project: int, editor: Editor
) -> None:
    document = first_with_spans(db, project)
    editor.send(document.id, kind="remove", id=document.spans[0].id)
    (home.run_folder(run.folder) / snapshot.DATA).unlink()
    assert changes.since(db, run) == Changes()
