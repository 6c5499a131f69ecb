"""What has changed since a page showed it: suspects weighed anew, suggestions learned anew."""

from __future__ import annotations

from engine.coach.registry import coaches
from engine.coach.renewal import renewer
from engine.coach.renewal.registry import renewers
from storage.database.store import database
from storage.runs import renewals, suspects


def look(project: int) -> None:
    """Have a project's suspects renewed as labels change, where there is a check to renew."""
    if not renewers.serving:
        return
    if renewers.process(project) is not None or renewer.find(database(), project) is not None:
        renewers.look(project)


class Since:
    """The changes of one project since a moment, which is when this is made."""

    def __init__(self, project: int) -> None:
        self._project = project
        run = suspects.newest_run(database(), project)
        self._then = None if run is None else renewals.stamp(database(), run)
        self._mended = coaches.state(project).mended
        self.suggestions = 0
        """How many were others after each change of what the coach had learned, in all."""

    @property
    def suspects(self) -> int:
        """How many are others."""
        return renewals.since(database(), self._then) if self._then else 0

    def hear(self) -> None:
        """Take note of what the coach says; one that was begun anew counts from its beginning."""
        state = coaches.state(self._project)
        if state.mended > self._mended:
            self.suggestions += state.changed
        self._mended = state.mended
