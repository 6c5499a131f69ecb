"""Days or weeks: how long the past is that tells what is usual, and how fast an alarm comes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from storage.errors import InputError


class By(StrEnum):
    """How long a bin is: what is counted together."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How series of one kind of bin are tested; all lengths are in bins."""

    season: int
    """After so many bins the same weekday comes again; 1: there is no season."""
    window: int
    """The past that tells what is usual."""
    least: int
    """With a shorter past nothing is tested."""
    refit: int
    """So often the past is looked at anew."""
    quiet: int
    """So long nothing unusual must have come before the next surge is another one."""
    stays: int
    """What has been unusual for so long is what is usual."""
    memory: int
    """So many bins a moving average holds; they are no part of the past it is held against."""
    weight: float
    """How much the newest bin weighs in a moving average."""
    per_year: float


RHYTHMS = {
    By.DAY: Rhythm(7, 182, 28, 7, 7, 21, 42, 0.1, 365.25),
    By.WEEK: Rhythm(1, 52, 12, 1, 2, 4, 12, 0.3, 365.25 / 7),
}


def by_name(name: str) -> By:
    """Return the kind of bin of that name; raise InputError where there is none."""
    try:
        return By(name)
    except ValueError as error:
        raise InputError(f"Counts are by day or by week, not by {name!r}: choose one.") from error
