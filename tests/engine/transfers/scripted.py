"""An order that does as it is told; a module of its own, since its process loads it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

from engine.transfers.state import Link, Phase, State
from storage.errors import InputError


@dataclass(frozen=True)
class Scripted:
    """An order that reads, waits for an answer, and ends as it is told."""

    end: str = "done"

    def carry_out(self, link: Link) -> Any:
        link.tell(State(Phase.READING, 5, 0, 50, 100))
        if self.end == "killed":
            os.kill(os.getpid(), 9)
        if self.end == "refused":
            raise InputError("The file is no file.")
        if self.end == "fault":
            raise ZeroDivisionError
        if self.end == "endless":
            while True:
                link.tell(State(Phase.READING))
                time.sleep(0.001)
        link.tell(State(Phase.READ, 5, 5, result="plan"))
        return f"imported into {link.wait()}"
