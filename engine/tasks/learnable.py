"""A model's classes: the labels that it can learn, and what becomes of the others.

A label without an example is no class: it would only be there to be predicted by mistake. Which
labels documents teach is a task's to say. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NAMED = 8


@dataclass(frozen=True, slots=True)
class LearnableLabels:
    """Labels by whether documents let a model learn them."""

    learned: tuple[str, ...]
    unused: tuple[str, ...] = ()
    """Nobody gave them to a document that takes part, or only where no model can learn it."""
    missed: Mapping[str, int] = field(default_factory=dict)
    """Spans in dev and test of labels that train has no example of: nobody can predict them."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what is left out; empty where every label is learned."""
        absent = [_absent(self.unused)] if self.unused else []
        return (*absent, *(_missed(label, count) for label, count in self.missed.items()))

    @classmethod
    def left_out(cls, report: Mapping) -> LearnableLabels:
        """Return what a report says of it; one from before says nothing."""
        found = report.get("left_out") or {}
        return cls((), tuple(found.get("unused", ())), found.get("missed", {}))

    def to_json(self) -> dict:
        """Return what ``report.json`` holds under "left_out"."""
        return {"unused": list(self.unused), "missed": dict(self.missed)}


def _absent(labels: Sequence[str]) -> str:
    them, are = ("it", "is") if len(labels) == 1 else ("them", "are")
    return f"{_named(labels)} {are} left out: no document to learn from has {them}."


def _missed(label: str, count: int) -> str:
    times, those = ("once", "That counts") if count == 1 else (f"{count:,} times", "Those count")
    return (
        f"The label {label} cannot be learned: it is given {times} in dev and test and never in "
        f"train so that it could be learned. {those} as missed."
    )


def _named(labels: Sequence[str]) -> str:
    if len(labels) == 1:
        return f"The label {labels[0]}"
    shown, more = list(labels[:NAMED]), len(labels) - NAMED
    last = f"{more} more" if more > 0 else shown.pop()
    return f"The labels {', '.join(shown)} and {last}"
