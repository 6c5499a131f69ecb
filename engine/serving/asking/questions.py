"""What flows between the rooms of serving: questions, answers, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from storage.errors import WhetstoneError

Mark = tuple[int, int, str, float | None]
"""Start and end in code points, label, and how sure the model is of it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text, or a pair of texts, that somebody asks about."""

    text: str
    second_text: str | None = None
    top: int = 0
    """How many items of the catalogue are wanted; 0: what the model marks."""

    @property
    def size(self) -> int:
        """How many code points there are to read."""
        return len(self.text) + len(self.second_text or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of a question."""

    marks: Sequence[Mark] = ()
    chances: Mapping[str, float] | None = None
    """The probability of each label, where labels stand for the whole document."""
    doubt: float | None = None
    """How unsure the model is, 0 to 1: 1 less the lowest of its best probabilities."""
    matches: Sequence[Mapping[str, Any]] = ()
    """Items of the catalogue, the best first: id, text, score, likeness, good."""


@dataclass(frozen=True, slots=True)
class Description:
    """Which model answers."""

    run: int
    """Its number in the project."""
    project: str
    task: str
    labels: tuple[str, ...]
    digest: str = ""
    """The sha256 of its manifest, by which a version is told from another."""
    stage: str = ""
    """What it was promoted to; empty where somebody chose the run."""
    precision: str = "float32"
    matches: bool = False
    """Whether it has a catalogue in which it finds what answers a text."""
    run_id: int = 0
    """Which run it is in the database."""


class AnswerError(WhetstoneError):
    """The model could not answer: what was asked may be asked again."""


class FullError(AnswerError):
    """Too much waits already."""

    def __init__(self, message: str, seconds: float) -> None:
        """``seconds`` is after how long it may be asked again."""
        super().__init__(message)
        self.seconds = seconds


Outcome = Answer | AnswerError


Check = Callable[[Description], None]


class Model(Protocol):
    """Something that answers questions, some at a time."""

    @property
    def description(self) -> Description:
        """Say which model it is."""

    @property
    def lanes(self) -> int:
        """Say how many lists of questions it answers side by side."""

    async def ask(self, questions: Sequence[Question]) -> list[Outcome]:
        """Answer questions, in their order; raises AnswerError where none could be answered."""


class Models(Protocol):
    """Whoever knows which model answers at this moment (see ``models.switching``)."""

    async def answer(
        self, questions: Sequence[Question], check: Check = lambda model: None
    ) -> tuple[Description, list[Answer]]:
        """Let one model answer all of the questions.

        ``check`` is told beforehand which one, and may raise. Raises FullError where too much
        waits, AnswerError where the model failed.
        """

    def state(self) -> Mapping[str, Any]:
        """Return what /healthz tells: ``state`` ("ready", …), ``model`` (a Description or None)."""

    def waiting(self) -> int:
        """Return how many questions wait to be answered."""
