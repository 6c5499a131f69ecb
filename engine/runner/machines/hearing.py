"""Since when nothing was heard of a run, by a clock that nobody can set.

The times of files are the time of day, which jumps; whether a file has changed does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine.launchers import base
from engine.runs import events
from storage.types import Run, RunState

# A worker beats every two seconds; where it is silent for so long, a person should know.
SILENCE_SECONDS = 60.0
Mark = tuple[object, ...]


@dataclass
class Hearing:
    """What a runner last saw of each run's folder, and when that changed."""

    clock: Callable[[], float] = time.monotonic
    seen: dict[int, tuple[Mark, float]] = field(default_factory=dict)

    def silence(self, run: Run, state: RunState, folder: Path) -> str:
        """Say how long a run is silent, in steps of ten seconds; empty while it is fine."""
        seconds = int(self.seconds(run, folder)) // 10 * 10
        if seconds < SILENCE_SECONDS:
            return ""
        if state is RunState.STARTING and run.pid is None:
            return f"Waits for a place on the cluster for {seconds} s."
        return (
            f"No sign of life for {seconds} s: the training process may be stopped or hang. "
            "Wait, or cancel the run and resume it."
        )

    def seconds(self, run: Run, folder: Path) -> float:
        """Return for how long nothing changed in a run's folder, as far as this runner saw."""
        return self.clock() - self._heard(run, folder)

    def forget(self, run: Run) -> None:
        """Drop what was seen of a run that is over."""
        self.seen.pop(run.id, None)

    def _heard(self, run: Run, folder: Path) -> float:
        mark = (run.attempt, *map(_mark, (folder / events.FILE, folder / base.FILE)))
        if self.seen.get(run.id, (None, 0.0))[0] != mark:
            self.seen[run.id] = mark, self.clock()
        return self.seen[run.id][1]


def _mark(path: Path) -> Mark:
    """Return what is another whenever somebody writes to a file."""
    try:
        known = path.stat()
    except OSError:
        return ()
    return known.st_ino, known.st_size, known.st_mtime_ns
