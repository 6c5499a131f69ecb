"""Put a run into the queue, for the first time or again, or say what is in the way."""

from __future__ import annotations

from dataclasses import asdict, replace

from engine.configuration import bases
from engine.configuration.settings import Settings
from engine.launchers import processes
from engine.runner.folders import settings_of
from engine.runs.kinds import MODEL, TRIALS, is_look, model_of, trains
from storage import home
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError, RefusedError
from storage.runs import runs
from storage.types import Run, RunState, Split

UNSCORED = (
    "No sentence of dev or test is marked done, so there is nothing to score the model on: set a "
    "part of train aside first."
)


def lacks(db: Database, project_id: int) -> str:
    """Say in one sentence what the project needs before it can train; empty when nothing."""
    if not projects.list_labels(db, project_id):
        return (
            "This project has no labels yet: add some on the Data page, then tag a few sentences."
        )
    counts = projects.progress(db, project_id)
    if not counts.done_by_split[Split.TRAIN]:
        return (
            "No training sentence is marked done yet: tag some on the Tag page "
            "and press Enter to mark each as done."
        )
    if not counts.spans:
        return "No span is labelled yet: tag at least a few on the Tag page."
    return ""


def unscored(db: Database, project_id: int) -> bool:
    """Tell whether a training would have nothing to be scored on: its report would be empty."""
    done = projects.progress(db, project_id).done_by_split
    return not (done[Split.DEV] or done[Split.TEST])


def enqueue(db: Database, project_id: int, base: str, settings: Settings, trials: int = 0) -> Run:
    """Queue a training run, or with ``trials`` a search for good settings.

    Raises:
        InputError: the project lacks something, or a setting is out of range.
        ModelError: the base model is not there or has no safetensors.
    """
    missing = lacks(db, project_id)
    if missing:
        raise InputError(missing)
    if unscored(db, project_id):
        raise InputError(UNSCORED)
    bases.check(base)
    search = {TRIALS: trials} if trials else {}
    return runs.create_run(db, project_id, {"base": base, **asdict(settings), **search})


def resume(db: Database, run_id: int) -> Run:
    """Queue a run that failed or was cancelled again, as its next attempt.

    Its folder stays: the data and settings that it froze, and its newest checkpoint, from
    which the next worker goes on.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: the run is done or goes on, or its last worker is still there.
    """
    run = runs.get_run(db, run_id)
    if run.state.final and processes.is_held(home.run_folder(run.folder)):
        raise RefusedError(
            f"The last training process of {run.title} has not ended yet "
            f"(process {run.pid or 'unknown'}): try again in a moment, or end it."
        )
    return runs.requeue(db, run_id, ended=True)


def newest_model(db: Database, project_id: int) -> Run:
    """Return the newest training run that has a model; raise NotFoundError without one."""
    for run in runs.list_runs(db, project_id):
        if run.state is RunState.DONE and trains(run):
            return run
    raise NotFoundError("This project has no trained model yet: train one first.")


def enqueue_look(db: Database, run_id: int, encoder: str = bases.BUNDLED) -> Run:
    """Queue a look of a training run's model at all documents of its project.

    It takes the place of every other look at the project that has not ended. ``encoder`` tells
    which documents are unlike the labelled ones.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: the run has no model.
        ModelError: the encoder is not there.
    """
    run = runs.get_run(db, run_id)
    if run.state is not RunState.DONE or not trains(run):
        raise RefusedError(f"{run.title} has no model: choose a training run that is done.")
    bases.check(encoder)
    return _queue_look(db, run, encoder)


def look_once(db: Database, run: Run) -> None:
    """Queue a look by the model of a training run that just ended, unless it has had one."""
    if not any(model_of(known) == run.id for known in runs.list_runs(db, run.project_id)):
        _queue_look(db, run, bases.BUNDLED)


def _queue_look(db: Database, run: Run, encoder: str) -> Run:
    for known in runs.list_runs(db, run.project_id):
        if is_look(known) and not known.state.final:
            runs.request_cancel(db, known.id)
    own = settings_of(run)
    # The model is here by now, wherever it was trained.
    device = "cpu" if own.device == "cpu" else "auto"
    settings = replace(own, recipe="", device=device, processes=1, launcher="local")
    wanted = {"base": encoder, **asdict(settings), MODEL: run.id}
    return runs.create_run(db, run.project_id, wanted, numbered=False)
