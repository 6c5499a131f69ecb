"""What a task and its head hand over besides marks: checks of data, grades, companions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from storage.types import Document, Span

if TYPE_CHECKING:
    import numpy as np

    from engine.configuration.settings import Settings
    from engine.tasks.base import Head


class DataCheck(Protocol):
    """What training data hold, and what of it no model can learn."""

    @property
    def sentences(self) -> Iterable[str]:
        """Say it to the person who watches the run."""

    def to_json(self) -> dict[str, Any]:
        """Return what ``report.json`` holds under "alignment"."""


class Learnable(Protocol):
    """Which labels a model can learn from some documents, and what becomes of the others."""

    @property
    def learned(self) -> tuple[str, ...]:
        """The labels that are classes of the model."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what is left out; empty where every label is learned."""

    def to_json(self) -> dict[str, Any]:
        """Return what ``report.json`` holds under "left_out"."""


class Fitting(Protocol):
    """What labels of a pair of texts say of how well the second one fits the first."""

    def grade(self, label: str) -> int:
        """Return what a label is worth: 0 does not fit, more fits better."""

    def positive(self, labels: Sequence[str]) -> int:
        """Return the grade from which a pair belongs together, where these are the labels."""

    def relevance(self, chances: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Return the expected grade, float64 of shape (pairs,).

        ``chances`` are probabilities of shape (pairs, labels).
        """

    def answers(self, labels: Sequence[str]) -> tuple[str, str]:
        """Return the label that says that the second text fits, and the one that says no.

        They are among ``labels`` where these have such; else they are names for new ones.
        """


class Unlearned(NamedTuple):
    """Marks of training documents that no model learns as they are, for one reason."""

    reason: str
    """What becomes of them, and why: "left out, beginning or ending inside a token"."""
    left_out: bool
    marks: Sequence[tuple[Document, Span]]


class Companion(Protocol):
    """A second model that a training run leaves beside its own, for what that one cannot do."""

    name: str
    """The folder of the run that holds it, and what ``report.json`` tells of it."""

    def wanted(self, settings: Settings) -> bool:
        """Tell whether the settings ask for it."""

    def train(self, context: Any) -> Mapping[str, Any]:
        """Train it from where an earlier attempt stopped, write its folder, return its report.

        ``context`` is the run's (``engine.training.trainer.RunContext``). Called once the run's
        own model is trained, in the leading process only. Two runs of one seed leave the same
        bits, whether or not one of them was killed. Raises Cancelled.
        """

    def advise(
        self, context: Any, head: Head, score: Callable[[Sequence[Document]], list[np.ndarray]]
    ) -> Head:
        """Return the run's head as it tells of answers with the companion's folder at hand.

        What the run's model answers, its ``score`` of any documents (see ``Head``), says on dev
        how much either counts. The head is as it was where the folder was left out.
        """
