"""End workers: asked first where there is time, killed where they do not answer."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from pathlib import Path

from engine.launchers import Launcher, base
from engine.launchers.processes import Identity
from engine.runner.launching import launcher_of
from storage import home
from storage.database.connection import Database
from storage.errors import TrainingError
from storage.runs import runs
from storage.types import Run, RunState

GRACE_SECONDS = 5.0
log = logging.getLogger("whetstone.runner")


@dataclass
class Stopping:
    """Which workers were asked to stop, and since when they have not."""

    db: Database
    grace: float = GRACE_SECONDS
    asked: dict[int, float] = field(default_factory=dict)

    def cancel(self, run: Run, state: RunState) -> str:
        """Ask a worker to stop where somebody wants that; return what stands in the way.

        One that is to keep its best model still has to test and save it. Every other is
        ended when it does not answer in time, also a stopped one.
        """
        if not runs.cancel_requested(self.db, run.id):
            return ""
        keep = state is RunState.RUNNING and runs.cancel_keeps(self.db, run.id)
        return self.stop(run, base.KEEP if keep else "")

    def stop(self, run: Run, wish: str = "") -> str:
        """Ask a worker to stop, and end it where it was asked for long enough."""
        launcher, folder = launcher_of(self.db, run), home.run_folder(run.folder)
        try:
            hindrance = _ask(launcher, folder, wish)
            if wish:
                return hindrance
            asked = self.asked.setdefault(run.id, time.monotonic())
            if time.monotonic() - asked > self.grace:
                launcher.kill(folder, _process(run))
        except TrainingError as error:
            return str(error)
        return ""

    def end(self, run: Run) -> None:
        """End the worker of a run that is over: nobody would look after it any more."""
        try:
            launcher_of(self.db, run).kill(home.run_folder(run.folder), _process(run))
        except (TrainingError, OSError):
            log.exception("The worker of %s cannot be ended", run.title)

    def forget(self, run: Run) -> None:
        """Drop what was asked of a run that is over: it may begin again."""
        self.asked.pop(run.id, None)


def _ask(launcher: Launcher, folder: Path, wish: str) -> str:
    """Ask a worker to stop; return what stands in the way. One that cannot be asked is ended."""
    try:
        launcher.ask_to_stop(folder, wish)
    except OSError as error:
        return f"The training process cannot be asked to stop ({error}): cancel the run instead."
    return ""


def _process(run: Run) -> Identity | None:
    return None if run.pid is None else Identity(run.pid, run.pid_started or 0.0, run.boot_id)
