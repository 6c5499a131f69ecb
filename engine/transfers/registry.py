"""The imports and exports of this server that run, or wait for somebody to look at them."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.connection import Pipe as make_pipe
from pathlib import Path
from typing import Any

from engine.transfers.state import Order, Phase, State
from engine.transfers.worker import STOP
from storage.errors import ConflictError, NotFoundError, StorageError
from storage.permissions import Ability, needs

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "engine.transfers.worker")
DIED = "Its process ended before it was done, perhaps for want of memory. Nothing was changed."
# Who was asked to end and has not after so many seconds is ended.
GRACE_SECONDS = 10.0
# What nobody asks for any more is forgotten, with the process that waits for an answer.
IDLE_SECONDS = 3600.0
MOST = 20


@dataclass(frozen=True, slots=True)
class About:
    """What an import or an export is: whose, of which kind, and its name for people.

    ``key`` tells from another one that would do the same.
    """

    owner: str
    kind: str
    key: Any
    title: str
    project: int | None = None


class Transfer:
    """One import or export, as the server sees it. ``state`` is always a whole one."""

    def __init__(
        self, about: About, order: Order, command: Sequence[str], at_end: Callable[[], None]
    ) -> None:
        self.id = secrets.token_hex(16)
        self.about = about
        self.state = State()
        self.since = self.asked = time.monotonic()
        self._at_end = at_end
        self._lock = threading.Lock()
        self._connection, theirs = make_pipe()
        with theirs:
            descriptor = theirs.fileno()
            self._process = subprocess.Popen(
                [*command, str(descriptor)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[descriptor],
                # Ctrl+C is for the server; this one sees its pipe close.
                start_new_session=True,
            )
        self._connection.send(order)
        threading.Thread(target=self._listen, args=(self._connection,), daemon=True).start()

    @property
    def seconds(self) -> float:
        """How long the present phase has lasted."""
        return time.monotonic() - self.since

    @needs(Ability.EXCHANGE)
    def go_on(self, wish: Any, phase: Phase) -> None:
        """Answer a process that waits; raises ConflictError where it does not."""
        with self._lock:
            if self.state.phase is not Phase.READ:
                raise ConflictError("This is under way already: wait for its end.")
            self._enter(replace(self.state, phase=phase, documents=0, bytes=0, of_bytes=0))
        self._send(wish)

    def stop(self) -> None:
        """Ask it to end, and leave nothing of what it has not finished."""
        self._send(STOP)
        timer = threading.Timer(GRACE_SECONDS, self._process.kill)
        timer.daemon = True
        timer.start()

    def end(self) -> None:
        """End it at once, and wait until it has."""
        self._process.kill()
        self._process.wait()

    def _send(self, wish: Any) -> None:
        try:
            self._connection.send(wish)
        except OSError:
            # It has ended meanwhile, and says how by its last state.
            return

    def _listen(self, connection: Connection) -> None:
        while True:
            try:
                state = connection.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                self._enter(state)
        self._process.wait()
        with self._lock:
            if not self.state.phase.final:
                self._enter(State(Phase.FAILED, message=DIED))
        self._at_end()

    def _enter(self, state: State) -> None:
        if state.phase is not self.state.phase:
            self.since = time.monotonic()
        self.state = state


class Transfers:
    """All of one server; a person finds their own again from every page and after a reload."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._known: dict[str, Transfer] = {}
        self._lock = threading.Lock()

    @needs(Ability.EXCHANGE)
    def begin(
        self, about: About, order: Order, at_end: Callable[[], None] = lambda: None
    ) -> Transfer:
        """Start what is ordered; ``at_end`` is called when its process is gone, or never was.

        Raises ConflictError where too much goes on already, StorageError where no process can be
        started, ForbiddenError for who may not.
        """
        try:
            with self._lock:
                return self._begin(about, order, at_end)
        except BaseException:
            at_end()
            raise

    def _begin(self, about: About, order: Order, at_end: Callable[[], None]) -> Transfer:
        self._forget_idle()
        if len(self._known) >= MOST:
            raise ConflictError("Too many imports and exports are open here: end some first.")
        try:
            begun = Transfer(about, order, self._command, at_end)
        except OSError as error:
            raise StorageError(
                f"No process can be started for it ({error}): close other programs, try again."
            ) from error
        self._known[begun.id] = begun
        return begun

    def get(self, id: str, owner: str) -> Transfer:
        """Return a person's own import or export; raises NotFoundError."""
        found = self._known.get(id)
        if found is None or found.about.owner != owner:
            raise NotFoundError("This is no longer here: begin it anew.")
        found.asked = time.monotonic()
        return found

    def of(self, owner: str, kind: str) -> list[Transfer]:
        """Return a person's imports, or exports, the oldest first."""
        with self._lock:
            found = [
                each
                for each in self._known.values()
                if (each.about.owner, each.about.kind) == (owner, kind)
            ]
        for each in found:
            each.asked = time.monotonic()
        return found

    def forget(self, transfer: Transfer) -> None:
        """End it where it still goes on, and know it no longer."""
        with self._lock:
            self._known.pop(transfer.id, None)
        if not transfer.state.phase.final:
            transfer.end()

    def start(self) -> None:
        """Begin with nothing: what an earlier server began ended with it."""

    def stop(self) -> None:
        """End everything."""
        for each in list(self._known.values()):
            self.forget(each)

    def _forget_idle(self) -> None:
        now = time.monotonic()
        for each in list(self._known.values()):
            if each.state.phase.waits and now - each.asked > IDLE_SECONDS:
                del self._known[each.id]
                if not each.state.phase.final:
                    each.end()


transfers = Transfers()
