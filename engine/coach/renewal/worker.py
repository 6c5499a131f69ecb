"""The process that renews one project's suspects: ``python -m engine.coach.renewal.worker FD``.

What is started forks one for each project, as ``engine.coach.forkserver`` does. It may be killed
at any moment: what is stored is always a whole, and what was not renewed is found again.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from engine.coach.forkserver import fork_for_ever
from engine.coach.renewal.renewer import Check, find
from engine.coach.state import CoachState, Phase
from engine.coach.worker import FAULT, Ended, Pipe, lock
from engine.system import priority
from storage.coaching import work
from storage.database.connection import Database
from storage.errors import StorageError, WhetstoneError

POLL_SECONDS = 0.3
PATIENCE_SECONDS = 2.0


class Rounds:
    """Renews what has changed since the round before."""

    def __init__(self, db: Database, project_id: int) -> None:
        self._db, self._project = db, project_id
        self._check: Check | None = None
        self._known: object = None

    def round(self) -> CoachState:
        """Renew the newest check where there is something new; return how far that is."""
        newest, now = find(self._db, self._project), work.moment(self._db, self._project)
        if (newest, now) != self._known:
            if newest is None or self._check is None or self._check.run != newest:
                self._check = None if newest is None else Check(self._db, newest)
            if self._check:
                self._check.renew()
            self._known = newest, now
        return CoachState(Phase.WAITING, entry=now.entry)


def serve(project_id: int, pipe: Pipe) -> None:
    """Renew a project's suspects until nobody needs it."""
    db = Database.open()
    held = lock(db, project_id, "renewal")
    if not held.acquire():
        pipe.tell(CoachState(Phase.ELSEWHERE))
        return
    rounds = Rounds(db, project_id)
    try:
        while True:
            pipe.hear(_go_on(rounds, pipe))
    except Ended:
        return
    finally:
        held.release()


def _go_on(rounds: Rounds, pipe: Pipe) -> float:
    """Do a round; return after how many seconds the next one is due."""
    try:
        pipe.tell(rounds.round())
    except StorageError:
        # Busy, or being restored: what was not renewed now is renewed then.
        return PATIENCE_SECONDS
    return POLL_SECONDS


def run(project_id: int, descriptor: int) -> None:
    """Renew over one end of a pipe."""
    pipe = Pipe(Connection(descriptor))
    with suppress(Ended):
        try:
            pipe.tell(CoachState(Phase.STARTING))
            serve(project_id, pipe)
        except WhetstoneError as error:
            pipe.tell(CoachState(Phase.FAILED, message=str(error)))
        except Exception:
            # The window in which the server was started shows it.
            traceback.print_exc()
            pipe.tell(CoachState(Phase.FAILED, message=FAULT))


def main(arguments: Sequence[str]) -> None:
    """Fork a process for each project that the server names."""
    priority.lower(os.getpid(), priority.LONG_WORK)
    fork_for_ever(Connection(int(arguments[0])), run)


if __name__ == "__main__":
    main(sys.argv[1:])
