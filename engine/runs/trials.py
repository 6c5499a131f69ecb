"""The trials of a search for good settings, as its events tell them. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

COMPLETE, RUNNING = "complete", "running"


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of a search: what it tried and how well that did on dev."""

    number: int
    state: str
    """running, complete, pruned or failed."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    f1: float | None = None
    """Entity F1 on dev; of a pruned trial, where it stood when it was given up."""
    epochs: int | None = None
    seconds: float | None = None


def read(events: Iterable[Mapping[str, Any]]) -> list[Trial]:
    """Return the trials in the order of their numbers, each as its last event left it."""
    names = Trial.__dataclass_fields__
    found = {
        event["number"]: Trial(**{name: event[name] for name in names if name in event})
        for event in events
        if event.get("kind") == "trial"
    }
    return [found[number] for number in sorted(found)]


def best(trials: Iterable[Trial]) -> Trial | None:
    """Return the complete trial with the highest F1, the first of equals; None without one."""
    scored = [trial for trial in trials if trial.state == COMPLETE and trial.f1 is not None]
    return max(scored, key=lambda trial: trial.f1 or 0.0, default=None)
