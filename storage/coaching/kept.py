"""What coaches keep on the disk, in one folder below the home: safe to delete at any time.

``states`` holds what models made of texts, of all projects together, a folder a model;
``learned`` a file for each project.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from sqlalchemy import select

from storage import home
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import ProjectRow

FOLDER, STATES, LEARNED = "coach", "states", "learned"


def folder() -> Path:
    """Return the folder of all that coaches keep; it need not be there."""
    return home.folder() / FOLDER


def states(model: str) -> Path:
    """Return the folder of what one model made of texts, by a name that no other model has."""
    return folder() / STATES / model


def learned(db: Database, project_id: int) -> Path:
    """Return the file of what was learned of a project."""
    return folder() / LEARNED / f"{settings.identity(db)}-{project_id}.safetensors"


def lock_file(db: Database, project_id: int, what: str = "coach") -> Path:
    """Return the file by whose lock one process at a time does something for a project."""
    path = db.path or home.folder() / home.DATABASE
    return home.lock_file(path, f"{what}-{project_id}.lock")


def forget_locks(db: Database, project_id: int) -> None:
    """Delete the lock files of a project that is gone; who holds one has nothing left to do."""
    for what in ("coach", "renewal"):
        lock_file(db, project_id, what).unlink(missing_ok=True)


def delete() -> None:
    """Delete everything; a coach that is at work goes on with what it holds."""
    _remove(folder())


def forget_projects(db: Database) -> None:
    """Delete what was learned of projects that are gone, and all states, in which theirs are."""
    with db.read() as session:
        wanted = {learned(db, id).stem for id in session.scalars(select(ProjectRow.id))}
    for path in (folder() / LEARNED).glob(f"{settings.identity(db)}-*"):
        if path.stem not in wanted:
            path.unlink(missing_ok=True)
    _remove(folder() / STATES)


def forget_model(name: str) -> None:
    """Delete what a model that is gone made of texts."""
    _remove(states(name))


def _remove(place: Path) -> None:
    # Whoever writes into it meanwhile makes another one.
    gone = place.with_name(f"{place.name}-{secrets.token_hex(4)}")
    try:
        place.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone)
