"""Delete runs and projects with the folders that are theirs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from engine.launchers import processes, stored
from engine.runner import catalogues, folders, owning
from engine.runner.monitors import forget_uploads
from engine.zero_shot import cache
from storage import home
from storage.coaching import kept
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import RefusedError
from storage.monitors import monitors
from storage.runs import runs
from storage.types import Run, RunKind


def delete_run(db: Database, run_id: int) -> None:
    """Delete a run: its report, its model's suggestions and its folder.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: it is active, its model is at work, or its worker is still there.
    """
    _refuse_held(db, [runs.get_run(db, run_id)])
    _remove(db, runs.delete_run(db, run_id))


def delete_project(db: Database, project_id: int) -> None:
    """Delete a project with all that is in it, the folders of its runs, and what was uploaded.

    What its coach has learned and read, and what a zero-shot model has answered, goes, too; who
    follows coaches ends it first.

    Raises:
        NotFoundError: there is no such project.
        RefusedError: a run of it is active, or its worker is still there.
    """
    _refuse_held(db, runs.list_runs(db, project_id))
    watched = [each.watching.source for each in monitors.of_project(db, project_id)]
    gone = projects.delete_project(db, project_id)
    _remove(db, gone)
    forget_uploads(db, watched)
    kept.forget_projects(db)
    kept.forget_locks(db, project_id)
    _forget_answers(db, gone)


def _forget_answers(db: Database, gone: Iterable[Run]) -> None:
    """Delete what zero-shot models have answered, where they were asked for one of these runs."""
    ours = settings.identity(db)
    asked = [cache.name_of(ours, run.id) for run in gone if run.kind == RunKind.ZERO_SHOT]
    if asked and (path := home.folder() / cache.FILE).exists():
        with closing(cache.Cache(path)) as answers:
            answers.forget(asked)


def _refuse_held(db: Database, known: Iterable[Run]) -> None:
    for run in known:
        folder = home.run_folder(run.folder)
        if processes.is_held(folder) and owning.is_ours(db, run, folder):
            raise RefusedError(
                f"The training process of {run.title} has not ended yet: cancel the run, or try "
                "again in a moment."
            )


def _remove(db: Database, gone: Iterable[Run]) -> None:
    ours = []
    for run in gone:
        folder = home.run_folder(run.folder)
        # Others may share the home. And who looks into a copy of a database must not lose what
        # the other one still has.
        elsewhere = owning.is_used_elsewhere(db, folder)
        if folder.exists() and owning.is_ours(db, run, folder):
            folders.remove(folder)
            kept.forget_model(run.folder)
            ours.append(run)
        if not elsewhere:
            stored.clear(folder)
    catalogues.forget(db, ours)
