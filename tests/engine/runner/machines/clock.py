"""A clock that a test turns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Clock:
    """Tells the time that a test lets pass, in seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now
