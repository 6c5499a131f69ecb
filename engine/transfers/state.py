"""How far an import or an export is; what passes between its process and the server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Phase(StrEnum):
    """What an import or an export is at."""

    STARTING = "starting"
    READING = "reading"
    READ = "read"
    """An import that was tried out waits for somebody's yes."""
    LOADING = "loading"
    WRITING = "writing"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def final(self) -> bool:
        return self in (Phase.DONE, Phase.FAILED, Phase.STOPPED)

    @property
    def waits(self) -> bool:
        """Tell whether nothing goes on at present."""
        return self is Phase.READ or self.final


@dataclass(frozen=True, slots=True)
class State:
    """A phase, and how far it is: documents and bytes, of how many (0 where nobody knows).

    ``result`` is what a phase leaves: the plan of an import that was read, what was done.
    """

    phase: Phase = Phase.STARTING
    documents: int = 0
    of_documents: int = 0
    bytes: int = 0
    of_bytes: int = 0
    message: str = ""
    result: Any = None

    @property
    def share(self) -> float:
        """Return how much of the phase is done, from 0 to 1."""
        if self.of_bytes:
            return min(1.0, self.bytes / self.of_bytes)
        return min(1.0, self.documents / self.of_documents) if self.of_documents else 0.0


class StoppedError(Exception):
    """Somebody asked for the end."""


class Link(Protocol):
    """How what goes on in a process tells of itself, and hears what is wanted."""

    def tell(self, state: State) -> None:
        """Say how far it is; raises StoppedError where it shall end."""

    def wait(self) -> Any:
        """Wait for what is wanted next; raises StoppedError likewise."""


class Order(Protocol):
    """What a process shall do. It is sent to it, so it holds only what can be sent."""

    def carry_out(self, link: Link) -> Any:
        """Do it and return what was done; raises WhetstoneError and StoppedError."""
