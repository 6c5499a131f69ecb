"""Home proposes the one step that helps most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from engine.runner.changes import Changes
from pages.widgets.common.address import of_cell
from pages.widgets.home.next_step import ProjectSummary, Scored, labelling, next_step, worst_cell
from storage.finding.progress import Progress
from storage.types import Run, RunState, Split, Status

CONFUSION = {"labels": ["LOC", "PER"], "counts": [[5, 1, 0], [3, 9, 2], [0, 1, 0]], "exact": [5, 9]}


def report(value: float, confusion: Mapping, **labels: tuple[float, int]) -> dict:
    """A report with F1 and support of each label."""
    rows = [{"name": name, "f1": f1, "support": n} for name, (f1, n) in labels.items()]
    headline = {"value": value, "support": sum(n for _, n in labels.values())}
    tables = [{"name": "labels", "rows": rows}]
    return {"test": {"headline": headline, "tables": tables, "confusion": confusion}}


REPORT = report(0.8, CONFUSION, LOC=(0.7, 6), PER=(0.9, 14))


def progress(documents: int, done: int) -> Progress:
    by_status = dict.fromkeys(Status, 0) | {
        Status.DONE: done,
        Status.UNTOUCHED: documents - done,
    }
    by_split = {Split.TRAIN: documents, Split.DEV: 0, Split.TEST: 0, None: 0}
    return Progress(documents, by_status, by_split, by_split | {Split.TRAIN: done}, done, {})


def run(state: RunState, message: str = "", number: int = 3) -> Run:
    return Run(7, 1, state, 1, {}, {}, message, "2026-01-01T00:00:00", None, None, number=number)


def project(done: Run | None, report: Mapping = REPORT, **values: Any) -> ProjectSummary:
    scored = [Scored(done, report, "test")] if done else []
    return ProjectSummary(progress(100, 90), 2, done, scored, done, **values)


@pytest.fixture
def finished() -> ProjectSummary:
    """A project whose last run is done and whose labels have not changed since."""
    return project(run(RunState.DONE))


def test_an_empty_project_asks_for_a_file(finished: ProjectSummary) -> None:
    assert next_step(replace(finished, progress=progress(0, 0))).page == "data.py"


def test_a_project_without_labels_asks_for_them(finished: ProjectSummary) -> None:
    step = next_step(replace(finished, labels=0))
    assert (step.page, step.params) == ("data.py", {"section": "Labels"})


def test_too_few_done_sentences_mean_tagging() -> None:
    step = next_step(replace(project(None), progress=progress(100, 3)))
    assert step.page == "tag.py"
    assert "17 more sentences" in step.why


def test_enough_done_sentences_mean_a_first_run() -> None:
    assert next_step(project(None)).page == "train.py"


def test_who_may_not_train_is_told_what_there_is_to_label() -> None:
    step = labelling(project(None))
    assert (step.page, step.why) == ("tag.py", "10 sentences to do.")
    done = replace(project(None), progress=progress(100, 100))
    assert labelling(done).why == "All sentences are done."
    assert labelling(replace(project(None), labels=0)) is None


def test_while_a_run_trains_one_tags_on(finished: ProjectSummary) -> None:
    step = next_step(replace(finished, last_run=run(RunState.RUNNING, number=4)))
    assert (step.page, step.why.split(" is ")[0]) == ("tag.py", "Run 4")


def test_a_failed_run_is_named_with_its_reason(finished: ProjectSummary) -> None:
    step = next_step(replace(finished, last_run=run(RunState.FAILED, "the disk is full.", 4)))
    assert (step.page, step.why) == ("train.py", "Run 4 failed: the disk is full.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (Changes(mended=1), "1 sentence was mended since run 3: train again."),
        (Changes(mended=2), "2 sentences were mended since run 3: train again."),
        (Changes(added=1), "1 sentence became done since run 3: train again."),
        (Changes(2, 30), "2 sentences were mended and 30 became done since run 3: train again."),
    ],
)
def test_what_changed_is_said_and_means_training_again(
    finished: ProjectSummary, changes: Changes, words: str
) -> None:
    step = next_step(replace(finished, changes=changes))
    assert (step.page, step.why) == ("train.py", words)


def test_otherwise_the_weakest_label_is_mended_in_the_tagger(finished: ProjectSummary) -> None:
    step = next_step(finished)
    assert (step.page, step.action) == ("tag.py", "Mend LOC")
    assert step.params == {"queue": "cell/7/test/PER/LOC"}


def test_the_report_shows_the_same_sentences(finished: ProjectSummary) -> None:
    assert of_cell(worst_cell(finished)) == {
        "run": "7",
        "split": "test",
        "gold": "PER",
        "predicted": "LOC",
    }


def test_wrong_borders_are_no_cell_of_their_own() -> None:
    counts = {"labels": ["LOC"], "counts": [[6, 0], [0, 0]], "exact": [2]}
    state = project(run(RunState.DONE), report(0.3, counts, LOC=(0.3, 6)))
    assert next_step(state).params == {"queue": "cell/7/test/LOC/LOC/borders"}
    assert of_cell(worst_cell(state))["only"] == "borders"


def test_without_errors_one_tags_more() -> None:
    clean = {"labels": ["LOC"], "counts": [[6, 0], [0, 0]], "exact": [6]}
    state = project(run(RunState.DONE), report(1.0, clean, LOC=(1.0, 6)))
    assert (next_step(state).page, state.weakest) == ("tag.py", None)


def test_the_weakest_label_is_told_with_its_two_most_frequent_mistakes(
    finished: ProjectSummary,
) -> None:
    assert finished.weakest.label == "LOC"
    assert finished.weakest.sentence == (
        "LOC is weakest: of 6 spans, 1 was taken for PER; 3 PER were taken for LOC."
    )
