"""The process that renews one project's suspects: ``python -m engine.coach.renewal.worker FD``.

What is started forks one for each project, as ``engine.coach.forkserver`` does. It may be killed
at any moment: what is stored is always a whole, and what was not renewed is found again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

from engine.coach.forkserver import fork_for_ever
from engine.coach.renewal.renewer import Check, find
from engine.coach.state import CoachState, Phase
from engine.coach.worker import Pipe, attend, go_on, lock, step_back
from engine.system import priority
from engine.system.priority import Calls
from storage.coaching import work
from storage.database.connection import Database

POLL_SECONDS = 0.3


class Rounds:
    """Renews what has changed since the round before."""

    def __init__(
        self, db: Database, project_id: int, pipe: Pipe, writes: Calls = priority.call
    ) -> None:
        self._db, self._project, self._pipe, self._writes = db, project_id, pipe, writes
        self._check: Check | None = None
        self._known: object = None
        self._seen: object = None

    def round(self) -> float:
        """Renew the newest check where there is something new, say how far that is, and rest."""
        seen = work.glance(self._db)
        if seen != self._seen:
            self._renew()
            self._seen = seen
        return POLL_SECONDS

    def _renew(self) -> None:
        newest, now = find(self._db, self._project), work.moment(self._db, self._project)
        if (newest, now) != self._known:
            known = self._check and (self._check.run, self._check.labels)
            if newest is None or known != (newest, now.labels):
                self._check = None if newest is None else Check(self._db, newest, self._writes)
            if self._check:
                self._check.renew()
            self._known = newest, now
        self._pipe.tell(CoachState(Phase.WAITING, entry=now.entry))


def serve(project_id: int, pipe: Pipe, writes: Calls) -> None:
    """Renew a project's suspects until nobody needs it; raises Ended."""
    db = Database.open()
    held = lock(db, project_id, "renewal")
    if not held.acquire():
        pipe.tell(CoachState(Phase.ELSEWHERE))
        return
    try:
        go_on(pipe, Rounds(db, project_id, pipe, writes).round)
    finally:
        held.release()


def run(project_id: int, descriptor: int) -> None:
    """Renew over one end of a pipe."""
    writes = step_back()
    attend(descriptor, lambda pipe: serve(project_id, pipe, writes))


def main(arguments: Sequence[str]) -> None:
    """Fork a process for each project that the server names."""
    fork_for_ever(Connection(int(arguments[0])), run)


if __name__ == "__main__":
    main(sys.argv[1:])
