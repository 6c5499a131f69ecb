"""Workers of this machine whose run went on elsewhere while the machine was not heard of.

On a folder that machines share the next attempt's number ends such a worker wherever that begins.
One that works in a folder of this machine's own, beside a storage, would not see that number.
"""

from __future__ import annotations

from pathlib import Path

from engine.launchers import processes, store, stored
from engine.runs import spec
from storage import home
from storage.database import settings
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError
from storage.runs import runs
from storage.types import Run


def lingers(run: Run) -> bool:
    """Tell whether the last worker of a queued run is still here; let it end."""
    folder = home.run_folder(run.folder)
    if not store.chosen() or not processes.is_held(folder):
        return False
    if stored.attempt_here(folder):
        stored.fence(folder)
    return True


def fence_all(db: Database, machine: str) -> None:
    """Let every worker here end whose run is another machine's by now.

    While no runner was here nobody told them: one that begins to serve does.
    """
    if store.chosen():
        for folder in filter(processes.is_held, home.run_folders()):
            if _is_late(db, machine, folder):
                stored.fence(folder)


def _is_late(db: Database, machine: str, folder: Path) -> bool:
    try:
        found = spec.read(folder)
        run = runs.get_run(db, found.run)
    except (InputError, NotFoundError):
        # Another database's, or nobody's.
        return False
    ours = (run.folder, settings.identity(db)) == (folder.name, found.database)
    return ours and (run.machine, run.attempt) != (machine, found.attempt)
