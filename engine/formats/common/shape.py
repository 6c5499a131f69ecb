"""What documents of a task hold, as far as a file can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class Told(Protocol):
    """What a task says of itself that a file is about (``engine.tasks.base.Task``)."""

    @property
    def marks_whole(self) -> bool: ...

    @property
    def columns(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Shape:
    """Whether labels are of whole documents, whether one may have several, or two texts."""

    whole: bool = False
    several: bool = False
    second: bool = False

    @classmethod
    def of(cls, task: Told) -> Shape:
        """Return the shape of a task's documents."""
        columns = set(task.columns)
        return cls(task.marks_whole, "labels" in columns, "second_text" in columns)


SPANS = Shape()
