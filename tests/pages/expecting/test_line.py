"""What a training now should bring, on Home and Tag, its button, and how it is held against it."""

from __future__ import annotations

import pytest

from engine.evaluation.prequential import Expected
from engine.inspection.expectation import Prospect
from pages.widgets.expecting import line
from storage.coaching import coach_run, outcomes
from storage.coaching.outcomes import Outcome
from storage.corpus import documents
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import RunState
from storage.words import CLASSES, SPANS
from tests.pages.conftest import REPORT, Open, button, labels, said

SAID = Expected(0.78, 0.75, 0.81)


@pytest.fixture
def tagged(db: Database, sample: int) -> int:
    """The sample project, with what became of suggestions for sixty sentences."""
    run, ids = coach_run.ensure(db, sample), list(documents.list_ids(db, sample))[:60]
    scores = ((0.9, True), (0.8, True), (0.6, False))
    wrong = [Outcome(id, run, n, scores, 1) for n, id in enumerate(ids[:30])]
    outcomes.put(db, [*wrong, *(Outcome(id, run, 30, scores[:2]) for id in ids[30:])])
    return sample


def test_it_says_how_many_were_changed_and_what_a_training_should_bring():
    whole = line.sentence(Prospect(50, 3, SAID), SPANS)
    assert whole == (
        "Of the last 50 sentences you changed 3 suggestions; a training now is expected at "
        "F1 0.78 ± 0.03."
    )
    assert line.in_short(Prospect(50, 3, SAID), SPANS) == "3 changes · F1 0.78 ± 0.03"
    one = line.sentence(Prospect(20, 1, SAID), CLASSES)
    assert one.startswith("Of the last 20 documents you changed 1 suggestion; ")
    assert one.endswith("at accuracy 0.78 ± 0.03.")
    assert line.sentence(Prospect(20, 0, None), SPANS).endswith("you changed no suggestion.")
    enough = line.sentence(Prospect(50, 2, SAID, enough=True), SPANS)
    assert "more of this kind bring little. Train now" in enough and str(SAID) in enough


@pytest.mark.parametrize("name", ["home", "tag"])
def test_where_nothing_was_suggested_nothing_is_said(
    open_page: Open, sample: int, name: str
) -> None:
    app = open_page(name)
    assert "Of the last" not in said(app) and "Train now" not in labels(app)


@pytest.mark.parametrize("name", ["home", pytest.param("tag", marks=pytest.mark.long)])
def test_its_button_starts_the_training_of_the_form_which_keeps_what_was_said(
    open_page: Open, db: Database, tagged: int, name: str
) -> None:
    app = open_page(name)
    if name == "home":
        assert "Of the last 50 sentences you changed 20 suggestions; a training now" in said(app)
    button(app, "Train now").click().run()
    (run,) = runs.list_runs(db, tagged)
    assert run.settings["recipe"] == "balanced" and run.state is RunState.QUEUED
    expected = Expected.read(run.expected or {})
    assert expected.low < expected.f1 < expected.high and expected.prequential
    assert "Train now" not in labels(app), "one is at work"
    assert f"F1 expected {expected}" in said(open_page("train"))


def test_what_it_brought_stands_beside_it(
    open_page: Open, db: Database, sample: int, make_run
) -> None:
    run = make_run(RunState.RUNNING)
    with db.write() as session:
        runs.required_run(session, run.id).expected = SAID.to_json()
    reports.store_report(db, run.id, REPORT, {})
    runs.set_state(db, run.id, RunState.DONE)
    for name in ("home", "train"):
        assert "expected 0.78 ± 0.03, brought 0.72" in said(open_page(name))
