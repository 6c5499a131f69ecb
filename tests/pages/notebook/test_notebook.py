"""The notebook: the open round on top, lessons that are kept, ways to what it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

from engine.inspection import focusing
from engine.knowledge import rounds
from storage.cells import MISSED, Cell
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.knowledge import notebook
from storage.permissions import Person, Role, acting_as
from storage.runs import runs
from storage.types import Run, RunState, Split
from tests.engine.inspection import finished
from tests.pages import reported
from tests.pages.conftest import Open, button, labels, plain, said

LESSON = "Ships are **not** <b>ORG</b>."


def areas(app) -> list[str]:
    return [each.value for each in app.text_area]


def html(app) -> str:
    return "\n".join(each.proto.body for each in app.get("html"))


def test_rounds_the_open_one_first_each_with_its_lesson(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run]
) -> None:
    assert "No round yet" in "\n".join(each.value for each in open_page("notebook").info)
    run = make_run(RunState.DONE, recipe="quick")
    reported.store(db, sample, run.id)
    make_run(RunState.FAILED, "<i>The disk</i> is full")
    assert "are being written" in said(open_page("notebook"))
    rounds.settle(db, sample)
    app = open_page("notebook")
    assert "No round is open" in said(app)
    button(app, "Focus on Errors of PER").click().run()
    text = said(app)
    assert "1. Mend" in text and "Open round, Focus: Errors of PER" not in text
    shown = html(app)
    order = [shown.index(word) for word in ("Focus: Errors of PER", "Better than Run 1", "A first")]
    assert order == sorted(order)
    assert "&lt;i&gt;The disk&lt;/i&gt; is full" in shown and "<i>The" not in shown
    first = notebook.entries(db, sample)[-1]
    app.text_area(key=f"lesson-{first.id}").set_value(LESSON).run()
    assert "Lesson, saved" in said(app)
    first = notebook.entries(db, sample)[-1]
    assert (first.goal, first.lesson) == ("A first model", LESSON)
    assert LESSON in areas(open_page("notebook"))
    home = open_page("home")
    assert any("Open round" in each.proto.label for each in home.get("page_link"))
    runs.delete_run(db, run.id)
    assert "Run 1 was deleted: what it said stays here" in said(open_page("notebook"))


def test_a_round_leads_to_its_run_its_cell_and_its_sentences(
    open_page: Open, db: Database, sample: int
) -> None:
    known = [replace(d, split=Split.TEST) for d in journal.current(db, sample, Split.TEST)]
    before = finished.reported(db, sample, known, {}, labels=["PER", "LOC", "ORG", "MISC"])
    focusing.begin(db, sample, Cell(before.id, "test", "PER", MISSED))
    found = {each.id or 0: each.spans for each in known}
    after = finished.reported(db, sample, known, found, labels=["PER", "LOC", "ORG", "MISC"])
    rounds.settle(db, sample)
    shown = open_page("notebook").get("page_link")
    links = {plain(each.proto.label): each.proto for each in shown}
    number = sum(len(each.spans) for each in known)
    fixed = parse_qs(links[f"{number:,} fixed"].query_string)
    assert fixed == {
        "a": [str(before.id)],
        "b": [str(after.id)],
        "split": ["test"],
        "show": ["fixed"],
    }
    assert parse_qs(links["Report of Run 2"].query_string) == {"run": [str(after.id)]}
    cell = parse_qs(links["PER → (missed)"].query_string)
    assert (cell["gold"], cell["predicted"]) == (["PER"], [MISSED])


def test_two_lessons_at_once_are_both_there_to_choose_from(
    open_page: Open, db: Database, sample: int
) -> None:
    entry = notebook.begin(db, sample, "Try", {}, None, "ada")
    app = open_page("notebook")
    notebook.write_lesson(db, entry.id, "Theirs.", "bob")
    app.text_area[0].set_value("Mine.").run()
    assert areas(app) == ["Mine."] and "bob wrote: Theirs" in said(app)
    assert notebook.entries(db, sample)[0].lesson == "Theirs."
    button(app, "Save mine").click().run()
    assert notebook.entries(db, sample)[0].lesson == "Mine."
    assert "Take what is saved" not in labels(app)
    notebook.write_lesson(db, entry.id, "Theirs again.", "bob")
    app.run()
    assert areas(app) == ["Theirs again."], "nothing was typed since: it follows"


def test_a_focus_whose_run_is_gone_can_still_be_ended(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run]
) -> None:
    run = make_run(RunState.DONE, recipe="quick")
    reported.store(db, sample, run.id)
    focusing.begin(db, sample, Cell(run.id, "test", "PER", "ORG"))
    runs.delete_run(db, run.id)
    app = open_page("notebook")
    button(app, "End this round").click().run()
    assert notebook.current(db, sample) is None
    with acting_as(Person("eve", Role.ANNOTATOR)):
        assert notebook.entries(db, sample) == []
