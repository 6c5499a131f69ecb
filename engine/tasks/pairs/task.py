"""Pairs of texts as a task: an answer says whether, or how well, the second fits the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.tasks.classification.task import Classification
from engine.tasks.pairs.fitting import Graded
from storage.types import Task
from storage.words import PAIRS as WORDS

if TYPE_CHECKING:
    from engine.tasks.base import Head


@dataclass
class Pairs(Classification):
    """Satisfies ``engine.tasks.base.Task`` for pairs of texts."""

    def head(self) -> Head:
        """Load the cross-encoder's head, which has a bi-encoder for a companion."""
        from engine.tasks.pairs.head import PairHead

        return PairHead(self)


PAIRS = Pairs(
    Task.PAIRS.value,
    False,
    ("text", "second_text", "label"),
    "No training pair has an answer: give a few of them one on the Tag page.",
    "Pairs: does the second text fit the first?",
    fitting=Graded(),
    words=WORDS,
    ignores=(),
)
