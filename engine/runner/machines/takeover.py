"""Runs of a machine that has died: what they had reached is read, and they are queued again.

The next machine that claims one counts its attempt on, and goes on from its newest checkpoint.
From then on the attempt's number keeps the worker of before from writing, should it still be
there or come back with its machine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.launchers import stored
from engine.runner.machines import places, watching
from engine.runner.machines.hearing import Hearing
from engine.runner.machines.watching import Watching
from engine.runs import lock
from storage import home
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.machines import machines
from storage.machines.machines import Machine
from storage.runs import runs
from storage.types import Run, RunState

GONE = "{name} was not heard of for {seconds:.0f} s: the run goes on elsewhere from its checkpoint."
log = logging.getLogger("whetstone.runner")


@dataclass
class Takeover:
    """The leader's part: looks after what dead machines have left."""

    db: Database
    own: str | None
    hearing: Hearing
    ingest: Callable[[Run], RunState]
    watching: Watching = field(init=False)

    def __post_init__(self) -> None:
        self.watching = Watching(self.db)

    def look(self) -> None:
        """Take over the runs of all machines that are silent; one that cannot be waits."""
        silent = {machine.id: machine for machine in self.watching.silent()}
        if silent:
            machines.forget_old(self.db)
        for run in runs.active_runs(self.db):
            if run.machine in (None, self.own) or places.place_of(run, ()) == places.CLUSTER:
                continue
            folder = home.run_folder(run.folder)
            try:
                if run.machine in silent:
                    stored.listen(folder)
                # Heard from the beginning: a worker may outlive the runner of its machine.
                quiet = self.hearing.seconds(run, folder)
                if run.machine in silent:
                    self._take(run, silent[run.machine], quiet)
            except WhetstoneError as error:
                log.warning("%s cannot be taken over yet: %s", run.title, error)

    def _take(self, run: Run, machine: Machine, quiet: float) -> None:
        """Bring a run up to date; queue it again unless its worker still writes."""
        folder = home.run_folder(run.folder)
        if quiet >= watching.SILENT_SECONDS:
            # With what it ended with, if it did.
            stored.collect(folder)
        state = self.ingest(run)
        if state.final:
            self.hearing.forget(run)
        elif quiet >= watching.SILENT_SECONDS:
            # A lock of another machine's: it says nothing about who works here.
            (folder / lock.NAME).unlink(missing_ok=True)
            self._queue(run, GONE.format(name=machine.name, seconds=watching.SILENT_SECONDS))
            self.hearing.forget(run)

    def _queue(self, run: Run, message: str) -> None:
        asked = runs.cancel_requested(self.db, run.id)
        if asked and not runs.cancel_keeps(self.db, run.id):
            runs.set_state(self.db, run.id, RunState.CANCELLED, "cancelled", run.attempt)
        else:
            runs.requeue(self.db, run.id, message=message, attempt=run.attempt)
