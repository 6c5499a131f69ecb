"""The parts of a confusion table, and how they are named. Standard library only."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from storage.branches import spoken
from storage.facts import Filter

# What stands in a confusion cell's name for the side that is not there.
MISSED, SPURIOUS = "(missed)", "(spurious)"
# Either side of a cell may be left open: a whole row or column.
ANY = ""


class Only(StrEnum):
    """Which rows of a part of the confusion table are meant; the word is what the address says."""

    ALL = ""
    BORDERS = "borders"
    """Those with the right label and the wrong borders."""
    ERRORS = "errors"
    """All that is not exact and has the label on either side."""


class Cell(NamedTuple):
    """A part of a run's confusion table: a cell, a row, a column, or the errors of a label.

    A side that is not there has its word for a label, one that may be anything is ``ANY``.
    Errors name their label as gold; those of ``ANY`` are all errors. ``filter`` leaves some out.
    """

    run: int
    split: str
    gold: str
    predicted: str = ANY
    only: Only = Only.ALL
    filter: Filter = Filter()

    @property
    def place(self) -> tuple[str, str, Only]:
        """Return which part of a table it is, whichever table: gold, predicted, which rows."""
        return self.gold, self.predicted, self.only

    @property
    def sides(self) -> tuple[str | None, str | None]:
        """Return the gold and the predicted label, None where there is none."""
        gold = None if self.gold == SPURIOUS else self.gold
        return gold, None if self.predicted == MISSED else self.predicted

    @property
    def title(self) -> str:
        """Return a few words for a heading."""
        return ": ".join(filter(None, (self._name, self.filter.words)))

    @property
    def _name(self) -> str:
        if self.only is Only.ERRORS:
            return f"Errors of {spoken(self.gold)}" if self.gold else "All errors"
        if self.only is Only.BORDERS:
            return f"{self.gold}, wrong borders"
        gold, predicted = (spoken(side) or "anything" for side in (self.gold, self.predicted))
        return f"{gold} → {predicted}"
