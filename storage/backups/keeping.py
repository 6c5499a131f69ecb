"""The day's copy, made by itself while an application has the database open."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from storage.backups import copies
from storage.errors import DamagedError, StorageError

# How often it is asked whether one is due, which costs a look at a folder.
PAUSE_SECONDS = 600.0
log = logging.getLogger("whetstone.backups")


class Keeper:
    """A thread that makes a copy whenever one is due; ``judge`` hears of damage that it meets."""

    def __init__(
        self,
        path: Path,
        judge: Callable[[DamagedError], None],
        pause_seconds: float = PAUSE_SECONDS,
    ):
        self._path = path
        self._judge = judge
        self._pause = pause_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="backups", daemon=True)

    def start(self) -> None:
        """Begin, with a first look at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the copy that is being made, if any."""
        self._stopping.set()
        self._thread.join()

    def _keep(self) -> None:
        while True:
            try:
                copies.make_daily(self._path)
                self._count()
            except StorageError as error:
                # A full disk, say: Settings shows how old the newest copy is.
                log.error("No backup was made. %s", error)
                if isinstance(error, DamagedError):
                    self._judge(error)
            if self._stopping.wait(self._pause):
                return

    def _count(self) -> None:
        """Find out what each copy holds: Settings tells it, and a large one takes half a second."""
        for backup in copies.known(self._path):
            copies.counts(backup)
            if self._stopping.is_set():
                return
