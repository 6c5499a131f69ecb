"""The view Next: what is worth a look, and where more would help."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.evaluation.learning_curve import ALL, Curve
from engine.evaluation.suspects import Suspect
from pages.widgets import walk
from storage.database.connection import Database
from storage.runs import reports, runs, suspects
from storage.types import Run, RunKind, RunState, Span
from tests.pages import reported
from tests.pages.conftest import Open, button, labels, said


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


def test_a_run_that_ends_meanwhile_moves_no_row_until_somebody_asks(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run], listed: list
) -> None:
    reported.store(db, sample, make_run(RunState.DONE).id)
    app = open_page("review")
    before = list(listed)
    make_run(RunState.QUEUED)
    assert "New results · Show" not in labels(app.run())
    reports.store_report(db, make_run(RunState.DONE).id, {"dev": None, "test": None}, {})
    suspects.store(
        db, make_run(RunState.DONE, kind=RunKind.CROSS_VALIDATION).id, [suspected(before)]
    )
    assert "New results · Show" in labels(app.run())
    assert listed == before
    button(app, "New results · Show").click().run()
    assert {row.kind for row in listed} > {row.kind for row in before}
    assert "New results · Show" not in labels(app)


def suspected(rows: list[walk.Row]) -> Suspect:
    """Suspect what is given in a row as something else than its report does."""
    given = next(row for row in rows if row.given)
    return Suspect(given.document, None, Span(10_000, 10_001, "PER"), 0.9, "so it is")


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
