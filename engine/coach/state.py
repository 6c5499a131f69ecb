"""What passes between the coach's process and the server; standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STOP = "stop"


class Phase(StrEnum):
    """What a coach is at."""

    OFF = "off"
    """Nobody tags, or somebody switched it off."""
    STARTING = "starting"
    READING = "reading"
    """It looks at the documents that are finished, and at those that come next."""
    WAITING = "waiting"
    """It has learned all there is."""
    ELSEWHERE = "elsewhere"
    """Another server's coach is at work on the project."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ahead:
    """The documents that come next for somebody who tags, in their order."""

    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose words are suggested beside what is learned: lists by their names, earlier projects."""

    lists: tuple[str, ...] = ()
    earlier: bool = False

    def __bool__(self) -> bool:
        return bool(self.lists) or self.earlier


@dataclass(frozen=True, slots=True)
class CoachState:
    """How far a coach is.

    ``entry`` is the newest entry of the project's journal that it has learned, ``documents`` how
    many it has learned, ``revision`` how many times. ``mended`` counts how often a document that
    it had learned was changed, ``changed`` the suggestions that were others after the last of
    these. ``suggestions`` and ``seconds`` are of the last update.
    """

    phase: Phase = Phase.OFF
    entry: int = 0
    documents: int = 0
    revision: int = 0
    suggestions: int = 0
    seconds: float = 0.0
    mended: int = 0
    changed: int = 0
    learner: str = ""
    message: str = ""
    asked: Asked = Asked()
    pid: int = 0
