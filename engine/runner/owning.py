"""Whose a run folder is. Databases share a home, and one restored from a backup gives ids again.

A run's name for its folder is given once, and its ``spec.json`` repeats it. Folders from before
version 0.4 were named by the run's id alone: there the two must tell the same story.
"""

from __future__ import annotations

from pathlib import Path

from engine.launchers import store, stored
from engine.runs import events, spec
from engine.runs.spec import RunSpec
from storage import home
from storage.database.connection import Database
from storage.errors import InputError, RefusedError
from storage.types import Run, RunState


def folder_of(run: Run) -> Path:
    """Return the folder that holds what a run made; it need not be there.

    Raises:
        RefusedError: what lies there belongs to a run of another database.
        TrainingError: it lies on a storage that cannot be reached.
    """
    folder = home.run_folder(run.folder)
    if run.state.final and store.chosen() and stored.attempt_here(folder) < run.attempt:
        # Another machine made it, or took it over and ended it.
        stored.bring(folder)
    if folder.exists() and not owns(run, folder):
        raise RefusedError(
            f"The folder {folder} does not hold {run.title} (id {run.id}): another database that "
            "shares this home has written there. It stays as it is; start a new run."
        )
    return folder


def owns(run: Run, folder: Path) -> bool:
    """Tell whether a folder is this run's, as far as its ``spec.json`` can be read."""
    try:
        found = spec.read(folder)
    except InputError:
        # Only a name that is given once may stand for what is not written there any more.
        return run.folder != str(run.id)
    if found.folder:
        return (found.folder, found.run) == (run.folder, run.id)
    return _tells_the_same(run, folder, found)


def is_ours(db: Database, run: Run, folder: Path) -> bool:
    """Tell whether this database alone has a say in what becomes of a run's folder."""
    return owns(run, folder) and not is_used_elsewhere(db, folder)


def is_used_elsewhere(db: Database, folder: Path) -> bool:
    """Tell whether the database that wrote a folder is still where it was, and ours is a copy."""
    try:
        found = spec.read(folder)
    except InputError:
        return False
    return db.is_copy_of(found.address) and not _was_copied_with_its_home(found)


def refuse_used_elsewhere(db: Database, run: Run, folder: Path) -> None:
    """Raise RefusedError where another copy of the database follows this run."""
    if is_used_elsewhere(db, folder):
        raise RefusedError(
            f"This database is a copy, and the one that {run.title} belongs to is still there "
            f"({spec.read(folder).address}): follow it there, or start a new run here."
        )


def _was_copied_with_its_home(found: RunSpec) -> bool:
    here = home.folder().resolve()
    if found.home:
        return Path(found.home) != here
    # Version 0.4 did not say it: a database in its usual place tells where its home was.
    before = Path(found.address.partition("///")[2])
    return before.name == home.DATABASE and before.parent.resolve() != here


def _tells_the_same(run: Run, folder: Path, found: RunSpec) -> bool:
    own = (str(run.id), run.id, run.project_id, str(run.settings.get("base", "")))
    if (run.folder, found.run, found.project_id, found.base) != own:
        return False
    told = [event for event in events.read(folder / events.FILE)[0] if "at" in event]
    if told and not run.created_at <= told[0]["at"] <= (run.finished_at or told[0]["at"]):
        return False
    # The end of a run is stored with the time that its worker wrote.
    ends = [event["at"] for event in told if event.get("state") == RunState.DONE]
    return run.state is not RunState.DONE or not ends or run.finished_at in ends
