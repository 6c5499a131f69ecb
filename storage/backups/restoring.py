"""Going back to a copy of the database; what was there goes aside, whole, and nothing is lost."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from storage import files, home
from storage.backups import checking, copies
from storage.engines import driver_errors, file_swap, revisions, sqlite
from storage.errors import BusyError, DamagedError, RefusedError, StorageError

PATIENCE = 30.0
# So long others wait at most while the present database is looked through.
SECONDS = 5.0


def restore(path: Path, source: Path, patience: float = PATIENCE) -> Path:
    """Put a copy in the database's place and return the folder where the present one is then.

    Other processes may have it open: they go on with the restored one. Raises RefusedError
    while a run is trained, DamagedError where the copy is damaged, NewerDatabaseError where
    a newer version of Whetstone made it, BusyError where somebody writes, or opens the
    database, for too long.
    """
    _check(source)
    with home.lock(home.lock_file(path, "write.lock"), timeout=patience):
        file_swap.finish(path)
        _refuse_while_training(path)
        folder = files.make_folder(path.parent / copies.ASIDE / copies.stamp(), exist_ok=False)
        draft = folder / file_swap.NEW
        _prepare(source, draft, patience)
        try:
            file_swap.swap(path, folder)
        except BusyError:
            _discard(draft)
            raise
    return folder


def _check(source: Path) -> None:
    if not source.is_file():
        raise StorageError(f"There is no file {source}: choose a backup from the list.")
    # It is only looked at: its folder stays as it is.
    mode = files.quiet(source)
    if complaint := checking.quick(source, mode=mode):
        raise DamagedError(f"The backup {source} is damaged ({complaint}): choose another one.")
    revision = revisions.of_file(source, mode=mode)
    if revision is None:
        raise StorageError(f"The backup {source} is empty: choose another one.")
    revisions.check(revision, str(source))


def _prepare(source: Path, draft: Path, patience: float) -> None:
    """Make the file that will be the database: a copy, brought up to date."""
    try:
        with driver_errors.of_file(draft):
            sqlite.copy(source, draft, files.quiet(source))
            if revisions.of_file(draft) != revisions.newest():
                with revisions.named(str(source), source):
                    sqlite.migrate(draft, patience)
        file_swap.forget(draft)
    except BaseException:
        _discard(draft)
        raise


def _discard(draft: Path) -> None:
    draft.unlink(missing_ok=True)
    file_swap.forget(draft)
    draft.parent.rmdir()


def _refuse_while_training(path: Path) -> None:
    """Raise RefusedError where a run of the present database would be lost sight of."""
    # Of one that is damaged nobody can ask, and nothing that its runs do is stored any more.
    if not path.exists() or checking.quick(path, SECONDS) or revisions.of_file(path) is None:
        return
    with driver_errors.of_file(path), closing(sqlite.connect(path, PATIENCE)) as connection:
        query = "SELECT count(*) FROM runs WHERE state IN ('starting', 'running')"
        if connection.execute(query).fetchone()[0]:
            raise RefusedError(
                "A run is at work right now, and the backup does not know of it: wait for its end "
                "or cancel it, then restore."
            )
