"""Put a run into the queue, for the first time or again, or say what is in the way."""

from __future__ import annotations

from dataclasses import asdict

from engine import bases
from engine.launchers import processes
from engine.settings import Settings
from storage import home, projects, runs
from storage.database import Database
from storage.errors import InputError, RefusedError
from storage.types import Run, Split


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


def enqueue(db: Database, project_id: int, base: str, settings: Settings, trials: int = 0) -> Run:
    """Queue a training run, or with ``trials`` a search for good settings.

    Raises:
        InputError: the project lacks something, or a setting is out of range.
        ModelError: the base model is not there or has no safetensors.
    """
    missing = lacks(db, project_id)
    if missing:
        raise InputError(missing)
    bases.check(base)
    search = {"trials": trials} if trials else {}
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
    if run.state.final and processes.is_held(home.run_folder(run_id)):
        raise RefusedError(
            f"The last training process of run {run_id} has not ended yet "
            f"(process {run.pid or 'unknown'}): try again in a moment, or end it."
        )
    return runs.requeue(db, run_id, ended=True)
