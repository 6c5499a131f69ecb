"""Sees that labels have changed, by whatever way, and has renewed what leaned on them.

An answer on Tag, a step taken back, many documents accepted at once, a label renamed or merged, a
script beside the server: all of them leave an entry in the journal, or an action.
"""

from __future__ import annotations

import threading

from pages.coaching import coach
from storage.coaching import work
from storage.database.store import database
from storage.errors import StorageError

SECONDS = 0.5


class Watch:
    """One thread of the server, which asks the database two times a second how far projects are."""

    def __init__(self) -> None:
        self._known: dict[int, work.Mark] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look on until ``stop``."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._go_on, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def look(self) -> None:
        """Renew for the projects that have changed since it looked before; at first for none."""
        now = work.marks(database())
        before = now if self._known is None else self._known
        self._known = now
        for project, mark in now.items():
            if mark != before.get(project, mark):
                coach.renew(project)

    def _go_on(self) -> None:
        while not self._stopping.wait(SECONDS):
            try:
                self.look()
            except StorageError:
                # Busy, or being restored: what has changed then is seen later.
                continue


watch = Watch()
