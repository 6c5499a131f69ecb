"""Focus on this: offered beside the biggest confusion, three steps on every page they lead to."""

from __future__ import annotations

from collections.abc import Callable

from engine.inspection import focusing
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, RunState
from tests.pages import reported
from tests.pages.conftest import Open, button, labels, said


def test_from_the_report_to_the_guideline_to_the_next_run(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run]
) -> None:
    run = make_run(RunState.DONE, recipe="quick")
    reported.store(db, sample, run.id)
    app = open_page("report")
    button(app, "Focus on this").click().run()
    assert "Focus on this" not in labels(app)
    text = said(app)
    assert "1. Mend" in text and "0 of 4 read" in text
    before = projects.get_project(db, sample).guideline
    button(app, "Add to the guideline").click().run()
    guideline = projects.get_project(db, sample).guideline
    assert guideline.startswith(before.rstrip()) and "## `PER` or `ORG`?" in guideline

    app = open_page("train")
    next(b for b in app.button if b.label.startswith("Train again")).click().run()
    (newest, _) = runs.list_runs(db, sample)
    assert newest.note == "Focus: PER → ORG"
    assert "queued" in said(app)
    button(app, "Finish").click().run()
    assert focusing.current(db, sample) is None
