"""What runs in the background: it follows a training, makes way for people, begins again."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.configuration.settings import Settings
from engine.launchers import Launcher
from engine.models import loading
from engine.runner import JobRunner, enqueue, newest_model, suggest
from engine.runner.queue import suggest_once
from engine.runs import checkpoints, snapshot, spec, suggested
from engine.runs.events import Events
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from storage import home
from storage.corpus import documents
from storage.errors import NotFoundError, RefusedError
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Run, RunKind, RunState, Span
from tests.engine.runner.conftest import Bench
from tests.workers.forking import Forking
from tests.workers.imagined import Imagined

LABELS = ("person", "place")
TINY = Settings(epochs=1, threads=1, device="cpu")


@pytest.fixture
def trained(bench: Bench) -> Run:
    """A training run that is done, with a model that predicts all kinds of tags."""
    run = runs.create_run(bench.db, bench.project, {"base": bench.base, **asdict(TINY)})
    torch.manual_seed(3)
    loaded = loading.load_base(Path(bench.base), LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    folder = home.run_folder(run.folder)
    folder.mkdir(parents=True)
    own: dict[str, Any] = {"folder": run.folder}
    spec.write(folder, RunSpec(run.id, bench.project, "p", LABELS, bench.base, TINY, **own))
    checkpoints.write_whole(folder / MODEL, lambda draft: loading.save(loaded, draft))
    runs.set_state(bench.db, run.id, RunState.DONE)
    return runs.get_run(bench.db, run.id)


@pytest.fixture
def workers(launch_with: Callable[[Launcher], None]) -> dict[int, Events]:
    """The events of imagined workers, by run; one lives while it has any."""
    launcher = Imagined()
    launch_with(launcher)
    return launcher.living


def state(bench: Bench, run: Run) -> RunState:
    return runs.get_run(bench.db, run.id).state


def step(bench: Bench, times: int = 2) -> None:
    for _ in range(times):
        bench.runner.step()


def train(bench: Bench) -> Run:
    return enqueue(bench.db, bench.project, bench.base, TINY)


def all_ids(bench: Bench) -> list[int]:
    return documents.list_ids(bench.db, bench.project)


def finish(workers: dict[int, Events], run: Run) -> None:
    """Let a worker end well: with a report and, of a training, nothing to score."""
    folder = home.run_folder(run.folder)
    report = {"epochs": 1, "train_documents": 24, "device": "cpu"}
    (folder / "report.json").write_text(json.dumps(report))
    snapshot.write_matches(folder, {})
    snapshot.write_predictions(folder, {})
    workers.pop(run.id).state("done")


def test_after_a_training_its_model_reads_every_document_once(
    bench: Bench, workers: dict[int, Events]
) -> None:
    documents.add_documents(bench.db, bench.project, [Document("Untouched in Paris")], "ada")
    bench.runner.release()
    bench.runner = JobRunner(bench.db, gpus=(), suggests=True)
    run = train(bench)
    step(bench)
    finish(workers, run)
    step(bench)
    suggesting = runs.list_runs(bench.db)[0]
    known = (suggesting.kind, suggesting.model_of, suggesting.state)
    assert known == (RunKind.SUGGESTIONS, run.id, RunState.RUNNING)
    folder = home.run_folder(suggesting.folder)
    assert spec.read(folder).model == str(home.run_folder(run.folder))
    assert [document.id for document in snapshot.read(folder)] == all_ids(bench)

    found = [DocumentScore(id, 0.5, 0.5, 0.5, 0.5) for id in all_ids(bench)]
    suggested.write_scores(folder, found)
    suggested.write(folder, [(found[0].document, [Span(0, 2, "place", score=0.5)], ())])
    workers.pop(suggesting.id).state("done")
    step(bench, 3)
    assert suggestions.of_document(bench.db, all_ids(bench)[0]).spans == (Span(0, 2, "place"),)
    assert suggestions.newest_run(bench.db, bench.project) == run.id
    assert [known.id for known in runs.list_runs(bench.db)] == [suggesting.id, run.id]


def test_a_runner_that_was_not_asked_to_queues_no_suggestions(bench: Bench, workers: dict) -> None:
    run = train(bench)
    step(bench)
    finish(workers, run)
    step(bench)
    assert state(bench, run) is RunState.DONE
    assert [known.id for known in runs.list_runs(bench.db)] == [run.id]


def test_killed_suggestions_begin_again_with_the_documents_of_now(
    bench: Bench,
    trained: Run,
    stand_ins: Callable[..., None],
    launch_with: Callable[[Launcher], None],
) -> None:
    # The first worker would not end by itself, however late it is killed.
    stand_ins()
    suggestions.store(bench.db, trained.id, [], [])
    suggesting = suggest(bench.db, trained.id, bench.base)
    begun = bench.step_until(suggesting, lambda run: run.state is RunState.RUNNING)
    documents.add_documents(bench.db, bench.project, [Document("Came later to Paris")], "ada")
    os.kill(begun.pid, signal.SIGKILL)
    launch_with(Forking())
    suggesting = bench.finish(suggesting)
    assert (suggesting.state, suggesting.attempt) == (RunState.DONE, 2), suggesting.message
    frozen = snapshot.read(home.run_folder(suggesting.folder))
    assert [document.id for document in frozen] == all_ids(bench)
    assert len(frozen) == 41
    found = [suggestions.of_document(bench.db, id) for id in all_ids(bench)]
    assert sum(len(item.spans) for item in found) > 5
    stored = [
        (id, span) for id, item in zip(all_ids(bench), found, strict=True) for span in item.spans
    ]
    written = list(suggested.read(home.run_folder(suggesting.folder)))
    assert sorted(stored) == sorted(written)


def test_a_training_goes_first_and_suggestions_make_way(
    bench: Bench, trained: Run, workers: dict[int, Events]
) -> None:
    suggesting = suggest(bench.db, trained.id, bench.base)
    first = train(bench)
    step(bench)
    assert (state(bench, first), state(bench, suggesting)) == (RunState.RUNNING, RunState.QUEUED)
    workers.pop(first.id).state("failed", "enough")
    step(bench)
    assert state(bench, suggesting) is RunState.RUNNING

    second = train(bench)
    step(bench)
    assert (home.run_folder(suggesting.folder) / "cancel").read_text() == ""
    assert (state(bench, second), state(bench, suggesting)) == (RunState.QUEUED, RunState.RUNNING)
    workers.pop(suggesting.id).state("cancelled", "Cancelled.")
    step(bench)
    assert (state(bench, second), state(bench, suggesting)) == (RunState.RUNNING, RunState.QUEUED)
    workers.pop(second.id).state("failed", "enough")
    step(bench)
    assert state(bench, suggesting) is RunState.RUNNING
    assert not (home.run_folder(suggesting.folder) / "cancel").exists()
    assert runs.get_run(bench.db, suggesting.id).attempt == 2


def test_a_worker_that_does_not_make_way_is_ended(
    bench: Bench, trained: Run, workers: dict[int, Events]
) -> None:
    bench.runner.workers.grace = 0.0
    suggesting = suggest(bench.db, trained.id, bench.base)
    step(bench)
    run = train(bench)
    step(bench, 4)
    assert (state(bench, run), state(bench, suggesting)) == (RunState.RUNNING, RunState.QUEUED)


def test_suggestions_that_a_person_cancels_stay_cancelled(
    bench: Bench, trained: Run, workers: dict[int, Events]
) -> None:
    suggesting = suggest(bench.db, trained.id, bench.base)
    step(bench)
    runs.request_cancel(bench.db, suggesting.id)
    step(bench)
    workers.pop(suggesting.id).state("cancelled", "Cancelled.")
    step(bench, 3)
    assert state(bench, suggesting) is RunState.CANCELLED
    assert suggestions.newest_run(bench.db, bench.project) is None


def test_suggestions_whose_last_worker_has_not_ended_wait_for_it(
    bench: Bench, trained: Run, workers: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggesting, held = suggest(bench.db, trained.id, bench.base), [True]
    monkeypatch.setattr("engine.launchers.processes.is_held", lambda folder: held[0])
    step(bench)
    assert state(bench, suggesting) is RunState.QUEUED
    held[0] = False
    step(bench)
    assert state(bench, suggesting) is RunState.RUNNING


def test_newer_suggestions_take_the_place_of_those_that_wait(bench: Bench, trained: Run) -> None:
    first = suggest(bench.db, trained.id, bench.base)
    second = suggest(bench.db, trained.id, bench.base)
    assert (state(bench, first), state(bench, second)) == (RunState.CANCELLED, RunState.QUEUED)
    suggest_once(bench.db, trained)
    assert runs.list_runs(bench.db)[0].id == second.id, "it has had one"


def cancelled(bench: Bench, trained: Run) -> Run:
    run = train(bench)
    runs.request_cancel(bench.db, run.id)
    return run


def searched(bench: Bench, trained: Run) -> Run:
    run = enqueue(bench.db, bench.project, bench.base, TINY, RunKind.SEARCH, trials=3)
    runs.set_state(bench.db, run.id, RunState.DONE)
    return run


def looked(bench: Bench, trained: Run) -> Run:
    run = suggest(bench.db, trained.id, bench.base)
    runs.set_state(bench.db, run.id, RunState.DONE)
    return run


@pytest.mark.parametrize("make", [cancelled, searched, looked])
def test_only_a_run_with_a_model_can_make_suggestions(
    bench: Bench, trained: Run, make: Callable[[Bench, Run], Run]
) -> None:
    run = make(bench, trained)
    with pytest.raises(RefusedError, match=f"{run.title} has no model"):
        suggest(bench.db, run.id)
    assert newest_model(bench.db, bench.project).id == trained.id


def test_a_project_without_a_model_says_what_to_do(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="no trained model yet: train one first"):
        newest_model(bench.db, bench.project)
