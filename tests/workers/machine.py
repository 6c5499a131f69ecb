"""A machine that serves the queue: ``python -m tests.workers.machine NAME SILENT [TAG]``.

Its home, its state folder and the database are those of its environment; SILENT is after how many
seconds it takes another machine for dead. Its workers are forked.
"""

from __future__ import annotations

import signal
import sys

from engine import launchers
from engine.runner import JobRunner
from engine.runner.machines import membership, watching
from storage.database.connection import Database
from storage.engines import postgres
from tests.workers.forking import Forking


def main(name: str, silent: float, *tags: str) -> None:
    membership.BEAT_SECONDS, watching.SILENT_SECONDS = silent / 6, silent
    postgres.SILENT_SECONDS = silent
    launchers.MADE["local"] = lambda _: Forking()
    JobRunner(Database.open(), poll_seconds=0.1, gpus=(), name=name, tags=tags).start()
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])
