"""Put a run into the queue, or say what the project still lacks."""

from __future__ import annotations

from dataclasses import asdict

from engine import bases
from engine.settings import Settings
from storage import projects, runs
from storage.database import Database
from storage.errors import InputError
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


def enqueue(db: Database, project_id: int, base: str, settings: Settings) -> Run:
    """Queue a training run.

    Raises:
        InputError: the project lacks something, or a setting is out of range.
        ModelError: the base model is not there or has no safetensors.
    """
    missing = lacks(db, project_id)
    if missing:
        raise InputError(missing)
    bases.check(base)
    return runs.create_run(db, project_id, {"base": base, **asdict(settings)})
