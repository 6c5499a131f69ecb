"""The process of one project's coach, which ``forkserver`` starts.

By a pipe it hears what comes next, and says how far it is. When the other end is closed, which is
when the server is gone, however that came about, it ends. It may be killed at any moment: what it
has learned is learned again.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Never

from engine.coach.state import STOP, Ahead, CoachState, Phase
from engine.system import priority
from engine.system.priority import Calls
from storage import home
from storage.coaching import choices, kept, word_lists, work
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import StorageError, WhetstoneError
from storage.finding import facets
from storage.finding.sets import bit_sets

if TYPE_CHECKING:
    from engine.coach.coach import Coach, Update

POLL_SECONDS = 0.05
# Beside a training it looks less often and reads nothing ahead: both would only be slower.
BESIDE_SECONDS = 0.2
PATIENCE_SECONDS = 2.0
LEARNING_SECONDS = 1.5
"""It learns no longer without looking up: who waits for suggestions, whether it is to end."""
REACH = 500
"""Documents to do that have suggestions beside those that come next, where there is time."""
FAULT = "Something went wrong that should not have: a fault of Whetstone. Your labels are safe."


class Ended(Exception):
    """Nobody is left to work for, or somebody asked for the end."""


class Pipe:
    """The process's end of the pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.ahead: tuple[int, ...] = ()
        self._last = CoachState()

    def hear(self, seconds: float) -> None:
        """Take what was said, waiting for it so long; raises Ended."""
        try:
            while self._connection.poll(seconds):
                self._take(self._connection.recv())
                seconds = 0.0
        except (EOFError, OSError) as error:
            raise Ended from error

    def _take(self, message: Any) -> None:
        if message == STOP:
            raise Ended
        if isinstance(message, Ahead):
            self.ahead = message.documents

    def tell(self, state: CoachState) -> None:
        """Say how far it is, where that is new; raises Ended."""
        if state == self._last:
            return
        self._last = state
        try:
            self._connection.send(replace(state, pid=os.getpid()))
        except OSError as error:
            raise Ended from error


class Working:
    """The rounds of one process: learn what is new, else suggest further, else wait."""

    def __init__(self, coach: Coach, pipe: Pipe) -> None:
        self.coach, self.pipe = coach, pipe
        self.mended = self.changed = 0
        self._last: Update | None = None
        self._known: tuple[Any, ...] = ()
        self._rested: tuple[Any, ...] = ()
        self._pause = POLL_SECONDS
        self._behind: list[int] = []
        self._behind_at: object = None

    def round(self) -> float:
        """Do what is next, beside a training less, and return how many seconds it may wait."""
        now = work.glance(self.coach.db), self.pipe.ahead
        if now == self._rested:
            # Nobody has changed anything since there was nothing to do.
            return self._pause
        beside = work.is_training(self.coach.db)
        found = self._go_on(beside)
        pause = BESIDE_SECONDS if beside else POLL_SECONDS
        if not found:
            self._rested, self._pause = now, pause
        return 0.0 if found and not beside else pause

    def _go_on(self, beside: bool) -> bool:
        """Do what is next and return whether there was something."""
        ahead = self.pipe.ahead
        now = (work.moment(self.coach.db, self.coach.project.id), ahead, self._decided())
        if now != self._known or self.coach.reads_on:
            self._take(self.coach.update(ahead, LEARNING_SECONDS))
            self._known = now
            return True
        return not beside and (self.coach.read(ahead) > 0 or self._further())

    def _decided(self) -> object:
        """Return what people decided, on which suggestions depend."""
        db, project = self.coach.db, self.coach.project.id
        return choices.of(db, project), word_lists.stamp(db, project)

    def _take(self, update: Update) -> None:
        self._last = update
        if update.changed is not None:
            self.mended, self.changed = self.mended + 1, update.changed
        self.tell(Phase.READING if self.coach.reads_on else Phase.WAITING)

    def _further(self) -> bool:
        """Suggest for some more documents to do, in the order of the list; False: all are told."""
        now = self.coach.standing.revision, self._decided()
        if self._behind_at != now:
            to_do = bit_sets.members(facets.index(self.coach.db, self.coach.project.id).to_do)
            self._behind, self._behind_at = list(to_do[:REACH]), now
        if not self._behind:
            return False
        some, self._behind = self._behind[:16], self._behind[16:]
        self.coach.suggest(some)
        return True

    def tell(self, phase: Phase) -> None:
        """Say how far it is."""
        standing, last = self.coach.standing, self._last
        self.pipe.tell(
            CoachState(
                phase,
                entry=self.coach.entry,
                documents=len(self.coach.learner.learned),
                revision=standing.revision,
                suggestions=last.suggestions if last else 0,
                seconds=last.seconds if last else 0.0,
                mended=self.mended,
                changed=self.changed,
                learner=self.coach.name,
                asked=self.coach.asked,
            )
        )


def serve(project_id: int, pipe: Pipe, load: Callable[[Database, int], Coach]) -> None:
    """Coach a project until nobody needs it."""
    db = Database.open()
    held = lock(db, project_id)
    if not held.acquire():
        pipe.tell(CoachState(Phase.ELSEWHERE))
        return
    coach = load(db, project_id)
    working = Working(coach, pipe)
    working.tell(Phase.READING)
    try:
        # What comes next was said while it loaded.
        pipe.hear(0.0)
        go_on(pipe, working.round)
    except Ended:
        coach.close()
    finally:
        held.release()


def go_on(pipe: Pipe, round: Callable[[], float]) -> Never:
    """Do rounds, each of which says how many seconds the next may wait; raises Ended."""
    while True:
        try:
            pause = round()
        except StorageError:
            # Busy, or being restored: what was not done now is done then.
            pause = PATIENCE_SECONDS
        pipe.hear(pause)


def lock(db: Database, project_id: int, what: str = "coach") -> home.FileLock:
    """Return the lock that keeps two coaches of one project from working side by side.

    Processes that do something else for a project have locks of their own. Raises NotFoundError
    where there is no such project any more.
    """
    projects.get_project(db, project_id)
    return home.FileLock(kept.lock_file(db, project_id, what))


def run(project_id: int, descriptor: int) -> None:
    """Coach a project over one end of a pipe, in a process that has loaded everything."""
    from engine.coach.coach import Coach

    writes = step_back()
    attend(descriptor, lambda pipe: serve(project_id, pipe, partial(Coach, writes=writes)))


def step_back() -> Calls:
    """Let others go before the calling thread; return what calls a function ahead of it."""
    thread = priority.UnloweredThread()
    priority.lower_thread(priority.LONG_WORK)
    return thread.call


def attend(descriptor: int, act: Callable[[Pipe], None]) -> None:
    """Act over one end of a pipe, and say there what keeps this from going on."""
    pipe = Pipe(Connection(descriptor))
    try:
        pipe.tell(CoachState(Phase.STARTING))
        act(pipe)
    except Ended:
        return
    except WhetstoneError as error:
        _fail(pipe, str(error))
    except Exception:
        # The window in which the server was started shows it; the page says that it was ours.
        traceback.print_exc()
        _fail(pipe, FAULT)


def _fail(pipe: Pipe, message: str) -> None:
    with suppress(Ended):
        pipe.tell(CoachState(Phase.FAILED, message=message))
