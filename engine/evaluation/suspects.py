"""A suspect: a mark that is probably wrong, or one that is probably missing, with the reason.

Here: what the suspects of all tasks have in common, and how they are told. How likely another
mark is, the task says. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.types import Span


@dataclass(frozen=True, slots=True)
class Suspect:
    """One place where people and the evidence differ; ``given`` or ``suggested`` is there."""

    document: int
    given: Span | None
    """What people marked; None where a mark is missing."""
    suggested: Span | None
    """The best of all other answers; None where nothing should be marked."""
    score: float
    """From 0 to 1: the share of ``suggested`` in what speaks for it and for ``given``."""
    reason: str

    @property
    def place(self) -> Span:
        """Return the mark that is there, or the one that is missing."""
        found = self.given or self.suggested
        assert found, "a suspect has a side"
        return found

    def to_json(self) -> dict[str, Any]:
        """Return what commands print; ``suggested`` has its own borders."""
        wanted = self.suggested
        return {
            "document": self.document,
            "start": self.place.start,
            "end": self.place.end,
            "given": self.given.label if self.given else None,
            "suggested": {"start": wanted.start, "end": wanted.end, "label": wanted.label}
            if wanted
            else None,
            "score": round(self.score, 6),
            "reason": self.reason,
        }


def say(given: str | None, *against: str) -> str:
    """Say why: what people said, and what speaks against it."""
    said = f"you said {given}" if given else "nothing is labelled here"
    return f"{said}, {'; '.join(part for part in against if part)}"


def say_model(label: str | None, chance: float, what: str = "") -> str:
    """Say what a model that never saw a place takes it, or a quote near it, for, and how sure."""
    of_what = f" for {what}" if what else ""
    return f"the model that never saw it says {label or 'nothing'}{of_what} at {chance:.2f}"


def say_corpus(label: str | None, count: int, places: int, what: str) -> str:
    """Say in how many of its other places something is labelled so."""
    where = "other place" if places == 1 else "other places"
    return f"{what} is {label or 'unlabelled'} in {count:,} of {places:,} {where}"
