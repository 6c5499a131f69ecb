"""What became of marks between two runs. Standard library only, as ``storage.types``."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from storage.cells import ANY


class Outcome(StrEnum):
    """What became of a gold mark from one run to another."""

    RIGHT = "right"
    FIXED = "fixed"
    BROKEN = "broken"
    WRONG = "still wrong"


class Compared(NamedTuple):
    """Gold marks that two runs found alike or not, of one label or (``ANY``) of all."""

    a: int
    b: int
    """The run whose labels count."""
    split: str
    outcome: Outcome
    label: str = ANY

    @property
    def title(self) -> str:
        """Return a few words for a heading."""
        return f"{self.outcome.capitalize()}{f': {self.label}' if self.label else ''}"
