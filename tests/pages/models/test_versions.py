"""Versions on Models: candidate and live with a note, compared, rolled back, kept as history."""

from __future__ import annotations

import shutil
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from engine.runner import models
from engine.serving import promoting
from pages.access import session
from pages.widgets.common import run_picker
from storage.accounts import accounts
from storage.database.connection import Database
from storage.permissions import Role
from storage.serving import versions
from storage.types import Stage
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open, button, labels, plain, said
from tests.pages.models.conftest import Train, model_of

HOSTILE = "<b>better</b> **LOC** $x$"


def table(app: AppTest, at: int = 0) -> list[dict]:
    return app.dataframe[at].value.to_dict("records")


def note(app: AppTest):
    return next(field for field in app.text_input if field.label.startswith("Why "))


def links(app: AppTest) -> dict[str, str]:
    return {each.proto.label: each.proto.query_string for each in app.get("page_link")}


def test_without_a_model_the_page_says_what_to_do(open_page: Open, sample: int) -> None:
    app = open_page("models")
    assert "There is no model yet" in app.info[0].value and not app.dataframe


def test_a_run_becomes_candidate_then_live_and_the_history_says_why(
    open_page: Open, db: Database, sample: int, train: Train
) -> None:
    first, second = train(0.7), train(0.8)
    promoting.promote(db, first.id, Stage.LIVE, "the first")
    app = open_page("models")
    assert "F1 0.700 on test, 20 spans" in plain(said(app))
    assert [row["run"] for row in table(app)] == ["2", "1"]
    note(app).set_value(HOSTILE).run()
    button(app, "Make candidate").click().run()
    assert versions.candidate(db, sample).run_id == second.id
    assert note(app).value == "", "the note counts once"
    assert HOSTILE in plain(said(app)) and button(app, "Make candidate").disabled
    assert links(app)[f"Compare with {first.title}, live"] == f"a={first.id}&b={second.id}"
    button(app, "Make live").click().run()
    assert versions.live(db, sample).run_id == second.id
    assert [row["stage"] for row in table(app)] == ["live", "former"]
    assert links(app)[f"Compare with {first.title}, former"] == f"a={first.id}&b={second.id}"
    history = table(app, 1)
    assert [row["what"] for row in history] == ["Run 2 live", "Run 2 candidate", "Run 1 live"]
    assert [row["why"] for row in history] == ["", HOSTILE, "the first"]


def test_what_scored_worse_than_the_live_one_is_said_before_the_click(
    open_page: Open, db: Database, sample: int, train: Train
) -> None:
    first, second = train(0.7), train(0.6)
    promoting.promote(db, first.id, Stage.LIVE)
    app = open_page("models")
    assert "Run 2 has F1 0.600 on test, 20 spans; Run 1, which is live, F1 0.700" in said(app)
    promoting.promote(db, second.id, Stage.LIVE)
    assert "which is live" not in said(open_page("models", run=str(first.id)))


def test_rolling_back_says_which_one_is_live_again(
    open_page: Open, db: Database, sample: int, train: Train
) -> None:
    first, second = train(0.7), train(0.8)
    promoting.promote(db, first.id, Stage.LIVE)
    assert "Roll back" not in str(open_page("models").main), "there is nothing to go back to"
    promoting.promote(db, second.id, Stage.LIVE)
    app = open_page("models")
    assert "Run 1** is live again then; Run 2 stays here" in plain(said(app))
    app.text_area[0].set_value("worse on LOC").run()
    button(app, "Make Run 1 live again").click().run()
    assert versions.live(db, sample).run_id == first.id
    row = table(app, 1)[0]
    assert (row["what"], row["why"]) == ("Run 1 live again", "worse on LOC")
    assert "Make Run 2 live again" not in labels(app)


