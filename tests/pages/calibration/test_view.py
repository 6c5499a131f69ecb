"""Calibration on the Report page: said in words, and what a threshold would bring."""

from collections.abc import Callable
from dataclasses import replace

from engine.tasks.spans.metrics import scoring
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports
from storage.types import Run, RunState, Split
from tests.pages import reported
from tests.pages.conftest import Open, said


def test_a_threshold_shows_what_surer_predictions_alone_would_bring(
    db: Database, sample: int, make_run: Callable[..., Run], open_page: Open
) -> None:
    run = make_run(RunState.DONE)
    reported.store(db, sample, run.id)
    documents = [d for d in annotations.current(db, sample, Split.TEST) if d.spans]
    surest = [span for document in documents for span in document.spans if span.label == "PER"]
    predicted = [
        [replace(span, score=0.6 + 0.3 * (span.label == "PER")) for span in document.spans]
        for document in documents
    ]
    matches = scoring.match_documents(documents, predicted)
    reports.store_report(db, run.id, reports.get_report(db, run.id) or {}, {Split.TEST: matches})
    app = open_page("report", run=str(run.id), view="Calibration")
    assert "Expected calibration error" in said(app)
    before = {metric.label: metric.value for metric in app.metric}
    app.slider(key="threshold").set_value(0.8).run()
    assert not app.exception, app.exception
    after = {metric.label: metric.value for metric in app.metric}
    assert (int(after["Predicted"]), after["Precision"]) == (len(surest), "1.000")
    assert float(after["Recall"]) < float(before["Recall"]) == 1
    assert before["Entity F1"] == after["Entity F1"], "the report stays as it is"
