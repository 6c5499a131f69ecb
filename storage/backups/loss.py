"""A log that lost changes while nobody had the database open: noticed, kept aside, and told."""

from __future__ import annotations

import shutil
from pathlib import Path

from storage import files
from storage.backups import noted
from storage.backups.copies import ASIDE, stamp
from storage.backups.noted import Checked
from storage.engines import log
from storage.engines.clock import now

LOST = (
    "The log of the database {path} was cut off or damaged while Whetstone was not running: what "
    "was changed last ({pages} pages) is lost, all before it is there. Look whether your newest "
    "edits are there, and make them again where not; what was left of the log lies in {aside}."
)


def look(path: Path) -> None:
    """Take down what the log of a database has lost; to be called before anybody opens it."""
    aside = path.parent / ASIDE / stamp()

    def keep(left: Path) -> None:
        files.make_folder(aside)
        if left.exists():
            shutil.copy(left, aside)

    if pages := log.lost(path, keep):
        told = LOST.format(path=path, pages=pages, aside=aside)
        noted.note(path, Path(f"{path}{noted.LOG}"), Checked(now(), 0.0, pages, told, 0))
