"""What every launcher can do, and the note it leaves in the run's folder. Knows no database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from engine.launchers.processes import Identity
from engine.runs import files
from engine.runs.spec import RunSpec
from storage.errors import RunFolderError

FILE = "launch.json"
CANCEL = "cancel"
KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a Ray cluster is and how run folders get there."""

    address: str = "http://127.0.0.1:8265"
    """The address of its dashboard, which takes jobs."""
    storage: str = ""
    """A folder that both sides reach, as a URL for fsspec; empty where both see the home."""
    gpu: bool = False
    """Whether runs whose device is "auto" ask the cluster for GPUs."""


@dataclass(frozen=True, slots=True)
class Launch:
    """Where an attempt's worker was started: what finds it again after a restart."""

    attempt: int
    launcher: str
    gpus: tuple[str, ...] = ()
    """The GPUs of this machine that it alone uses."""
    address: str = ""
    job: str = ""
    place: str = ""
    """The URL of the run folder's copy; empty where the worker works in the folder itself."""


class Launcher(Protocol):
    """A way to run workers. Every method may raise TrainingError where it cannot be reached."""

    def start(self, folder: Path, spec: RunSpec, gpus: Sequence[str]) -> Identity | None:
        """Start the worker of a run; return its process where that is on this machine."""

    def is_alive(self, folder: Path) -> bool:
        """Tell whether the folder's worker may still be at work."""

    def fetch(self, folder: Path, whole: bool) -> None:
        """Bring home what the worker wrote elsewhere: its events, with ``whole`` everything."""

    def ask_to_stop(self, folder: Path, wish: str) -> None:
        """Ask the worker to stop: now, or with the wish KEEP after testing the best model."""

    def kill(self, folder: Path, process: Identity | None) -> None:
        """End the worker without asking it."""

    def last_words(self, folder: Path) -> str:
        """Return what a worker that is gone said last outside of its events; often nothing."""


def write(folder: Path, launch: Launch) -> None:
    """Leave the note ``launch.json``, whole or not at all."""
    files.put(folder / FILE, json.dumps(asdict(launch), indent=1))


def read(folder: Path) -> Launch | None:
    """Return the note of the newest attempt; None where no worker was started.

    A damaged note is none: what is known of the process besides must do.
    """
    path = folder / FILE
    try:
        with files.reading(path):
            known = files.read_object(path)
            return Launch(**known | {"gpus": tuple(map(str, known["gpus"]))})
    except RunFolderError:
        return None


def flag(folder: Path, wish: str) -> bool:
    """Write the wish to stop into the folder; return whether that is news."""
    path = folder / CANCEL
    if path.is_file() and path.read_bytes() == wish.encode():
        return False
    # Never seen half written: an empty flag would throw away what was to be kept.
    files.put(path, wish)
    return True
