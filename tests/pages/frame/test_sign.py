"""The sign in the sidebar: what runs, what is done and not yet seen, and when it is silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets.frame import sign
from storage.database.connection import Database
from storage.runs import reports, run_events, runs
from storage.types import Run, RunState
from tests.pages.conftest import REPORT, Open, plain


def links(app: AppTest) -> list[tuple[str, str, str]]:
    """Return the sign's links: label, page, query."""
    found = [link.proto for link in app.sidebar.get("page_link")]
    return [(plain(link.label), link.page, link.query_string) for link in found]


@pytest.fixture
def finish(db: Database) -> Callable[[Run], None]:
    def finish(run: Run) -> None:
        reports.store_report(db, run.id, REPORT, {})
        runs.set_state(db, run.id, RunState.DONE)

    return finish


def test_nothing_is_said_where_nothing_ran(open_page: Open, sample: int) -> None:
    assert links(open_page()) == []


@pytest.mark.parametrize("page", ["home", "data", "tag", "guideline", "train", "try", "settings"])
def test_every_page_says_what_runs_and_how_far_it_is(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run], page: str
) -> None:
    run = make_run(RunState.RUNNING)
    progress = {"kind": "progress", "attempt": 1, "phase": "training", "step": 40, "steps": 100}
    run_events.ingest(db, run.id, 0, 1, [{**progress, "epoch": 1, "epochs": 2}])
    waiting = runs.create_run(db, sample, dict(run.settings))
    assert waiting.number == 2
    app = open_page(page)
    assert links(app)[0][:2] == ("Run 1 · training 40 % · 1 waiting", "train")
    assert links(app)[0][2] == f"project={sample}"


def test_it_asks_often_while_something_lives_and_now_and_then_otherwise(
    open_page: Open, db: Database, make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    fragment = sign.st.fragment

    def watched(function: Callable[..., Any], run_every: Any = None) -> Any:
        # Other parts of the page ask in a rhythm of their own.
        if function.__module__ == sign.__name__:
            asked.append(run_every)
        return fragment(function)

    monkeypatch.setattr(sign.st, "fragment", watched)
    run = make_run(RunState.RUNNING)
    open_page()
    runs.set_state(db, run.id, RunState.DONE)
    open_page()
    assert asked == [sign.REFRESH_SECONDS, sign.IDLE_SECONDS]


def test_a_finished_run_is_named_with_its_f1_until_its_report_was_opened(
    open_page: Open, make_run: Callable[..., Run], finish: Callable[[Run], None]
) -> None:
    run = make_run(RunState.RUNNING)
    finish(run)
    label, page, query = links(open_page("tag"))[0]
    assert (label, page) == ("Run 1 is done: F1 0.72", "report")
    assert query == f"project={run.project_id}&run={run.id}"
    assert links(open_page("report", run=str(run.id))) == []
    assert links(open_page("home")) == []
    second = make_run(RunState.RUNNING)
    finish(second)
    assert links(open_page("home"))[0][0] == "Run 2 is done: F1 0.72"


def test_the_report_of_an_older_run_does_not_hide_it(
    open_page: Open, make_run: Callable[..., Run], finish: Callable[[Run], None]
) -> None:
    older = make_run(RunState.RUNNING)
    finish(older)
    finish(make_run(RunState.RUNNING))
    app = open_page("home")
    app.query_params["run"] = str(older.id)
    assert links(app.switch_page("report.py").run())[0][0] == "Run 2 is done: F1 0.72"


def test_a_failed_run_is_named_until_the_train_page_was_opened(
    open_page: Open, make_run: Callable[..., Run]
) -> None:
    make_run(RunState.FAILED, "the disk is full")
    assert links(open_page())[0][:2] == ("Run 1 failed", "train")
    open_page("train")
    assert links(open_page()) == []


def test_a_cancelled_run_is_no_news(open_page: Open, make_run: Callable[..., Run]) -> None:
    make_run(RunState.CANCELLED)
    assert links(open_page()) == []


def test_a_run_that_another_process_starts_is_noticed_by_the_timer(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    app = open_page("data")
    assert links(app) == []
    run = make_run(RunState.RUNNING)
    assert links(app.run())[0][0] == "Run 1 · starting"
    runs.set_state(db, run.id, RunState.FAILED, "died")
    assert links(app.run())[0][0] == "Run 1 failed"
    runs.delete_run(db, run.id)
    assert links(app.run()) == []
