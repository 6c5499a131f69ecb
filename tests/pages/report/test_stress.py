"""Stress tests on the report: failure rates that open the texts, and similar texts of errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from pages.routes import gate, routes
from pages.widgets.walk import payload
from pages.widgets.walk.payload import Listed
from pages.widgets.walk.rows import Row
from storage.corpus import projects
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.runs import inspections, reports, runs
from storage.runs.inspections import FailingText
from storage.types import Document, Neighbour, Run, RunKind, RunState, Source, Span, Split
from tests.pages.conftest import Open, button, labels, plain, said

RATE = {"marks": 40, "failures": 3, "texts": 2}
NONE = {"marks": 10, "failures": 0, "texts": 0}
TESTS: list[dict[str, Any]] = [
    {"test": "upper", "documents": 20, **NONE, "labels": {"PER": NONE}},
    {"test": "typo", "documents": 30, **RATE, "labels": {"LOC": NONE, "PER": RATE}},
    {"test": "of a newer version", "documents": 5, **NONE, "labels": {"PER": NONE}},
]
FOUND = {
    "stress": {"split": "dev", "documents": 30, "of": 60, "results": TESTS},
    "overlap": {
        **{"base": "tiny", "labels": ["LOC", "ORG", "PER"], "marks": [9, 9, 9]},
        "shares": [[0.8, 0.1, 0.1], [0.1, 0.5, 0.4], [0.1, 0.2, 0.7]],
    },
    "neighbours": {"documents": 1, "train": 300, "of": 300, "close": 0.4},
}


@pytest.fixture
def texts(db: Database, sample: int) -> list[Document]:
    """The first documents of dev with a person in them."""
    dev = journal.current(db, sample, Split.DEV)
    return [d for d in dev if any(span.label == "PER" for span in d.spans)][:2]


@pytest.fixture
def inspected(
    db: Database, scored: Run, texts: list[Document], make_run: Callable[..., Run]
) -> Run:
    """The same run after a look that found two failing texts and what is like the first."""
    look = make_run(RunState.DONE, kind=RunKind.INSPECTION, model_of=scored.id)
    failing = [
        FailingText(d.id or 0, "typo", f"<b>{d.text}", (moved,), (replaced,) if at else ())
        for at, d in enumerate(texts)
        for person in [next(span for span in d.spans if span.label == "PER")]
        for moved in [Span(person.start + 3, person.end + 3, "PER")]
        for replaced in [Span(moved.start, moved.end, "ORG", source=Source.MODEL, score=0.4)]
    ]
    train = [d.id or 0 for d in journal.current(db, scored.project_id, Split.TRAIN) if d.spans][:3]
    near = [Neighbour(texts[0].id or 0, rank, id, 1 - rank / 4) for rank, id in enumerate(train)]
    inspections.store(db, scored.id, near, failing)
    reports.store_report(db, look.id, FOUND, {})
    return scored


def test_who_has_not_looked_is_told_what_a_look_brings_and_starts_one(
    open_page: Open, db: Database, scored: Run
) -> None:
    app = open_page("report", view="Stress tests")
    assert "Nobody has looked closer at this model yet." in app.info[0].value
    assert "less than a minute" in app.info[0].value
    button(app, "Inspect this model").click().run()
    (look,) = [run for run in runs.list_runs(db) if run.kind == RunKind.INSPECTION]
    assert (look.model_of, look.state) == (scored.id, RunState.QUEUED)
    assert "The look at this model waits." in said(app)
    assert "Inspect this model" not in labels(app)

    runs.set_state(db, look.id, RunState.FAILED, "No *room* left.")
    app = open_page("report", view="Stress tests")
    assert plain(app.error[0].value) == "The last look failed: No *room* left."


def test_a_share_opens_the_texts_that_it_counts(
    open_page: Open, inspected: Run, texts: list[Document]
) -> None:
    app = open_page("report", view="Stress tests")
    rates, overlap = (table.value for table in app.dataframe)
    assert list(rates["test"]) == ["Typo beside it", "CAPITALS", "of a newer version"]
    assert rates["All"][0] == 7.5 and rates["label LOC"].isna().tolist() == [False, True, True]
    assert overlap["pair"][0] == "ORG and PER" and overlap["overlap"][0] == pytest.approx(30)
    assert overlap["confused"][0] == 4
    assert "on 30 of 60 dev documents" in said(app)

    # The test that fails most is open from the start.
    assert plain(app.subheader[0].value) == "Typo beside it · all labels"
    assert "3 of 40 marks lost, 8% (95 %: 3% to 20%), in 2 of 30 changed texts." in said(app)
    assert labels(app).count("Open") == 2
    drawn = "".join(each.proto.body for each in app.get("html"))
    assert "&lt;b&gt;" in drawn and "<b>" not in drawn

    click(app, inspected, 1, "label PER")
    assert app.query_params["stress"] == "upper/PER"
    assert plain(app.subheader[0].value) == "CAPITALS · PER"
    assert "0 of 10 marks lost" in said(app) and "So few marks say little." in said(app)
    assert labels(app).count("Open") == 0
    click(app, inspected, 0, "label PER")
    button(app, "Open").click().run()
    assert app.query_params["document"] == str(texts[0].id)


def click(app: AppTest, run: Run, place: int, column: str) -> AppTest:
    """Click in the table of shares."""
    selection = {"rows": [], "columns": [], "cells": [[place, column]]}
    app.session_state[f"stress-{run.id}-test-0"] = {"selection": selection}
    return app.run()


def test_a_cell_says_how_far_its_labels_overlap(open_page: Open, inspected: Run) -> None:
    words = said(open_page("report", gold="PER", predicted="ORG"))
    assert "In train 30% of their nearest neighbours have the other label." in words


def test_a_row_has_similar_texts_where_a_look_found_them(
    db: Database, inspected: Run, texts: list[Document]
) -> None:
    project = projects.get_project(db, inspected.project_id)
    rows = [Row(f"r{d.id}", d.id or 0, Span(0, 3, "PER"), None) for d in texts]
    sent = payload.describe(project, Listed("list", rows, 1, 1, rows, "", inspected))
    assert [row["like"] for row in sent["rows"]] == [True, False]
    asked = {"token": gate.sign("ada", project.id), "document": texts[0].id}
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as client:
        answer = client.post("/api/similar", json={**asked, "run": sent["run"]})
        found = answer.json()["texts"]
        assert [each["similarity"] for each in found] == [1, 0.75, 0.5]
        assert all(each["text"] and each["name"] for each in found)
        assert all(each["marks"] for each in found)
        assert client.post("/api/similar", json={**asked, "run": "1"}).status_code == 400
        other = projects.create_project(db, "other").id
        lone = runs.create_run(db, other, {})
        assert client.post("/api/similar", json={**asked, "run": lone.id}).status_code == 404
