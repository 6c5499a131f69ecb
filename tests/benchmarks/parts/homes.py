"""A home with a project whose finished runs are folders that lie somewhere, to be served."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.runs import spec
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import RunState

PROJECT = "served"


def furnish(home: Path, folders: Sequence[Path]) -> list[int]:
    """Make a home, and copy the folders into it as runs of one project; return the runs' ids.

    From then on this process's home is that one.
    """
    os.environ["WHETSTONE_HOME"] = str(home)
    os.environ.pop("WHETSTONE_DB", None)
    db = Database.open()
    asked = spec.read(folders[0])
    project = projects.create_project(db, PROJECT, asked.task)
    found = []
    for folder in folders:
        run = runs.create_run(db, project.id, {"base": asked.base})
        own = home / "runs" / run.folder
        shutil.copytree(folder, own)
        spec.write(own, replace(spec.read(own), run=run.id, folder=run.folder))
        runs.set_state(db, run.id, RunState.DONE)
        found.append(run.id)
    db.close()
    return found
