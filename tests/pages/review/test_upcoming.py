"""The view Next: what is worth a look, and where more would help."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.evaluation.learning_curve import ALL, Curve
from pages.widgets import walk
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import Run, RunKind, RunState
from tests.pages import reported
from tests.pages.conftest import Open, button, said


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[walk.Row]:
    """The rows that the page hands to the list, the newest call's."""
    rows: list[walk.Row] = []

    def show(project, given, *, key, queue) -> None:
        rows[:] = given

    monkeypatch.setattr(walk, "show", show)
    return rows


def drawn(db: Database, run: Run) -> None:
    """Give a run the report of a curve: PER grows, ORG has too few marks."""
    laws = np.repeat(np.array([[2.0, 0.5, 0.0]]), 4, axis=0)
    sizes, f1 = (50, 100, 200), (0.72, 0.8, 0.86)
    found = {
        "ORG": Curve("ORG", sizes, f1, 3, laws, 0.01),
        "PER": Curve("PER", sizes, f1, 80, laws, 0.01),
        ALL: Curve(ALL, sizes, f1, 90, laws, 0.01),
    }
    told = {label: curve.to_json() for label, curve in found.items()}
    own = {"recipe": "quick", "seconds": [9.0], "total_seconds": 300.0, "slopes": {"PER": 0.0004}}
    report = {"curves": told, "data": {"dev": {}}, "dev": None, "test": None, **own}
    reports.store_report(db, run.id, report, {})


def test_errors_come_with_their_reason_and_what_they_are_worth(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run], listed: list
) -> None:
    reported.store(db, sample, make_run(RunState.DONE).id)
    drawn(db, make_run(RunState.DONE, kind=RunKind.LEARNING_CURVE, repeats=1))
    app = open_page("review")
    assert {row.kind for row in listed} == {"error"}
    assert any("you said PER, the model says ORG. Worth about" in row.reason for row in listed)
    text = said(app)
    assert "100 more documents with PER should bring" in text
    assert "dev has only 3 marks of ORG" in text
    assert button(app, "Draw it anew")


def test_without_a_run_both_sides_say_what_to_do(open_page: Open, sample: int) -> None:
    app = open_page("review")
    assert "train a model" in app.info[0].value
    assert "minute" in said(app)


def test_a_curve_begins_with_the_button_and_ends_with_the_other(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("review")
    button(app, "Draw the learning curve").click().run()
    (run,) = runs.list_runs(db, sample)
    assert (run.kind, run.settings["recipe"], run.settings["repeats"]) == (
        RunKind.LEARNING_CURVE,
        "quick",
        2,
    )
    button(app, "Stop").click().run()
    assert runs.get_run(db, run.id).state is RunState.CANCELLED
