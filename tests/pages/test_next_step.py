"""Home proposes the one step that helps most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages.widgets.loop import Standing, next_step
from storage.projects import Progress
from storage.types import Run, RunState, Split, Status

CONFUSION = {"labels": ["LOC", "PER"], "counts": [[5, 1, 0], [3, 9, 2], [0, 1, 0]], "exact": [5, 9]}
ENTITY = {
    "micro": {"f1": 0.8},
    "labels": {"LOC": {"f1": 0.7, "support": 6}, "PER": {"f1": 0.9, "support": 14}},
}
REPORT = {"test": {"entity": ENTITY, "confusion": CONFUSION}}


def progress(documents: int, done: int) -> Progress:
    by_status = dict.fromkeys(Status, 0) | {
        Status.DONE: done,
        Status.UNTOUCHED: documents - done,
    }
    by_split = {Split.TRAIN: documents, Split.DEV: 0, Split.TEST: 0, None: 0}
    return Progress(documents, by_status, by_split, by_split | {Split.TRAIN: done}, done, {})


def run(state: RunState, message: str = "") -> Run:
    return Run(7, 1, state, 1, {}, {}, message, "2026-01-01T00:00:00", None, None)


@pytest.fixture
def finished() -> Standing:
    """A project whose last run is done and whose labels have not changed since."""
    done = run(RunState.DONE)
    return Standing(progress(100, 90), 2, done, done, REPORT, "test", 0)


def test_an_empty_project_asks_for_a_file(finished: Standing) -> None:
    assert next_step(replace(finished, progress=progress(0, 0))).page == "data.py"


def test_a_project_without_labels_asks_for_them(finished: Standing) -> None:
    step = next_step(replace(finished, labels=0))
    assert (step.page, step.params) == ("data.py", {"section": "Labels"})


def test_too_few_done_sentences_mean_tagging(finished: Standing) -> None:
    step = next_step(replace(finished, progress=progress(100, 3), last_run=None, reported=None))
    assert step.page == "tag.py"


def test_enough_done_sentences_mean_a_first_run(finished: Standing) -> None:
    step = next_step(replace(finished, last_run=None, reported=None, report=None))
    assert step.page == "train.py"


def test_while_a_run_trains_one_tags_on(finished: Standing) -> None:
    assert next_step(replace(finished, last_run=run(RunState.RUNNING))).page == "tag.py"


def test_a_failed_run_is_named_with_its_reason(finished: Standing) -> None:
    step = next_step(replace(finished, last_run=run(RunState.FAILED, "the disk is full")))
    assert step.page == "train.py"
    assert "the disk is full" in step.why


def test_mended_sentences_mean_training_again(finished: Standing) -> None:
    step = next_step(replace(finished, changed=1))
    assert step.page == "train.py"
    assert "1 sentence has changed" in step.why


def test_otherwise_the_most_frequent_confusion_is_opened(finished: Standing) -> None:
    step = next_step(finished)
    assert step.page == "report.py"
    assert (step.params["gold"], step.params["predicted"]) == ("PER", "LOC")
    assert step.params["run"] == "7"


def test_the_weakest_label_is_the_one_with_the_lowest_f1(finished: Standing) -> None:
    assert finished.weakest == ("LOC", 0.7, 6)
