"""An import in the background: read, shown, and brought in once somebody says where."""

from __future__ import annotations

import json
import pickle
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.transfers import near, putting
from engine.transfers.imports import Import
from engine.transfers.putting import Onto
from engine.transfers.state import Phase, State, StoppedError
from storage.corpus import documents, projects
from storage.corpus.documents import Target
from storage.database.connection import Database
from storage.errors import BusyError
from storage.types import Document
from tests.storage.database.test_processes import check_file
from tests.storage.faults.test_locked import locked

SENTENCES = b"Ada B-PER\nsleeps O\n\nOslo B-LOC\n"
NEWS, TAKEN = Target(None, "News", "ada"), Target(None, "Taken", "ada")


class Link:
    """Hears all states, and answers with what was prepared."""

    def __init__(self, *wishes: Any, stop_at: Phase | None = None) -> None:
        self.wishes = list(wishes)
        self.stop_at = stop_at
        self.states: list[State] = []

    def tell(self, state: State) -> None:
        # What passes between processes is pickled.
        self.states.append(pickle.loads(pickle.dumps(state)))
        if state.phase is self.stop_at:
            raise StoppedError

    def wait(self) -> Any:
        return self.wishes.pop(0)


def order(tmp_path: Path) -> Import:
    path = tmp_path / "1"
    path.write_bytes(SENTENCES)
    return Import((("letters.conll", path),), None, {"task": "spans"})


def test_what_was_read_is_shown_and_comes_in_where_it_is_wanted(
    db: Database, tmp_path: Path
) -> None:
    link = Link(NEWS)
    arrived = order(tmp_path).carry_out(link)
    (read,) = [state for state in link.states if state.phase is Phase.READ]
    plan = read.result
    assert (plan.documents, list(plan.stage.labels), plan.preview[0].text) == (
        *(2, ["PER", "LOC"]),
        "Ada sleeps",
    )
    assert arrived.documents == documents.count_documents(db, arrived.intake.project) == 2
    assert link.states[-1].phase is Phase.LOADING


def test_a_target_that_cannot_be_is_told_and_another_one_can_be_named(
    db: Database, tmp_path: Path
) -> None:
    projects.create_project(db, "Taken")
    link = Link(TAKEN, NEWS)
    order(tmp_path).carry_out(link)
    messages = [state.message for state in link.states if state.phase is Phase.READ]
    assert messages[0] == "" and "Taken" in messages[1]
    assert {each.name for each in projects.list_projects(db)} == {"Taken", "News"}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits 30 seconds in a test."""
    opening: Any = Database.open
    monkeypatch.setitem(opening.__func__.__kwdefaults__, "patience", 0.2)


def test_an_import_that_meets_a_locked_database_says_so_and_comes_in_when_it_is_asked_again(
    db: Database, home: Path, tmp_path: Path, impatient: None
) -> None:
    with ExitStack() as until_asked_again:
        until_asked_again.enter_context(locked(home))

        class Patient(Link):
            def wait(self) -> Any:
                if len(self.wishes) == 1:
                    until_asked_again.close()
                return super().wait()

        link = Patient(NEWS, NEWS)
        arrived = order(tmp_path).carry_out(link)
    messages = [state.message for state in link.states if state.phase is Phase.READ]
    assert messages[0] == "" and "busy for too long: try again shortly" in messages[1]
    assert [each.name for each in projects.list_projects(db)] == ["News"]
    assert documents.count_documents(db, arrived.intake.project) == 2
    check_file(home)


def test_one_that_may_not_even_read_it_is_told_and_a_second_one_comes_in(
    db: Database, home: Path, tmp_path: Path, impatient: None
) -> None:
    db.close()
    with closing(sqlite3.connect(home / "whetstone.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="locked: close it first"):
            order(tmp_path).carry_out(Link(NEWS))
    assert projects.list_projects(db) == []
    assert order(tmp_path).carry_out(Link(NEWS)).documents == 2
    check_file(home)


def test_labels_for_documents_that_are_there_are_looked_for_and_put_there_by_who_asked(
    db: Database, tmp_path: Path
) -> None:
    project = projects.create_project(db, "News")
    documents.add_documents(db, project.id, [Document("Ada sleeps")], "eve")
    asked = replace(order(tmp_path), project=project.id, onto=Onto(project.id, "ada", "text"))
    link = Link(NEWS)
    arrived = asked.carry_out(link)
    (read,) = [state for state in link.states if state.phase is Phase.READ]
    outcome = read.result.outcome
    assert (outcome.matched, outcome.changed, outcome.missed) == (1, 1, 1)
    (missed,) = read.result.unmatched
    assert (missed.file, missed.line) == ("letters.conll", 4)
    assert (arrived.documents, arrived.action.annotator) == (1, "ada")
    assert documents.count_documents(db, project.id) == 1


def test_whose_labels_are_not_kept_is_told_before_they_are_put_onto_documents(
    db: Database, tmp_path: Path
) -> None:
    project = projects.create_project(db, "News")
    documents.add_documents(db, project.id, [Document("Ada sleeps")], "eve")
    path = tmp_path / "said.jsonl"
    said = [
        {"label": label, "start_offset": 0, "end_offset": 3, "user": user}
        for user, label in enumerate(("PER", "ORG"), 1)
    ]
    path.write_text(json.dumps({"text": "Ada sleeps", "annotations": said}))
    where = Onto(project.id, "ada", "text")
    link = Link(NEWS)
    Import((("said.jsonl", path),), project.id, {"task": "spans"}, where).carry_out(link)
    plan = next(state.result for state in link.states if state.phase is Phase.READ)
    assert putting.WHOSE in [each.message for each in plan.problems]


def test_near_duplicates_are_looked_for_where_somebody_asks(db: Database, tmp_path: Path) -> None:
    project = projects.create_project(db, "News")
    documents.add_documents(db, project.id, [Document("ada SLEEPS!")], "ada")
    link = Link(NEWS)
    with pytest.raises(IndexError):
        # Nobody takes it: the project's name is taken.
        replace(order(tmp_path), project=project.id, near=True).carry_out(link)
    plan = next(state.result for state in link.states if state.phase is Phase.READ)
    (told,) = plan.near.problems
    assert (told.file, told.line) == ("letters.conll", 1)
    same = "2 texts are the same but for case, signs and digits"
    assert told.message == f"{same}: this, 1 in the project."
    assert any(state.message == near.LOOKING for state in link.states)
    stopped = Link(stop_at=Phase.READING)
    with pytest.raises(StoppedError):
        replace(order(tmp_path), near=True).carry_out(stopped)


def test_an_import_that_is_stopped_leaves_nothing(db: Database, tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        order(tmp_path).carry_out(Link(NEWS, stop_at=Phase.LOADING))
    assert projects.list_projects(db) == []
