"""This machine among those that serve a database: its seat, its beats, which runs are its own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import psutil

from engine.launchers import processes
from engine.runner.machines import needs, place, places
from engine.system import environment
from engine.system.repeating import Repeating
from storage.database import settings
from storage.database.connection import Database
from storage.machines import identity, machines
from storage.machines.machines import Machine
from storage.types import Run

BEAT_SECONDS = 5.0


class Membership(Protocol):
    """What a runner asks before it acts."""

    @property
    def id(self) -> str | None:
        """Return what names this machine; None where there are no others to tell it from."""

    @property
    def trouble(self) -> str:
        """Why it serves nothing; empty where it does."""

    def start(self) -> None:
        """Beat in the background, also while the runner is busy."""

    def stop(self) -> None:
        """Beat no more, and let another process of this machine serve."""

    def serves(self, leading: bool, gpus: Sequence[str]) -> bool:
        """Tell whether this process starts and follows runs on this machine."""

    def has(self, run: Run, leading: bool) -> bool:
        """Tell whether an active run is this machine's to follow."""

    def takes(self, run: Run, at_work: Iterable[Run], leading: bool) -> bool:
        """Tell whether a queued run may start here."""


class Alone:
    """The only machine of a database, which lies in a file here: who leads does everything."""

    id = None
    trouble = ""

    def start(self) -> None:
        """Do nothing: nobody listens."""

    def stop(self) -> None:
        """Do nothing: the leader's lock says all."""

    def serves(self, leading: bool, gpus: Sequence[str]) -> bool:
        return leading

    def has(self, run: Run, leading: bool) -> bool:
        return True

    def takes(self, run: Run, at_work: Iterable[Run], leading: bool) -> bool:
        return True


class Member:
    """One of the machines of a database on a server.

    Of the processes on a machine one has its seat, and serves; the others stand by.
    """

    def __init__(self, db: Database, tags: Sequence[str] | None = None, name: str = "") -> None:
        self._db = db
        self.own = Machine(
            id=identity.own_id(),
            name=name or identity.name(),
            boot=processes.boot_id(),
            tags=identity.tags() if tags is None else tuple(tags),
            cores=environment.cores(),
            memory=psutil.virtual_memory().total,
        )
        self._seat = identity.seat(settings.identity(db))
        self._seated, self._beaten = False, -BEAT_SECONDS
        self._known: list[Machine] = []
        self._beating = Repeating("heartbeat of this machine", self._beat, BEAT_SECONDS)

    @property
    def id(self) -> str:
        return self.own.id

    @property
    def trouble(self) -> str:
        return self.own.trouble

    def start(self) -> None:
        self._beating.start()

    def stop(self) -> None:
        self._beating.stop()
        self._seat.release()
        self._seated = False

    def serves(self, leading: bool, gpus: Sequence[str]) -> bool:
        self._seated = self._seat.acquire()
        self.own = replace(self.own, gpus=tuple(gpus))
        if self._seated and time.monotonic() - self._beaten >= BEAT_SECONDS:
            self._beat()
        return self._seated and not self.own.trouble

    def has(self, run: Run, leading: bool) -> bool:
        if places.place_of(run, ()) == places.CLUSTER:
            # It goes on there whoever looks.
            return leading
        if run.machine is None:
            # From before there were several.
            return leading and run.boot_id in ("", self.own.boot)
        return run.machine == self.id

    def takes(self, run: Run, at_work: Iterable[Run], leading: bool) -> bool:
        if places.place_of(run, ()) == places.CLUSTER:
            return leading
        others = [one for one in self._known if one.id != self.id and not one.silent]
        return needs.takes(self.own, others, run, at_work)

    def _beat(self) -> None:
        """Say that this machine lives, and look at the others."""
        if not self._seated:
            return
        self._known = machines.list_machines(self._db)
        where = place.here()
        trouble = place.trouble(self._db, self.own.id, where, self._known)
        self.own = machines.beat(self._db, replace(self.own, place=where, trouble=trouble))
        self._beaten = time.monotonic()


def of(db: Database, tags: Sequence[str] | None = None, name: str = "") -> Membership:
    """Return this machine's part in serving a database."""
    return Alone() if db.path else Member(db, tags, name)
