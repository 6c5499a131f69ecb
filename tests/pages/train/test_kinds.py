"""A kind of run that the pages have never heard of is shown by what its entry says."""

from __future__ import annotations

from collections.abc import Callable

from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, RunState
from tests.engine.jobs.counting import COUNT
from tests.pages.conftest import Open, button, said


def test_another_kind_of_run_is_listed_shown_and_begun_again(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    failed = make_run(RunState.FAILED, "the disk died", kind=COUNT.name, shortest=4)
    app = open_page("train")
    assert list(app.dataframe[0].value["what"]) == ["counts words of 4 characters"]
    assert "Count" in said(app)
    button(app, "Start again").click().run()
    newest = runs.list_runs(db)[0]
    assert (newest.kind, newest.settings) == (COUNT.name, failed.settings)


def test_a_run_that_only_a_newer_version_knows_is_shown_too(
    open_page: Open, db: Database, sample: int
) -> None:
    run = runs.create_run(db, sample, {"base": "bundled"}, "folds")
    runs.set_state(db, run.id, RunState.FAILED, "it was the power")
    assert list(open_page("train").dataframe[0].value["what"]) == ["folds"]
    assert not open_page("home").exception


def test_the_report_page_says_that_it_has_none(
    open_page: Open, make_run: Callable[..., Run]
) -> None:
    run = make_run(RunState.DONE, kind=COUNT.name, shortest=4)
    app = open_page("report")
    app.query_params["run"] = str(run.id)
    assert app.run().info[0].value == "Run 1 counted words and has no report."
