"""Rounds write themselves: what a training brought, against what, and what was done for it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.evaluation.findings import weakest
from engine.inspection import focusing
from engine.knowledge import rounds
from engine.runner.results import of_run
from storage import home
from storage.cells import Cell
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.knowledge import notebook
from storage.knowledge.notebook import Round
from storage.outcomes import Compared, Outcome
from storage.runs import compared, reports, runs
from storage.types import Document, Run, RunState, Span, Split
from tests.engine.commands.conftest import Command, base, files, run
from tests.engine.commands.conftest import project as tiny_project
from tests.engine.inspection.conftest import db, project
from tests.engine.inspection.finished import ADA, OSLO, TEXT, TOKENS, document, finished, reported

__all__ = ["base", "db", "files", "project", "run", "tiny_project"]
WRONG = Span(0, 3, "place")


@pytest.fixture
def stored(db: Database, project: int) -> list[Document]:
    """Two test documents that are stored: both persons, one place."""
    given = [Document(TEXT, TOKENS, spans, Split.TEST) for spans in ((ADA, OSLO), (ADA,))]
    documents.add_documents(db, project, given, "ada")
    ids = documents.list_ids(db, project)
    return [document(id, *spans) for id, spans in zip(ids, ((ADA, OSLO), (ADA,)), strict=True)]


def poor(db: Database, project: int, known: list[Document]) -> Run:
    return reported(db, project, known, {each.id: [WRONG] for each in known})


def better(db: Database, project: int, known: list[Document], **settings: Any) -> Run:
    return reported(db, project, known, {each.id: [ADA] for each in known}, **settings)


def test_each_training_leaves_a_round_that_says_what_it_brought(
    db: Database, project: int, stored: list[Document]
) -> None:
    first = poor(db, project, stored)
    assert rounds.write_next(db) and not rounds.write_next(db)
    second = better(db, project, stored, epochs=5)
    rounds.settle(db, project)
    newest, oldest = notebook.entries(db, project)
    assert (oldest.goal, oldest.run, oldest.about) == ("A first model", None, {})
    assert oldest.brought and (oldest.brought["value"], oldest.brought["support"]) == (0.0, 3)
    assert (newest.goal, newest.run, newest.closed_run) == (
        "Better than Run 1",
        first.id,
        second.id,
    )
    assert newest.about["said"].startswith("place is weakest")
    told = newest.brought
    assert told and told["value"] == pytest.approx(0.8)
    assert told["low"] <= 0.8 <= told["high"]
    every, place = told["compared"]["rows"]
    assert (every["fixed"], every["broken"], every["wrong"]) == (2, 0, 1)
    assert (place["label"], place["fixed"], place["wrong"]) == ("place", 0, 1)
    assert {"what": "setting", "name": "epochs", "before": 10, "after": 5} in newest.done


def test_who_serves_runs_writes_one_round_after_the_other_and_looks_again_once_a_run_ended(
    db: Database, project: int, stored: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping, write, looked = rounds.Keeping(), rounds.write_next, []

    def look(db: Database) -> bool:
        looked.append(write(db))
        return looked[-1]

    monkeypatch.setattr(rounds, "write_next", look)
    poor(db, project, stored)
    better(db, project, stored)
    for _ in range(5):
        keeping(db)
    assert len(notebook.entries(db, project)) == 2 and looked == [True, True, False]
    better(db, project, stored)
    keeping(db)
    assert len(notebook.entries(db, project)) == 3


def test_it_is_of_the_focus_and_counts_its_cell_before_and_after(
    db: Database, project: int, stored: list[Document]
) -> None:
    seen = poor(db, project, stored)
    focusing.begin(db, project, Cell(seen.id, "test", "person", "place"))
    between = better(db, project, stored)
    rounds.settle(db, project)
    entry = notebook.entries(db, project)[0]
    assert (entry.goal, entry.run) == ("Focus: person → place", seen.id)
    assert entry.brought
    assert entry.brought["cell"] == {"title": "person → place", "a": 2, "b": 0}
    assert [row["label"] for row in entry.brought["compared"]["rows"]] == ["", "person", "place"]
    asked = Compared(seen.id, between.id, "test", Outcome.FIXED, "person")
    assert compared.documents(db, asked) == [each.id for each in stored]


def test_what_failed_stays_and_a_deleted_run_leaves_its_round(
    db: Database, project: int, stored: list[Document]
) -> None:
    first = poor(db, project, stored)
    failed = finished(db, project, stored, {}, epochs=9)
    runs.claim_next(db)
    runs.set_state(db, failed.id, RunState.FAILED, "the disk is full")
    rounds.settle(db, project)
    for each in (first, failed):
        runs.delete_run(db, each.id)
    rounds.settle(db, project)
    newest, oldest = notebook.entries(db, project)
    assert (newest.state, newest.brought) == (
        Round.FAILED,
        {"title": "Run 2", "said": "the disk is full"},
    )
    assert {"what": "setting", "name": "epochs", "before": 10, "after": 9} in newest.done
    assert oldest.brought and oldest.brought["title"] == "Run 1"


def test_a_damaged_folder_is_told_and_asked_for_once(
    db: Database, project: int, stored: list[Document]
) -> None:
    poor(db, project, stored)
    broken = better(db, project, stored)
    shutil.rmtree(home.run_folder(broken.folder))
    rounds.settle(db, project)
    entry = notebook.entries(db, project)[0]
    assert entry.closed_run == broken.id and entry.brought
    assert "said" in entry.brought
    assert not rounds.write_next(db)


def test_the_whole_way(run: Command, tiny_project: str, base: Path) -> None:
    train = ("train", "--project", tiny_project, "--base", base, "--device", "cpu", "--threads", 1)
    assert run(*train, "--epochs", 1).code == 0
    with_db = Database.open()
    known = projects.find_project(with_db, tiny_project)
    assert known
    (first,) = runs.list_runs(with_db, known.id)[-1:]
    report = of_run(with_db, first.id)
    assert report
    wrong = next(m for m in weakest(report["test"]).mistakes if m.gold != m.predicted)
    cell = wrong.cell(first.id, "test")
    focusing.begin(with_db, known.id, cell)
    mended = next(d for d in journal.current(with_db, known.id, Split.TRAIN) if d.spans)
    assert mended.id is not None
    own = journal.open_annotation(with_db, mended.id, "ada")
    removal = {"kind": "remove", "id": own.spans[0].id, "seq": 1, "base_revision": own.revision}
    made = journal.apply_operations(with_db, known.id, mended.id, "ada", "tab", [removal])
    assert made.results[0]["status"] == "saved"
    with_db.close()
    assert run(*train, "--epochs", 20).code == 0
    with_db = Database.open()
    entry, before = notebook.entries(with_db, known.id)
    assert (before.goal, before.closed_run) == ("A first model", first.id)
    assert (entry.state, entry.goal) == (Round.DONE, f"Focus: {cell.title}")
    assert {"what": "edits", "by": "ada", "count": 1, "documents": 1} in entry.done
    assert {
        "what": "documents",
        "added": 0,
        "removed": 0,
        "moved": 0,
        "relabelled": 1,
    } in entry.done
    assert entry.brought
    every = entry.brought["compared"]["rows"][0]
    asked = Compared(first.id, entry.closed_run or 0, "test", Outcome.FIXED, "")
    assert every["fixed"] > 0 and compared.documents(with_db, asked)
    assert entry.brought["cell"]["a"] == reports.count_cell(with_db, cell)
    lesson = notebook.write_lesson(with_db, entry.id, "More epochs were what it took.", "ada")
    assert notebook.entries(with_db, known.id)[0] == lesson
    with_db.close()
