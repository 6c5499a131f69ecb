"""A launcher whose workers are another program: a stand-in, or one that cannot begin."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.launchers.local import Child, Local

STAND_IN = Path(__file__).with_name("stand_in.py")


class Running(Local):
    """Starts a program in the worker's place; it is given the run's folder as its last word."""

    def __init__(self, *program: str) -> None:
        self.program = program

    def spawn(self, asked: list[str], told: dict[str, str], lock: int, log: int) -> Child:
        """Start the program as Local starts a worker."""
        return super().spawn([*self.program, asked[-1]], told, lock, log)


def stand_ins(order: str | Path = "live") -> Running:
    """Return a launcher of stand-ins that all have the same order."""
    return Running(sys.executable, "-I", "-S", str(STAND_IN), str(order))


def let_go(folder: Path, finished: Path) -> None:
    """Let a stand-in that lives end well, with the results of a finished run."""
    draft = folder / "go.draft"
    draft.write_text(str(finished))
    os.replace(draft, folder / "go")
