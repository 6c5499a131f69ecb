"""What a guideline says of each label, as plain data. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

FIRST = 1
"""The version that every project begins with."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence that shows a label; offsets are code points, None where all of it is meant.

    Which row holds it, and where it was taken from, is nothing that it says.
    """

    id: int = field(compare=False)
    kind: str
    text: str
    start: int | None = None
    end: int | None = None
    reason: str = ""
    document: int | None = field(default=None, compare=False)
    second_text: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a label is, what it is not, and the version that last changed what it means."""

    id: int
    name: str
    description: str = ""
    positive: str = ""
    negative: str = ""
    examples: tuple[Shown, ...] = ()
    since: int = FIRST

    @property
    def words(self) -> tuple[str, str, str]:
        """What is said of it, without the sentences that show it."""
        return self.description, self.positive, self.negative

    @property
    def content(self) -> tuple[Any, ...]:
        """What makes a change of it a version: all but its name and its history."""
        return *self.words, frozenset(self.examples)

    @property
    def is_silent(self) -> bool:
        """Whether nothing is said of it."""
        return not any(self.content)


@dataclass(frozen=True, slots=True)
class Version:
    """What a guideline says, or said. ``author`` and ``created_at`` are "" where nobody knows."""

    number: int
    text: str
    labels: tuple[Said, ...]
    note: str = ""
    author: str = ""
    created_at: str = ""

    def label(self, id: int) -> Said | None:
        """Return what it says of a label, None where it had none with that id."""
        return next((each for each in self.labels if each.id == id), None)


def to_json(labels: Sequence[Said]) -> list[dict[str, Any]]:
    """Return labels as a version's row holds them."""
    return [asdict(label) for label in labels]


def from_json(labels: Sequence[Mapping[str, Any]]) -> tuple[Said, ...]:
    """Return the labels of a version's row."""
    return tuple(
        Said(**{**label, "examples": tuple(Shown(**each) for each in label["examples"])})
        for label in labels
    )
