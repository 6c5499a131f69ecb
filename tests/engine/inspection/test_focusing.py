"""A focus: where a project stands with a confusion, and what is written and begun for it."""

from __future__ import annotations

import pytest

from engine.inspection import focusing
from storage.cells import MISSED, SPURIOUS, Cell, Only
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding import queues, reasons
from storage.finding.selection import parse
from storage.knowledge import notebook
from storage.runs import reports, runs, suggestions, visits
from storage.types import DocumentScore, ErrorKind, Match, Run, RunState, Span, Split, Status
from tests.engine import tiny

ADA = Span(0, 3, "person")
HOSTILE = "Ada `![x](http://e.il)` <b>\nleft # now"


@pytest.fixture
def confused(db: Database, project: int) -> Run:
    """A run that took the first of two persons for a place; a model that suggests it elsewhere."""
    texts = [HOSTILE, "Ada slept", "Ada left", "Ada is new"]
    splits = (Split.DEV, Split.TRAIN, Split.TRAIN)
    done = [
        tiny.document(text, (0, 3, "person"), split=split, status=Status.DONE)
        for text, split in zip(texts, splits, strict=False)
    ]
    documents.add_documents(db, project, [*done, tiny.document(texts[3])], "ada")
    ids = list(documents.list_ids(db, project))
    run = runs.create_run(db, project, {"base": "bundled", "recipe": "quick"})
    match = Match(ids[0], ADA, Span(0, 3, "place", score=0.9), ErrorKind.TYPE)
    reports.store_report(db, run.id, {}, {Split.DEV: [match]})
    runs.set_state(db, run.id, RunState.DONE)
    said = [(ids[1], "place"), (ids[2], "person"), (ids[3], "place")]
    found = [(id, Span(0, 3, label, score=0.8)) for id, label in said]
    scores = [DocumentScore(id, 0.1, 0.5, 0.2, 0.3) for id in ids]
    suggestions.store(db, run.id, found, scores)
    return runs.get_run(db, run.id)


def part(run: Run) -> Cell:
    return Cell(run.id, "dev", "person", "place")


def test_what_went_wrong_with_a_label_or_in_a_cell_can_be_worked_on() -> None:
    for gold, predicted, only in (
        ("person", "place", Only.ALL),
        ("person", MISSED, Only.ALL),
        (SPURIOUS, "place", Only.ALL),
        ("person", "", Only.ERRORS),
    ):
        assert focusing.can(Cell(1, "dev", gold, predicted, only))
    for gold, predicted, only in (
        ("person", "person", Only.ALL),
        ("", "place", Only.ALL),
        ("person", "", Only.ALL),
        ("", "", Only.ERRORS),
        ("", "", Only.ALL),
        ("person", "place", Only.BORDERS),
        ("a/ ", "place", Only.ALL),
    ):
        assert not focusing.can(Cell(1, "dev", gold, predicted, only))


def test_one_label_has_a_queue_and_a_section_too(db: Database, project: int, confused: Run) -> None:
    cell = Cell(confused.id, "dev", "person", only=Only.ERRORS)
    focus = focusing.begin(db, project, cell)
    assert (focusing.current(db, project), focus.cell) == (focus, cell)
    queue = queues.choose(db, project, parse(focus.queue))
    assert list(queue.ids) == [documents.list_ids(db, project)[0]]
    assert focusing.looked_at(db, focus) == (0, 1)
    text = focusing.section(db, projects.get_project(db, project), focus)
    assert text.startswith("## When is it `person`?") and "- `Ada` in `Ada " in text


def test_it_opens_a_round_that_says_what_was_seen(
    db: Database, project: int, confused: Run
) -> None:
    focusing.begin(db, project, part(confused))
    entry = notebook.current(db, project)
    assert entry and (entry.goal, entry.run) == ("Focus: person → place", confused.id)
    assert entry.about["said"] == "person → place: 1 on dev in Run 1."
    assert (entry.about["gold"], entry.about["predicted"]) == ("person", "place")
    focusing.finish(db, project)
    assert notebook.entries(db, project) == [], "nothing was done in it"


def test_it_is_kept_until_it_is_finished(db: Database, project: int, confused: Run) -> None:
    assert focusing.current(db, project) is None
    focus = focusing.begin(db, project, part(confused))
    assert focusing.current(db, project) == focus
    assert focus.title == "person → place"
    focusing.finish(db, project)
    assert focusing.current(db, project) is None


def test_one_of_a_deleted_run_or_of_another_version_is_none(
    db: Database, project: int, confused: Run
) -> None:
    focusing.begin(db, project, part(confused))
    runs.delete_run(db, confused.id)
    assert focusing.current(db, project) is None
    settings.put(db, projects.focus_key(project), {"steps": 4})
    assert focusing.current(db, project) is None


def test_its_queue_begins_with_its_own_sentences_and_goes_on_with_alike_ones(
    db: Database, project: int, confused: Run
) -> None:
    focus = focusing.begin(db, project, part(confused))
    ids = list(documents.list_ids(db, project))
    queue = queues.choose(db, project, parse(focus.queue))
    assert (queue.title, list(queue.ids)) == ("Focus: person → place", [ids[0], ids[1], ids[3]])
    assert "you said person, the model says place" in reasons.why(queue, ids[0])
    assert focusing.looked_at(db, focus) == (0, 1)
    visits.note(db, focus.cell, ids[0])
    assert focusing.looked_at(db, focus) == (1, 1)


def test_the_guideline_gains_a_section_and_loses_nothing(
    db: Database, project: int, confused: Run
) -> None:
    projects.add_labels(db, project, ["person", "place"])
    focus = focusing.begin(db, project, part(confused))
    text = focusing.section(db, projects.get_project(db, project), focus)
    assert text.startswith("## `person` or `place`?")
    (line,) = [line for line in text.splitlines() if line.startswith("- `Ada`")]
    assert line == "- `Ada` in `Ada ˋ![x](http://e.il)ˋ <b> left # now`"
    projects.set_guideline(db, project, "# Ours\n")
    focus = focusing.settle(db, project, focus, text)
    assert focus.settled and focusing.current(db, project) == focus
    assert projects.get_project(db, project).guideline == f"# Ours\n\n{text}"


def test_the_next_run_is_like_the_one_that_was_wrong(
    db: Database, project: int, confused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        focusing, "again", lambda db, run: runs.create_run(db, project, run.settings)
    )
    focus = focusing.begin(db, project, part(confused))
    assert focusing.next_run(db, focus) is None
    run = focusing.train(db, project, focus)
    known = focusing.current(db, project)
    assert known and focusing.next_run(db, known) == runs.get_run(db, run.id)
    assert runs.get_run(db, run.id).note == "Focus: person → place"
    assert run.settings == confused.settings
