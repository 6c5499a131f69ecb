"""Runs on the Train page: their progress, what can be done with them, curves, searches."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.runs.events import Events
from engine.tasks.spans.metrics import scoring
from storage import home
from storage.database.connection import Database
from storage.runs import reports, run_events, runs
from storage.types import Document, Run, RunKind, RunState, Span
from tests.pages.conftest import Open, button, labels, plain, said


def newest(db: Database) -> Run:
    return runs.list_runs(db)[0]


def value(app: AppTest, project: int, name: str) -> object:
    """Return what the form holds for a setting."""
    return app.number_input(key=f"set-{project}-{name}").value


@pytest.mark.parametrize(
    "state", [RunState.FAILED, pytest.param(RunState.CANCELLED, marks=pytest.mark.long)]
)
def test_a_run_that_has_a_checkpoint_can_be_resumed(
    open_page: Open, db: Database, make_run: Callable[..., Run], state: RunState
) -> None:
    run = make_run(state, "the disk died")
    assert "Resume" not in labels(open_page("train"))
    checkpoint = home.run_folder(run.folder) / "checkpoints" / "000004"
    checkpoint.mkdir(parents=True)
    app = open_page("train")
    assert "Resume" not in labels(app), "a checkpoint without a manifest is none"
    (checkpoint / "MANIFEST.json").write_text("{}")
    app.run()
    button(app, "Resume").click().run()
    assert [r.id for r in runs.list_runs(db)] == [run.id], "no new run"
    assert newest(db).state is RunState.QUEUED


def test_the_train_page_of_a_damaged_run_says_what_is_wrong(
    open_page: Open, make_run: Callable[..., Run]
) -> None:
    run = make_run(RunState.FAILED, "The file a/report.json cannot be read (Expecting value).")
    (home.run_folder(run.folder) / "events.jsonl").mkdir()
    app = open_page("train")
    assert "a/report.json cannot be read" in plain(app.error[0].value)
    assert "events.jsonl is a folder, and should be a file" in said(app)


def test_a_queued_run_says_what_it_waits_for_and_never_what_is_not_there(
    open_page: Open, db: Database, make_run: Callable[..., Run], sample: int
) -> None:
    queued = runs.create_run(db, sample, {"base": "bundled", "device": "cpu"})
    lock = db.runner_lock()
    lock.acquire()
    assert "Nothing is before it: it starts in a moment." in said(open_page("train"))
    runs.set_state(db, queued.id, RunState.CANCELLED)
    first = make_run()
    runs.create_run(db, sample, {"base": "bundled", "device": "cpu"})
    assert f"Waits for {first.title}, which is training." in said(open_page("train"))
    lock.release()


def test_start_again_makes_a_new_run_with_the_same_settings(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run(RunState.FAILED, "died", epochs=2)
    button(open_page("train"), "Start again").click().run()
    assert newest(db).id != run.id
    assert newest(db).settings == run.settings


def test_a_living_run_can_be_stopped_with_its_best_or_cancelled(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    app = open_page("train")
    assert "Cancel this run" in labels(app)
    button(app, "Stop and keep the best").click().run()
    assert runs.cancel_requested(db, run.id)
    assert runs.cancel_keeps(db, run.id)


def progress(**values: object) -> dict:
    known = {"phase": "training", "epoch": 2, "epochs": 5, "step": 3, "steps": 50, "loss": 0.5}
    return {"kind": "progress", "attempt": 1, **known, **values}


def test_the_progress_of_several_seeds_names_the_seed(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    run_events.ingest(db, run.id, 0, 1, [progress(member=2, members=3)])
    text = open_page("train").get("progress")[0].proto.text
    assert "seed 2 of 3 · epoch 2/5" in text


def test_a_run_that_waits_for_disk_space_says_how_much(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    sentence = "The checkpoint needs 90 MB, the disk has 12 MB."
    waiting = progress(phase="waiting for disk space", message=sentence)
    run_events.ingest(db, run.id, 0, 1, [waiting])
    assert [plain(w.value) for w in open_page("train").warning] == [sentence]


def test_what_the_runner_says_about_a_living_run_is_a_warning(
    open_page: Open, make_run: Callable[..., Run]
) -> None:
    make_run(message="The worker has been silent for 90 seconds.")
    app = open_page("train")
    assert "silent for 90 seconds" in app.warning[0].value


def test_a_second_attempt_is_shown(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    assert "Attempt" not in said(open_page("train"))
    runs.requeue(db, run.id)
    runs.claim_next(db)
    assert "Attempt 2" in said(open_page("train"))


def charts(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def metric(epoch: int, member: int = 1, within: int | None = None) -> dict:
    dev = {"f1": 0.1 * epoch}
    event = {"kind": "metric", "attempt": 1, "epoch": epoch, "loss": 1 / epoch, "dev": dev}
    return event | {"member": member, "within": within or epoch, "seconds": 2.0 * epoch}


def test_there_is_one_chart_of_loss_and_one_of_f1(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    run_events.ingest(db, run.id, 0, 1, [metric(1), metric(2)])
    drawn = [chart["layer"][0]["encoding"] for chart in charts(open_page("train"))]
    assert [(each["x"]["field"], each["y"]["field"]) for each in drawn] == [
        ("epoch", "loss"),
        ("epoch", "f1"),
    ]


def test_every_seed_has_a_line_of_its_own(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run(seeds=2)
    run_events.ingest(db, run.id, 0, 1, [metric(1), metric(2), metric(3, 2, 1), metric(4, 2, 2)])
    assert "color" in charts(open_page("train"))[1]["layer"][0]["encoding"]


TRIALS = (
    (0, "complete", 1e-4, 8, 0.41),
    (1, "pruned", 1e-2, 8, 0.02),
    (2, "complete", 6e-4, 16, 0.63),
    (3, "running", 5e-4, 4, None),
)


@pytest.fixture
def search(make_run: Callable[..., Run]) -> Run:
    """A search that is done, with its trials in the folder as a worker leaves them."""
    run = make_run(kind=RunKind.SEARCH, trials=4)
    events = Events(home.run_folder(run.folder))
    for number, state, rate, batch, f1 in TRIALS:
        tried = {"learning_rate": rate, "batch_size": batch, "epochs": 6}
        events.write("trial", number=number, state="running", settings=tried)
        if state != "running":
            told = {"settings": tried, "f1": f1, "epochs": 6, "seconds": 3.5}
            events.write("trial", number=number, state=state, **told)
    events.close()
    return run


def finish(db: Database, run: Run) -> None:
    """End the search as the runner does."""
    report: dict[str, Any] = {"trials": [], "best": {}, "dev": None, "test": None}
    reports.store_report(db, run.id, report, {})
    runs.set_state(db, run.id, RunState.DONE)


def test_the_trials_of_a_search_are_rows_and_the_best_is_named(
    open_page: Open, search: Run
) -> None:
    table = open_page("train").dataframe[1].value
    assert list(table["number"]) == [0, 1, 2, 3]
    assert list(table["note"]) == ["complete", "pruned", "best so far", "running"]
    assert list(table["learning_rate"]) == [1e-4, 1e-2, 6e-4, 5e-4]
    assert list(table["f1"].dropna()) == [0.41, 0.02, 0.63]


def test_trials_are_drawn_by_number_and_by_rate_on_a_log_axis(open_page: Open, search: Run) -> None:
    scales = [chart["encoding"]["x"]["scale"]["type"] for chart in charts(open_page("train"))]
    assert scales == ["linear", "log"]


def test_the_best_trials_settings_fill_the_form(
    open_page: Open, db: Database, sample: int, search: Run
) -> None:
    finish(db, search)
    app = open_page("train")
    button(app, "Use these settings").click().run()
    assert value(app, sample, "learning_rate") == 6e-4
    assert value(app, sample, "batch_size") == 16
    assert "changed from balanced" in said(app)
    button(app, "Start training").click().run()
    fresh = newest(db)
    assert (fresh.settings["recipe"], fresh.settings["learning_rate"]) == ("", 6e-4)
    assert not fresh.settings.get("trials")


def test_a_click_into_a_row_chooses_that_trial(
    open_page: Open, db: Database, sample: int, search: Run
) -> None:
    finish(db, search)
    app = open_page("train")
    assert "Trial 2 (the best so far, dev F1 0.630)" in said(app)
    click = {"selection": {"rows": [], "columns": [], "cells": [[0, "f1"]]}}
    app.session_state[f"trials-{search.id}"] = click
    assert "Trial 0 (complete, dev F1 0.410)" in said(app.run())
    button(app, "Use these settings").click().run()
    assert value(app, sample, "learning_rate") == 1e-4


def test_a_search_is_no_model_and_has_no_report(open_page: Open, db: Database, search: Run) -> None:
    finish(db, search)
    app = open_page("report")
    assert "No run has finished yet" in app.info[0].value
    app.query_params["run"] = str(search.id)
    assert "is a search" in app.run().info[0].value


def test_a_report_over_several_seeds_gives_mean_and_deviation(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    right = Document("Oslo sleeps", ((0, 4), (5, 11)), (Span(0, 4, "LOC"),))
    report: dict[str, Any] = {
        "test": scoring.score([right], [right.spans]),
        "dev": None,
        "best_epoch": 4,
        "epochs": 5,
        "train_documents": 10,
        "device": "cpu",
        "seeds": [
            {
                "seed": 13,
                "kept": False,
                "dev": 0.6,
                "test": 0.59,
                "best_epoch": 4,
                "train_seconds": 10.0,
            },
            {
                "seed": 14,
                "kept": True,
                "dev": 0.62,
                "test": 0.61,
                "best_epoch": 5,
                "train_seconds": 11.0,
            },
        ],
        "mean": {
            "dev": {"mean": 0.61, "deviation": 0.0141},
            "test": {"mean": 0.6, "deviation": 0.0141},
        },
    }
    reports.store_report(db, run.id, report, {})
    runs.set_state(db, run.id, RunState.DONE)
    app = open_page("report")
    assert "dev F1 0.610 ± 0.014, test F1 0.600 ± 0.014 over 2 seeds" in said(app)
    assert list(app.dataframe[0].value["note"].fillna("")) == ["", "kept"]


def test_a_finished_run_leads_to_a_comparison_with_the_one_before(
    open_page: Open, make_run: Callable[..., Run]
) -> None:
    make_run(RunState.DONE)
    make_run(RunState.DONE)
    links = [each.proto.label for each in open_page("train").get("page_link")]
    assert "Compare with Run 1" in links
