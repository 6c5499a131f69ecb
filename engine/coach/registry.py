"""The coaches of this server: one process for each project that somebody tags. Light to import."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

from engine.coach.forkserver import ForkServer
from engine.coach.state import STOP, Ahead, CoachState, Phase
from engine.system.repeating import Repeating

# Seconds after which nobody tags any more.
IDLE_SECONDS = 300.0
# Who was asked to end and has not after so many seconds is ended.
GRACE_SECONDS = 5.0
# A process that ended by itself is started again after so many seconds; each time it ends without
# having learned anything, after twice as many, up to the last.
AGAIN_SECONDS, LONGEST_SECONDS = 0.2, 60.0
LOOK_SECONDS = 0.25
log = logging.getLogger("whetstone.coach")


@dataclass(slots=True)
class _Coach:
    """One project's process, as the server sees it."""

    project: int
    state: CoachState = field(default_factory=CoachState)
    ahead: Ahead = Ahead(())
    asked: float = 0.0
    connection: Connection | None = None
    """Of a process that is alive, or about to be."""
    again_at: float = 0.0
    patience: float = AGAIN_SECONDS
    ending_since: float | None = None


class Coaches:
    """All of one server. They end with it: each sees its pipe close."""

    def __init__(self, forks: ForkServer | None = None, idle: float = IDLE_SECONDS) -> None:
        self._forks, self._idle = forks or ForkServer(), idle
        self._known: dict[int, _Coach] = {}
        self._lock = threading.Lock()
        self._rounds = Repeating("coaches", self._follow, LOOK_SECONDS)

    def start(self) -> None:
        """Follow processes in a background thread until ``stop``."""
        self._rounds.start()

    def stop(self) -> None:
        """End every process."""
        self._rounds.stop()
        with self._lock:
            for coach in self._known.values():
                _end(coach)
            self._known.clear()
            self._forks.end()

    @property
    def serving(self) -> bool:
        """Whether processes are started: in a server, and not in a script."""
        return self._rounds.running

    def look(self, project: int, documents: Sequence[int] = ()) -> None:
        """Say that somebody tags a project, and which documents come next, where that is known.

        Returns at once. Where the server serves nobody, as in a script, nothing happens.
        """
        if not self.serving:
            return
        with self._lock:
            coach = self._known.setdefault(project, _Coach(project))
            coach.asked = time.monotonic()
            if documents and coach.ahead.documents != tuple(documents):
                coach.ahead = Ahead(tuple(documents))
                _send(coach, coach.ahead)

    def forget(self, project: int) -> None:
        """End a project's process, because it is switched off or deleted."""
        with self._lock:
            if coach := self._known.pop(project, None):
                _end(coach)

    def state(self, project: int) -> CoachState:
        """Return how far a project's coach is."""
        with self._lock:
            coach = self._known.get(project)
            return coach.state if coach else CoachState()

    def process(self, project: int) -> int | None:
        """Return the id of a project's process; None where none is alive."""
        with self._lock:
            coach = self._known.get(project)
            return coach.state.pid or None if coach and coach.connection else None

    def _follow(self) -> None:
        with self._lock:
            known = list(self._known.values())
        for coach in known:
            with self._lock:
                if self._known.get(coach.project) is coach:
                    self._attend(coach, time.monotonic())

    def _attend(self, coach: _Coach, now: float) -> None:
        """Start, end or start again what a coach needs at this moment."""
        wanted = now - coach.asked < self._idle
        if coach.connection is None:
            if wanted and now >= coach.again_at:
                self._begin(coach)
        elif coach.ending_since is not None:
            if now - coach.ending_since > GRACE_SECONDS:
                _kill(coach)
        elif not wanted:
            coach.ending_since = now
            _send(coach, STOP)
        if not self._is_needed(now):
            self._forks.end()

    def _is_needed(self, now: float) -> bool:
        # One that has ended by itself is forked again in a moment.
        known = self._known.values()
        return any(each.connection or now - each.asked < self._idle for each in known)

    def _begin(self, coach: _Coach) -> None:
        try:
            coach.connection = self._forks.fork(coach.project)
        except OSError as error:
            log.warning("The coach cannot be started: %s", error)
            _lose(coach)
            return
        coach.ending_since = None
        coach.state = replace(coach.state, phase=Phase.STARTING, message="", pid=0)
        _send(coach, coach.ahead)
        following = (coach, coach.connection)
        threading.Thread(target=self._listen, args=following, daemon=True).start()

    def _listen(self, coach: _Coach, connection: Connection) -> None:
        """Take what a process says until its pipe closes; nobody else closes our end."""
        with connection:
            while True:
                try:
                    state = connection.recv()
                except (EOFError, OSError):
                    break
                with self._lock:
                    if coach.connection is connection:
                        if state.revision > coach.state.revision:
                            coach.patience = AGAIN_SECONDS
                        coach.state = state
            with self._lock:
                if coach.connection is connection:
                    _lose(coach)


def _lose(coach: _Coach) -> None:
    """Take note that a process has ended."""
    asked_to = coach.ending_since is not None
    coach.connection = coach.ending_since = None
    if asked_to:
        coach.state = replace(coach.state, phase=Phase.OFF, pid=0)
        return
    if coach.state.phase is not Phase.ELSEWHERE:
        coach.state = replace(coach.state, phase=Phase.FAILED, pid=0)
    coach.again_at = time.monotonic() + coach.patience
    coach.patience = min(2 * coach.patience, LONGEST_SECONDS)


def _send(coach: _Coach, message: object) -> None:
    if coach.connection is None:
        return
    try:
        coach.connection.send(message)
    except OSError:
        # It has ended meanwhile, which the next look at it notices.
        return


def _kill(coach: _Coach) -> None:
    if coach.state.pid:
        with suppress(ProcessLookupError):
            os.kill(coach.state.pid, signal.SIGKILL)


def _end(coach: _Coach) -> None:
    # One that has not begun yet finds that it is to end.
    _send(coach, STOP)
    _kill(coach)
    coach.connection = None
    coach.state = CoachState()


coaches = Coaches()
