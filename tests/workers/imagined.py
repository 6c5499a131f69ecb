"""A launcher without processes: its workers are what a test says they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.launchers import base
from engine.launchers.processes import Identity
from engine.runs.events import Events
from engine.runs.spec import RunSpec


@dataclass
class Imagined:
    """A run's worker lives for as long as its events are in ``living``."""

    living: dict[int, Events] = field(default_factory=dict)
    gpus: dict[int, tuple[str, ...]] = field(default_factory=dict)
    killed: list[Path] = field(default_factory=list)

    def start(self, folder: Path, spec: RunSpec, gpus: Sequence[str]) -> Identity | None:
        """Let a worker live; it says that it runs."""
        self.gpus[spec.run] = tuple(gpus)
        self.living[spec.run] = Events(folder, spec.attempt)
        self.living[spec.run].state("running")
        base.write(folder, base.Launch(spec.attempt, "local", tuple(gpus)))
        return None

    def is_alive(self, folder: Path) -> bool:
        """Tell whether the test has not ended the worker."""
        return _run(folder) in self.living

    def fetch(self, folder: Path, whole: bool) -> None:
        """Do nothing: the test writes into the folder itself."""

    def ask_to_stop(self, folder: Path, wish: str) -> None:
        """Leave the wish where the test finds it."""
        base.flag(folder, wish)

    def kill(self, folder: Path, process: Identity | None) -> None:
        """End the worker, and remember that."""
        self.killed.append(folder)
        self.living.pop(_run(folder), None)

    def last_words(self, folder: Path) -> str:
        """Return nothing: there was nobody to say anything."""
        return ""


def _run(folder: Path) -> int:
    """Return the id of the run whose folder this is."""
    return int(folder.name.split("-")[0])
