"""The report's slices: the costliest first, each opens its errors, one's own among them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from storage.cells import ANY, Cell, Only
from storage.database.connection import Database
from storage.facts import GOLD, Facts, Filter
from storage.finding import own_slices
from storage.finding.search import Search
from storage.runs import match_rows, reports, runs, slices
from storage.types import Run, RunState, Split
from tests.pages import reported
from tests.pages.conftest import Open, button, labels, said

NAMES = ("unseen", "words")


@pytest.fixture
def scored(db: Database, scored: Run) -> Run:
    """The same with slices: its PER are unseen, four of them wrong, and its ORG several words."""
    found = match_rows.by_split(db, scored.id)[Split.TEST]
    labels = {"PER": ["unseen"], "ORG": ["words"]}
    named = [labels.get(each.gold.label, []) if each.gold else [] for each in found]
    slices.store(db, scored.id, NAMES, {Split.TEST: named})
    return scored


def click(app: AppTest, run: Run, place: int, column: str, turn: int = 0) -> AppTest:
    """Click in the table of slices."""
    selection = {"rows": [], "columns": [], "cells": [[place, column]]}
    app.session_state[f"slices-{run.id}-test-{turn}"] = {"selection": selection}
    return app.run()


def test_a_slice_opens_its_errors_and_all_that_is_labelled(
    open_page: Open, db: Database, scored: Run
) -> None:
    app = open_page("report", view="Slices")
    table = app.dataframe[0].value
    assert list(table["title"]) == ["Unseen in training", "Several words"]
    assert list(table["costs"]) == sorted(table["costs"], reverse=True)
    assert table["errors"][0] == 4
    assert app.subheader[0].value == "Unseen in training: 4 errors"
    assert "Nothing with these words is marked in the training documents." in said(app)

    click(app, scored, 1, "f1")
    assert app.query_params["slice"] == "words"
    assert app.subheader[0].value == "Several words: 0 errors"
    click(app, scored, 0, "support")
    part = Cell(scored.id, "test", ANY, only=Only.ALL, filter=Filter(slice="unseen", side=GOLD))
    support = reports.count_cell(db, part)
    assert table["support"][0] == support
    assert app.subheader[0].value == f"Unseen in training: {support} labelled spans"

    button(app, "Tag these").click().run()
    assert app.query_params["queue"].startswith(f"cell/{scored.id}/test/")


def test_the_pages_filter_counts_in_the_table_of_slices_too(
    open_page: Open, db: Database, scored: Run
) -> None:
    facts = {Split.TEST: [Facts() for _ in match_rows.by_split(db, scored.id)[Split.TEST]]}
    match_rows.set_facts(db, scored.id, lambda matches: facts)
    app = open_page("report", view="Slices", filter="label=ORG&slice=words")
    table = app.dataframe[0].value
    assert set(table["title"]) == {"Unseen in training", "Several words"}
    for place, name in enumerate(table["title"]):
        slice_name = NAMES[name == "Several words"]
        asked = Filter(label="ORG", slice=slice_name)
        part = Cell(scored.id, "test", ANY, only=Only.ERRORS, filter=asked)
        assert table["errors"][place] == reports.count_cell(db, part)


@pytest.mark.long
def test_own_slices_stand_among_them_and_are_held_over_the_runs(
    open_page: Open, db: Database, sample: int, scored: Run, make_run: Callable[..., Run]
) -> None:
    digits = own_slices.create(db, sample, "Digits *", Search("[0-9]", regex=True))
    nowhere = own_slices.create(db, sample, "Nowhere", Search("no such words"))
    app = open_page("report", view="Slices", slice=nowhere.key)
    assert list(app.dataframe[0].value["title"])[-1] == "★ Nowhere", "there to be changed"
    assert "No span of the test documents is in it." in said(app)
    assert "Delete slice" in labels(app)
    app = open_page("report", view="Slices", slice=digits.key)
    assert "★ Digits *" in list(app.dataframe[0].value["title"])
    assert app.subheader[0].value.startswith("Digits \\*: ")
    assert "Documents that match now: matching “[0-9]”." in said(app)
    assert len(app.dataframe) == 1, "there is one run"

    other = make_run(RunState.DONE)
    reported.store(db, sample, other.id)
    app = open_page("report", view="Slices", run=str(scored.id))
    over = app.dataframe[1].value
    assert list(over["title"]) == ["Digits *", "Nowhere"]
    assert over[str(scored.id)][0] == over[str(other.id)][0]
    assert [run.id for run in runs.list_runs(db, sample)] == [other.id, scored.id]


def test_what_a_run_cannot_tell_is_said(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run]
) -> None:
    reported.store(db, sample, make_run(RunState.DONE).id)
    app = open_page("report", view="Slices")
    assert "Slices are not there, because the run's data cannot be read." in said(app)
    assert "No slice holds any of these spans." in app.info[0].value
