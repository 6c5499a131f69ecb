"""A model's suggestions on the pages: told in plain words, and never taken for a training."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pages.widgets.home import next_step
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import reports, run_events, runs
from storage.types import Run, RunKind, RunState
from tests.pages.conftest import Open, button, labels, plain, said


@pytest.fixture
def trained(make_run: Callable[..., Run]) -> Run:
    return make_run(RunState.DONE, "F1 0.500 on dev.", recipe="quick")


@pytest.fixture
def suggesting(db: Database, make_run: Callable[..., Run], trained: Run) -> Run:
    """A model that has read some of the documents."""
    run = make_run(kind=RunKind.SUGGESTIONS, model_of=trained.id)
    progress = {"kind": "progress", "attempt": 1, "phase": "reading", "step": 300, "steps": 1200}
    run_events.ingest(
        db, run.id, 0, 1, [{**progress, "words_per_second": 2500.0, "seconds_left": 61.0}]
    )
    return runs.get_run(db, run.id)


def test_the_train_page_shows_the_training_and_lists_the_suggestions(
    open_page: Open, trained: Run, suggesting: Run
) -> None:
    app = open_page("train")
    rows = app.dataframe[0].value
    assert list(rows["what"]) == ["suggestions by run 1", "quick"]
    assert app.session_state["shown_run"] == trained.id


def test_they_tell_how_far_they_are_and_can_be_cancelled(
    open_page: Open, db: Database, suggesting: Run
) -> None:
    app = open_page("train")
    app.session_state["watched"] = suggesting.id
    app.run()
    text = app.get("progress")[0].proto.text
    assert text == "reading · document 300 of 1,200 · 1:01 min left · 2,500 words/s"
    assert "Suggestions" in said(app)
    assert "Stop and keep the best" not in labels(app), "there is no model to keep"
    button(app, "Cancel this run").click().run()
    assert runs.cancel_requested(db, suggesting.id)


def test_a_finished_training_can_make_suggestions_again(
    open_page: Open, db: Database, trained: Run
) -> None:
    button(open_page("train"), "Look at the documents again").click().run()
    newest = runs.list_runs(db)[0]
    assert (newest.kind, newest.model_of) == (RunKind.SUGGESTIONS, trained.id)


def test_suggestions_that_failed_are_begun_again_as_such(
    open_page: Open, db: Database, suggesting: Run, trained: Run
) -> None:
    runs.set_state(db, suggesting.id, RunState.FAILED, "the disk died")
    app = open_page("train")
    app.session_state["watched"] = suggesting.id
    button(app.run(), "Start again").click().run()
    newest = runs.list_runs(db)[0]
    assert newest.id != suggesting.id
    assert newest.model_of == trained.id


def test_suggestions_have_no_report(
    open_page: Open, db: Database, suggesting: Run, trained: Run
) -> None:
    runs.set_state(db, suggesting.id, RunState.DONE)
    reports.store_report(db, trained.id, {"dev": None, "test": None}, {})
    app = open_page("report")
    assert [plain(option) for option in app.selectbox[0].options][0].startswith("Run 1 ")
    app.query_params["run"] = str(suggesting.id)
    assert "made suggestions and has no report" in app.run().info[0].value


def test_nobody_is_asked_to_wait_for_suggestions(
    db: Database, sample: int, suggesting: Run, trained: Run
) -> None:
    found = next_step.read(db, projects.get_project(db, sample))
    assert (found.last_run.id, found.learned.id) == (trained.id, trained.id)
