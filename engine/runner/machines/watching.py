"""Notice that a machine has died: whoever leads counts its beats by a clock of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from storage.database.connection import Database
from storage.machines import machines
from storage.machines.machines import Machine

# Six beats; a server of databases that is started anew takes less.
SILENT_SECONDS = 30.0


@dataclass
class Watching:
    """What a leader last heard of each machine, and when."""

    db: Database
    clock: Callable[[], float] = time.monotonic
    heard: dict[str, tuple[int, float]] = field(default_factory=dict)

    def silent(self) -> list[Machine]:
        """Return the machines that are silent, and say so to everybody where that is news."""
        return [found for found in map(self._look, machines.list_machines(self.db)) if found.silent]

    def _look(self, machine: Machine) -> Machine:
        beats, since = self.heard.get(machine.id, (-1, 0.0))
        if machine.beats != beats:
            self.heard[machine.id] = machine.beats, self.clock()
        elif not machine.silent and self.clock() - since >= SILENT_SECONDS:
            return replace(machine, silent=machines.mark_silent(self.db, machine))
        return machine
