"""Sees that labels have changed, by whatever way, and has renewed what leaned on them.

An answer on Tag, a step taken back, many documents accepted at once, a label renamed or merged, a
script beside the server: all of them leave an entry in the journal, or an action.
"""

from __future__ import annotations

from contextlib import suppress

from engine.system.repeating import Repeating
from pages.coaching import coach
from storage.coaching import work
from storage.database.store import database
from storage.errors import StorageError

SECONDS = 0.5


class Watch:
    """One thread of the server, which asks the database two times a second how far projects are."""

    def __init__(self) -> None:
        self._known: dict[int, work.Mark] | None = None
        self._rounds = Repeating("watch of labels", self._look_patiently, SECONDS)

    def start(self) -> None:
        """Look on until ``stop``."""
        self._rounds.start()

    def stop(self) -> None:
        """Look no more."""
        self._rounds.stop()

    def look(self) -> None:
        """Renew for the projects that have changed since it looked before; at first for none."""
        now = work.marks(database())
        before = now if self._known is None else self._known
        self._known = now
        for project, mark in now.items():
            if mark != before.get(project, mark):
                coach.renew(project)

    def _look_patiently(self) -> None:
        # Where it is busy, or being restored, what has changed then is seen later.
        with suppress(StorageError):
            self.look()


watch = Watch()
