"""Make a run's model its project's candidate or live, and find it again as it was then."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.jobs.trained import has_model
from engine.runner import folder_of as folder_of_run
from engine.runs import checkpoints
from engine.runs.files import MODEL
from storage.database.connection import Database
from storage.errors import ModelError, RefusedError
from storage.runs import runs
from storage.serving import versions
from storage.serving.versions import Version


def promote(db: Database, run_id: int, stage: str, note: str = "") -> Version:
    """Make a finished run's model the candidate, or live, once every file of it was read.

    Raises ModelError where the model is not complete, RefusedError where the run has none or is
    that already, InputError, NotFoundError.
    """
    run = runs.get_run(db, run_id)
    if not has_model(run):
        raise RefusedError(f"{run.title} has no model: choose a training run that is done.")
    digest = verified(folder_of_run(run))
    return versions.promote(db, run_id, stage, digest, note)


def rollback(db: Database, project_id: int, note: str = "") -> Version:
    """Make the version live again that was before, if its model is still what it was.

    Raises ModelError where it is not, RefusedError where there is none, InputError, NotFoundError.
    """
    if wanted := versions.before(db, project_id):
        folder_of(db, wanted)
    return versions.rollback(db, project_id, note)


def folder_of(db: Database, version: Version) -> Path:
    """Return the folder of a version's run, all files of its model read and as they were promoted.

    Raises ModelError where one is not, or the manifest is another one; NotFoundError.
    """
    if version.run_id is None:
        raise ModelError(f"{version.title} is not here any more: promote another run.")
    folder = folder_of_run(runs.get_run(db, version.run_id))
    if verified(folder) != version.digest:
        raise ModelError(
            f"The model of {version.title} is not the one that was promoted: its manifest has "
            "changed since. Promote the run again if that was meant, or roll back."
        )
    return folder


def verified(folder: Path) -> str:
    """Return the SHA-256 of a run's manifest, whose every file was held against it.

    Raises ModelError where one is missing or damaged.
    """
    model = checkpoints.verify(folder / MODEL)
    return hashlib.sha256((model / checkpoints.MANIFEST).read_bytes()).hexdigest()
