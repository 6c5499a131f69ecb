"""The runs of a project as rows: what each shows, notes, and deleting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets.train import run_list
from storage import home
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import Run, RunKind, RunState
from tests.pages.conftest import REPORT, Open, button, labels, said


@pytest.fixture
def three(db: Database, make_run: Callable[..., Run]) -> list[Run]:
    """A run that is done, with a report; one that failed; a search."""
    done = make_run(note="first")
    reports.store_report(db, done.id, REPORT, {})
    runs.set_state(db, done.id, RunState.DONE)
    failed = make_run(RunState.FAILED, "the disk died", recipe="quick")
    search = make_run(RunState.DONE, kind=RunKind.SEARCH, trials=3)
    best = {"dev": None, "test": None, "best": {"f1": 0.61}, "trials": []}
    reports.store_report(db, search.id, best, {})
    return [done, failed, search]


def rows(app: AppTest):
    return app.dataframe[0].value


def pick(app: AppTest, row: int) -> AppTest:
    """Choose a row as a click does."""
    count = len(rows(app))
    turn = app.session_state.get(run_list.TURN, 0)
    chosen = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.session_state[f"runs-{count}-{count}-{turn}"] = chosen
    return app.run()


def test_every_run_is_a_row_with_its_f1_status_time_and_note(
    open_page: Open, db: Database, three: list[Run]
) -> None:
    runs.set_note(db, three[1].id, "=HYPERLINK()")
    table = rows(open_page("train"))
    assert list(table["run"]) == ["3", "2", "1"]
    assert list(table["f1"].round(3))[::2] == [0.61, 0.724]
    assert table["f1"].isna()[1]
    assert list(table["state"]) == ["done", "failed", "done"]
    assert list(table["what"]) == ["search, 3 trials", "quick", "own settings"]
    assert all(time.endswith(" s") for time in table["took"])
    assert table["note"][1] == "'=HYPERLINK()", "what would be a formula is text in a download"


def test_a_row_that_is_clicked_is_the_run_that_is_shown(open_page: Open, three: list[Run]) -> None:
    app = open_page("train")
    assert app.session_state["shown_run"] == three[2].id
    app = pick(app, 1)
    assert app.session_state["shown_run"] == three[1].id
    assert "the disk died" in app.error[0].value


def test_a_run_that_was_just_started_is_the_one_that_is_shown(
    open_page: Open, db: Database, three: list[Run]
) -> None:
    app = pick(open_page("train"), 2)
    button(app, "Start training").click().run()
    assert list(rows(app)["run"])[0] == "4"
    assert app.session_state["shown_run"] == runs.list_runs(db)[0].id


def test_a_note_is_kept_and_stands_in_its_row(
    open_page: Open, db: Database, three: list[Run]
) -> None:
    app = open_page("train")
    app.text_input(key=f"note-{three[2].id}").set_value("  smaller *rates* ").run()
    assert runs.get_run(db, three[2].id).note == "smaller *rates*"
    assert rows(app)["note"][0] == "smaller *rates*"


def test_a_run_is_deleted_with_its_folder_after_a_question(
    open_page: Open, db: Database, three: list[Run]
) -> None:
    app = pick(open_page("train"), 2)
    folder = home.run_folder(three[0].folder)
    assert folder.is_dir()
    assert "Deletes Run 1 with its report, its model and the suggestions" in said(app)
    button(app, "Delete Run 1 for good").click().run()
    assert not app.exception
    assert [run.number for run in runs.list_runs(db)] == [3, 2]
    assert not folder.exists()
    assert list(rows(app)["run"]) == ["3", "2"]


def test_a_run_that_trains_is_not_deleted(open_page: Open, make_run: Callable[..., Run]) -> None:
    run = make_run(RunState.RUNNING)
    app = open_page("train")
    assert app.get("popover")[0].proto.popover.disabled
    assert run.state.active
    assert "Cancel this run" in labels(app)


def test_the_settings_of_a_run_are_a_table(open_page: Open, three: list[Run]) -> None:
    table = open_page("train").dataframe[-1].value
    found = dict(zip(table["setting"], table["value"], strict=True))
    assert found["Base model"] == "bundled"
    assert found["Recipe"] == "own"
    assert (found["Sample of documents"], found["Clip"]) == ("all", "1")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0, "0 s"), (48.9, "48 s"), (200, "3:20 min"), (3900, "1:05 h"), (-3, "0 s")],
)
def test_how_long_a_run_took_is_said_shortly(seconds: float | None, words: str) -> None:
    assert run_list.duration(seconds) == words


def test_the_rows_follow_when_a_run_begins_or_ends(
    open_page: Open, db: Database, three: list[Run]
) -> None:
    app = open_page("train")
    button(app, "Start training").click().run()
    assert list(rows(app)["state"])[0] == "queued"
    assert list(rows(app)["took"])[0] == "–"
    runs.claim_next(db)
    assert list(rows(app.run())["state"])[0] == "starting"


def test_of_many_runs_the_newest_are_listed_and_older_ones_are_a_click_away(
    open_page: Open, db: Database, make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [make_run(RunState.DONE) for _ in range(5)]
    monkeypatch.setattr(runs, "LISTED", 2)
    app = open_page("train")
    assert list(rows(app)["run"]) == ["5", "4"]
    app = button(app, "3 older runs").click().run()
    assert list(rows(app)["run"]) == ["5", "4", "3", "2"]
    app = button(app, "1 older run").click().run()
    assert "1 older run" not in labels(app) and len(rows(app)) == 5
    sent = open_page("train")
    sent.session_state[run_list.WATCHED] = made[1].id
    assert list(rows(sent.run())["run"]) == ["5", "4", "3", "2"]
