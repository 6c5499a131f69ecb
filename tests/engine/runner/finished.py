"""Runs whose worker has just ended: made from one folder that was trained once."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.configuration.settings import Settings
from engine.launchers import base as launch
from engine.runs import snapshot, spec
from engine.runs.spec import RunSpec
from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.database.settings import identity
from storage.runs import runs
from storage.types import Run, Split
from tests.engine import folders, tiny

SETTINGS = Settings(epochs=1, threads=1, device="cpu", batch_size=8, max_length=48, stride=16)
DOCUMENTS = [
    *tiny.corpus(24),
    *tiny.corpus(8, seed=1, first_id=25, split=Split.DEV),
    *tiny.corpus(8, seed=2, first_id=33, split=Split.TEST),
]


def train(folder: Path, base: str) -> Path:
    """Let a real worker train in a folder that no database knows."""
    snapshot.write(folder, DOCUMENTS)
    spec.write(folder, RunSpec(1, 1, "tiny", ("place", "person"), base, SETTINGS))
    launch.write(folder, launch.Launch(1, "local"))
    assert folders.start(folder).wait(240) == 0
    return folder


def make_project(db: Database) -> int:
    """Make the project whose documents that worker has learned from."""
    found = projects.create_project(db, "people and places")
    documents.add_documents(db, found.id, DOCUMENTS, "ada")
    return found.id


def copy_run(db: Database, project: int, finished: Path, base: str) -> tuple[Run, Path]:
    """Make a run whose worker has just ended in a folder like the finished one."""
    run = runs.claim(db, runs.create_run(db, project, {"base": base, **asdict(SETTINGS)}).id)
    runs.set_process(db, run.id, 4_000_000, 1.0, "a boot of long ago")
    folder = home.run_folder(run.folder)
    shutil.copytree(finished, folder)
    own: dict[str, Any] = {"run": run.id, "project_id": project, "folder": run.folder}
    asked = replace(spec.read(folder), **own, database=identity(db), address=db.url)
    asked = replace(asked, home=str(home.folder().resolve()))
    spec.write(folder, asked)
    return run, folder
