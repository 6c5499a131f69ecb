"""An inspection from the click to its rows: queued once, stored with the run it looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.evaluation.stress.failures import Failure
from engine.runner import again, inspect, queue, results
from engine.runs import inspected
from storage import home
from storage.corpus import documents
from storage.database.connection import Database
from storage.errors import RefusedError, RunFolderError
from storage.runs import inspections, reports, runs, slices
from storage.types import Document, ErrorKind, Match, Neighbour, Run, RunKind, RunState, Span, Split

ADA, BONN = Span(0, 3, "person"), Span(0, 4, "place")
REPORT = {
    "stress": {"split": "dev", "documents": 8, "of": 8, "results": []},
    "overlap": {"base": "tiny", "labels": [], "marks": [], "shares": []},
    "neighbours": {"documents": 1, "train": 24, "of": 24, "close": 0.5},
}


@pytest.fixture
def trained(db: Database, project: int, base: str) -> Run:
    """A training that is done, with a report of two matches on dev."""
    run = runs.create_run(db, project, {"base": base, "device": "cpu"})
    runs.set_state(db, run.id, RunState.DONE)
    ids = documents.list_ids(db, project)
    matches = [
        Match(ids[24], ADA, ADA, ErrorKind.EXACT),
        Match(ids[25], ADA, None, ErrorKind.MISSED),
    ]
    reports.store_report(db, run.id, {}, {Split.DEV: matches})
    return runs.get_run(db, run.id)


def finish(db: Database, run: Run, ids: list[int], names: list[list[str]]) -> Path:
    """Leave in an inspection's folder what a worker leaves there."""
    folder = home.run_folder(run.folder)
    folder.mkdir(parents=True, exist_ok=True)
    gone = max(ids) + 1
    near = [(ids[25], 0, ids[3], 0.9), (ids[25], 1, gone, 0.8), (ids[25], 2, ids[4], 0.5)]
    inspected.write_neighbours(folder, [Neighbour(*each) for each in near])
    scored = Span(5, 9, "place", score=0.5)
    failures = [
        Failure(ids[24], "upper", "ADA BONN", (ADA,), ()),
        Failure(ids[26], "upper", "ADA BONN", (ADA, Span(4, 8, "place")), (ADA, scored)),
        Failure(gone, "upper", "GONE", (BONN,), ()),
    ]
    inspected.write_failures(folder, failures)
    inspected.write_slices(folder, {Split.DEV: names})
    (folder / "report.json").write_text(json.dumps(REPORT))
    return folder


def test_one_inspection_at_a_time_looks_at_a_model(db: Database, trained: Run, base: str) -> None:
    first = inspect(db, trained.id, base)
    assert (first.kind, first.model_of, first.number) == (RunKind.INSPECTION, trained.id, None)
    assert inspect(db, trained.id, base) == first
    runs.set_state(db, first.id, RunState.FAILED)
    second = again(db, first)
    assert (second.kind, second.model_of) == (RunKind.INSPECTION, trained.id)
    assert second.id != first.id
    # It is no suggestion pass: the one that follows a training is still to be made.
    queue.suggest_once(db, trained)
    assert [run.kind for run in runs.list_runs(db)].count(RunKind.SUGGESTIONS) == 1
    with pytest.raises(RefusedError, match="has no model"):
        inspect(db, first.id)


def test_what_it_found_is_stored_with_the_run_that_it_looked_at(
    db: Database, project: int, trained: Run, base: str
) -> None:
    ids = documents.list_ids(db, project)
    run = inspect(db, trained.id, base)
    assert inspections.newest(db, trained.id, RunKind.INSPECTION) is None
    for names in ([["plausible"], []], [[], ["plausible", "no-neighbour"]]):
        finish(db, run, ids, names)
        results.store(db, run)

    assert inspections.newest(db, trained.id, RunKind.INSPECTION) == (run, REPORT)
    near = inspections.like(db, trained.id, ids[25])
    assert [(each.document.id, each.similarity) for each in near] == [(ids[3], 0.9), (ids[4], 0.5)]
    assert all(isinstance(each.document, Document) and each.document.tokens for each in near)
    assert inspections.like(db, trained.id, ids[24]) == []
    assert inspections.has_like(db, trained.id, ids) == {ids[25]}

    failing = inspections.failing(db, trained.id, "upper")
    assert [each.document for each in failing] == [ids[24], ids[26]]
    assert failing[1].found[1].score == 0.5
    (lost,) = inspections.failing(db, trained.id, "upper", "place")
    assert lost.document == ids[26]
    assert inspections.failing(db, trained.id, "lower") == []
    matches = {name: len(found) for name, found in slices.members(db, trained.id, "dev").items()}
    assert matches == {"plausible": 1, "no-neighbour": 1}


def test_lists_that_do_not_fit_the_report_are_refused_and_what_was_known_stays(
    db: Database, project: int, trained: Run, base: str
) -> None:
    ids = documents.list_ids(db, project)
    run = inspect(db, trained.id, base)
    finish(db, run, ids, [["plausible"], []])
    results.store(db, run)
    finish(db, run, ids, [["plausible"]])
    with pytest.raises(RunFolderError):
        results.store(db, run)
    assert len(slices.members(db, trained.id, "dev")["plausible"]) == 1
    assert len(inspections.failing(db, trained.id, "upper")) == 2


def test_with_the_inspected_run_its_inspections_go(
    db: Database, project: int, trained: Run, base: str
) -> None:
    run = inspect(db, trained.id, base)
    finish(db, run, documents.list_ids(db, project), [[], []])
    results.store(db, run)
    runs.set_state(db, run.id, RunState.DONE)
    assert {one.id for one in runs.delete_run(db, trained.id)} == {trained.id, run.id}
    assert inspections.failing(db, trained.id, "upper") == []