def test_a_model_whose_files_changed_is_named_and_what_was_typed_stays(
    open_page: Open, db: Database, sample: int, train: Train
) -> None:
    first, second = train(0.7), train(0.8)
    promoting.promote(db, first.id, Stage.LIVE)
    app = open_page("models")
    assert not app.error
    (model_of(first) / "model.safetensors").write_bytes(b"others")
    app.run()
    assert "model.safetensors is missing or damaged" in plain(app.error[0].value)
    (model_of(second) / "model.safetensors").unlink()
    note(app).set_value("because").run()
    button(app, "Make live").click().run()
    assert "missing or damaged" in plain(app.error[1].value)
    assert note(app).value == "because" and versions.live(db, sample).run_id == first.id


def test_the_run_in_the_address_is_chosen_and_each_keeps_its_note(
    open_page: Open, db: Database, sample: int, train: Train
) -> None:
    first, second = train(0.7), train(0.8)
    app = open_page("models", run=str(first.id))
    assert note(app).label == f"Why {first.title}"
    note(app).set_value("old but good").run()
    key = next(each.key for each in app.dataframe if each.key)
    app.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert note(app).label == f"Why {second.title}" and note(app).value == ""
    app.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    assert note(app.run()).value == "old but good"


def test_what_cannot_come_back_is_said_before_the_click(
    open_page: Open, db: Database, sample: int, train: Train
) -> None:
    first, second = train(0.7), train(0.8)
    promoting.promote(db, first.id, Stage.LIVE)
    promoting.promote(db, second.id, Stage.LIVE)
    shutil.rmtree(model_of(first))
    shutil.copytree(model_of(second), model_of(first))
    app = open_page("models", run=str(first.id))
    changed = "The model of Run 1 is not the one that was promoted"
    assert changed in plain(app.error[0].value), "beside the way back"
    assert button(app, "Make Run 1 live again").disabled
    assert changed in plain(app.warning[0].value), "beside its row, where it can be promoted anew"
    button(app, "Make live").click().run()
    assert versions.live(db, sample).run_id == first.id and not app.error


def test_of_many_runs_what_was_promoted_is_never_missing(
    open_page: Open, db: Database, sample: int, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, newest = train(0.7), train(0.8), train(0.9)
    promoting.promote(db, first.id, Stage.LIVE)
    promoting.promote(db, second.id, Stage.LIVE)
    monkeypatch.setattr(run_picker, "having_models", partial(models, most=1))
    assert [row["run"] for row in table(open_page("models"))] == ["3", "2", "1"]
    (box,) = [each for each in open_page("report").selectbox if each.label == "Run"]
    assert [each[:5] for each in box.options] == [newest.title, second.title]


@pytest.mark.parametrize(
    "role", [pytest.param(Role.ANNOTATOR, marks=pytest.mark.long), Role.REVIEWER]
)
def test_who_may_not_serve_reads_all_of_it_and_changes_nothing(
    open_page: Open,
    db: Database,
    sample: int,
    train: Train,
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
) -> None:
    promoting.promote(db, train(0.7).id, Stage.LIVE)
    promoting.promote(db, train(0.8).id, Stage.LIVE, "better")
    accounts.add(db, "Ada", Role.ADMIN)
    accounts.add(db, "Bob", role)
    token = begin(db, "Bob")
    monkeypatch.setattr(session, "token", lambda: token)
    app = open_page("models")
    assert "better" in plain(said(app))
    for label in ("Make candidate", "Make live"):
        assert button(app, label).disabled
        assert "ask an admin" in plain(button(app, label).help)
    assert button(open_page("models", view="Service"), "Make a key").disabled
    assert open_page("models", view="From production").toggle[0].disabled


def test_the_live_run_is_marked_and_cannot_be_deleted(
    open_page: Open, db: Database, sample: int, train: Train
) -> None:
    run = train(0.7)
    promoting.promote(db, run.id, Stage.LIVE)
    app = open_page("train")
    assert [row["state"] for row in table(app)] == ["live"]
    button(app, "Delete Run 1 for good").click().run()
    assert "Run 1 is live: promote another run, or roll back" in plain(app.error[0].value)
    assert "Run 1 is live" in said(open_page("home"))
    (runs,) = [box for box in open_page("report").selectbox if box.label == "Run"]
    assert "· live ·" in plain(runs.options[0])
