"""Pairs of texts as a task: an answer says whether, or how well, the second fits the first."""

from __future__ import annotations

from engine.tasks.classification.task import Classification
from engine.tasks.pairs.fitting import Graded
from storage.types import Task
from storage.words import PAIRS as WORDS

PAIRS = Classification(
    Task.PAIRS.value,
    False,
    ("text", "second_text", "label"),
    "No training pair has an answer: give a few of them one on the Tag page.",
    "Pairs: does the second text fit the first?",
    fitting=Graded(),
    words=WORDS,
)
