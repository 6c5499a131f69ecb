"""Write a run's folder, everything a worker needs, frozen at the moment it starts; read it back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from engine import snapshot, spec
from engine.settings import Settings, settings_from
from engine.spec import RunSpec
from storage import annotations, documents, home, projects
from storage.database import Database
from storage.errors import NotFoundError
from storage.types import Document, Run, Status

CANCEL_FLAG = "cancel"


def settings_of(run: Run) -> Settings:
    """Rebuild the settings that were stored with the run."""
    return settings_from({key: value for key, value in run.settings.items() if key != "base"})


def prepare(db: Database, run: Run) -> Path:
    """Write ``spec.json`` and ``data.parquet`` for the run and return its folder."""
    folder = home.run_folder(run.id)
    if run.attempt == 1 and folder.exists():
        # Left by another database in the same home: its events must not be read as ours.
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CANCEL_FLAG).unlink(missing_ok=True)
    project = projects.get_project(db, run.project_id)
    settings = settings_of(run)
    snapshot.write(folder, freeze(db, run.project_id, settings))
    spec.write(
        folder,
        RunSpec(
            run=run.id,
            project_id=project.id,
            project_name=project.name,
            labels=tuple(label.name for label in project.labels),
            base=str(run.settings["base"]),
            settings=settings,
            task=project.task,
            allow_overlaps=project.allow_overlaps,
            attempt=run.attempt,
        ),
    )
    return folder


def freeze(db: Database, project_id: int, settings: Settings) -> list[Document]:
    """Return the documents that are done, with a dev split and the limit applied."""
    documents.assign_dev(db, project_id, settings.seed)
    done = list(annotations.current(db, project_id, statuses=(Status.DONE,)))
    return snapshot.sample(done, settings.limit, settings.seed)


def read_report(folder: Path) -> dict:
    """Read a finished run's ``report.json``.

    Raises:
        NotFoundError: the run has none, because it did not finish.
    """
    path = folder / "report.json"
    if not path.is_file():
        raise NotFoundError(f"Run {folder.name} has no report: it did not finish.")
    return json.loads(path.read_text(encoding="utf-8"))
