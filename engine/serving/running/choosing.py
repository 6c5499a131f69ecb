"""Which model a project serves at the moment, its files held against what was promoted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine import tasks
from engine.runner import catalogues, folder_of
from engine.runs import spec
from engine.serving import promoting
from engine.serving.asking.questions import Description
from engine.serving.models.process import Order
from engine.serving.running.orders import Service
from engine.system import shell
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import NotFoundError, RefusedError
from storage.runs import runs
from storage.serving import versions
from storage.types import Run, RunState

NONE_LIVE = f"No version of this project is live: {shell.ENGINE} promote RUN."


@dataclass(frozen=True, slots=True)
class Choice:
    """A model as it was chosen: what differs from it is another one."""

    run_id: int
    digest: str
    stage: str = ""
    catalogue: int | None = None
    """The run that made the catalogue ready which it answers by."""


def choose(db: Database, service: Service) -> Choice:
    """Return what is to be served; raises NotFoundError where there is nothing.

    No file of a model is read for that.
    """
    if service.run_id is not None:
        return Choice(service.run_id, "", "", _catalogue(db, service.project_id, service.run_id))
    version = versions.live(db, service.project_id)
    if version is None or version.run_id is None:
        raise NotFoundError(NONE_LIVE)
    catalogue = _catalogue(db, service.project_id, version.run_id)
    return Choice(version.run_id, version.digest, str(version.stage), catalogue)


def order(db: Database, service: Service, choice: Choice) -> tuple[Order, Description]:
    """Return what to load, all its files read; raises ModelError, RunFolderError, NotFoundError."""
    run = runs.get_run(db, choice.run_id)
    folder, digest = _verified(db, service, run)
    asked = spec.read(folder)
    catalogue = folder_of(runs.get_run(db, choice.catalogue)) if choice.catalogue else None
    described = Description(
        run.number or run.id,
        projects.get_project(db, run.project_id).name,
        str(asked.task),
        asked.labels,
        digest,
        choice.stage,
        matches=catalogue is not None,
        run_id=run.id,
    )
    return Order(folder, service.int8, catalogue), described


def _verified(db: Database, service: Service, run: Run) -> tuple[Path, str]:
    if service.run_id is not None:
        folder = folder_of(run)
        return folder, promoting.verified(folder)
    version = versions.live(db, service.project_id)
    if version is None or version.run_id != run.id:
        raise RefusedError("Another version went live meanwhile.")
    return promoting.folder_of(db, version), version.digest


def _catalogue(db: Database, project_id: int, run_id: int) -> int | None:
    """Return the newest catalogue that a run's model reads; None where there is none."""
    project = projects.get_project(db, project_id)
    if tasks.get(project.task).fitting is None:
        return None
    ready = (run for run in catalogues.known(db, project_id) if run.state is RunState.DONE)
    return next((run.id for run in ready if run.model_of == run_id), None)
