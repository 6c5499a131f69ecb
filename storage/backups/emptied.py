"""A database that holds nothing, where something was before: nobody begins anew unasked."""

from __future__ import annotations

from pathlib import Path

from storage import home
from storage.backups import copies
from storage.errors import EmptiedError


def ask(path: Path) -> None:
    """Raise EmptiedError where an empty file, or none, is what became of a database.

    That backups of it lie there says so; beside an empty file that runs do.
    """
    backups = len(copies.known(path))
    runs = len(home.run_folders()) if path.exists() else 0
    if backups or runs:
        state = "is empty" if path.exists() else "is gone"
        beside = [f"{runs} run folder{'' if runs == 1 else 's'}"] if runs else []
        beside += [f"{backups} backup{'' if backups == 1 else 's'}"] if backups else []
        raise EmptiedError(
            f"The database {path} {state}, but {' and '.join(beside)} of it lie there still: "
            "restore a backup, or begin with an empty database."
        )
