"""How long a training would take on this machine, and on what that estimate stands.

From the speed of a training that ended here; before there is one, from how fast this machine
multiplies matrices. A model's work for a word grows with its layers and the square of its width.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np

from engine.configuration.bases import Shape
from engine.configuration.recipes import Data
from engine.configuration.settings import LEARNED, Settings
from engine.system import environment
from storage.types import Run

# Multiplications and additions of a layer for one word-piece, in units of its width squared: 12
# weights, each used once forwards and twice backwards. Words have 1.3 pieces.
TRAINING, PREDICTING, PIECES = 12 * 6, 12 * 2, 1.3
# A frozen layer learns nothing and is mostly computed once. Bundled encoder, quick recipe, half
# the layers frozen: 2,000 words/s on two cores; none frozen: 830.
SAVED_BY_FREEZING = 0.85
# In a third of the steps shapes learn below them: only the weights' own gradients are saved.
SAVED_BELOW_SHAPES = 1 / 3 * 1 / 3 + 2 / 3 * SAVED_BY_FREEZING
# Of what a core does with small matrices, which fit its cache, training gets so much.
EFFICIENCY = 0.36
MATRIX, MEASURING_SECONDS = 64, 0.05
# A step of a retriever shows a pair that fits and another second text besides; its dev is found
# among before and after, too.
RETRIEVER_TEXTS = 1.5
# Python, torch and the base model are loaded, the model is saved.
AROUND_SECONDS = 12.0
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast this machine trains: operations a second, and what goes by around them."""

    operations: float
    around: float
    basis: str
    """The run that was measured, as a sentence names it; empty where the machine was."""


def of_run(run: Run, report: Mapping[str, Any], shape: Shape) -> Pace | None:
    """Return the pace of a training that ended; None where it did not train on this machine."""
    if run.settings.get("launcher", "local") != "local" or not report.get("words_per_second"):
        return None
    shaped = run.settings.get("word_shapes") == LEARNED
    work = _for_a_word(shape, int(run.settings.get("frozen_layers") or 0), TRAINING, shaped)
    spent = int(run.settings.get("seeds") or 1) * (report["train_seconds"] + report["eval_seconds"])
    spent += report.get("companion_seconds", 0.0)
    around = max(AROUND_SECONDS / 2, min(_between(run) - spent, 4 * AROUND_SECONDS))
    return Pace(work * report["words_per_second"], around, run.title[0].lower() + run.title[1:])


def of_machine() -> Pace:
    """Return the pace that this machine's cores promise."""
    return Pace(EFFICIENCY * environment.cores() * _core(), AROUND_SECONDS, "")


def seconds(settings: Settings, data: Data, scored: tuple[int, int], pace: Pace) -> float:
    """Return how long a training takes at most; ``scored`` has the words of dev and test."""
    shown = data.spanned_words + settings.empty_share * (data.words - data.spanned_words)
    dev, test = scored
    how = settings.frozen_layers, TRAINING, settings.word_shapes == LEARNED
    learning = settings.epochs * shown * _for_a_word(data.shape, *how)
    if settings.head == "fitted":
        # To fit a head is to look at all texts once, and after every epoch again.
        learning += (1 + settings.epochs) * shown * _for_a_word(data.shape, 0, PREDICTING)
    judged = (settings.epochs * dev + test) * _for_a_word(data.shape, 0, PREDICTING)
    work = settings.seeds * (learning + judged) + _for_retriever(settings, data, scored)
    return pace.around + work / pace.operations


def _for_retriever(settings: Settings, data: Data, scored: tuple[int, int]) -> float:
    """Return the operations of the retriever that pairs get besides, once for all seeds.

    Which pairs fit is not known here: most often there is one for each first text.
    """
    epochs = settings.retriever_epochs
    if not (data.pairs and epochs):
        return 0.0
    shown = data.words * data.questions / data.pairs
    learned = epochs * RETRIEVER_TEXTS * shown * _for_a_word(data.shape, 0, TRAINING)
    # All texts are read for new negatives after each epoch but the last, and those of dev and
    # test with them before and after.
    read = (epochs - 1) * data.words + (epochs + 2) * scored[0] + 2 * scored[1]
    return learned + read * _for_a_word(data.shape, 0, PREDICTING)


def in_words(seconds: float) -> str:
    """Say a time as exactly as it is known: "about 3 minutes"."""
    if seconds < 0.75 * MINUTE:
        return "less than a minute"
    if seconds < 90 * MINUTE:
        minutes = round(seconds / MINUTE)
        minutes = minutes if minutes <= 10 else 5 * round(minutes / 5)
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'}"
    hours = round(seconds / HOUR)
    return f"about {max(2, hours)} hours"


def _for_a_word(shape: Shape, frozen: int, passes: int, shaped: bool = False) -> float:
    saved = SAVED_BELOW_SHAPES if shaped else SAVED_BY_FREEZING
    learning = shape.layers - saved * min(frozen, shape.layers)
    return PIECES * passes * learning * shape.width**2


def _between(run: Run) -> float:
    if not (run.started_at and run.finished_at):
        return 0.0
    begun, ended = map(datetime.fromisoformat, (run.started_at, run.finished_at))
    # A clock that was moved back meanwhile tells nothing.
    return max(0.0, (ended - begun).total_seconds())


@cache
def _core() -> float:
    """Return operations a second of one core: the best of many, as others use it, too."""
    ones, out = np.ones((2, MATRIX, MATRIX), np.float32), np.empty((MATRIX, MATRIX), np.float32)
    best, end = float("inf"), time.perf_counter() + MEASURING_SECONDS
    while time.perf_counter() < end:
        started = time.perf_counter()
        np.dot(ones[0], ones[1], out=out)
        best = min(best, time.perf_counter() - started)
    return 2 * MATRIX**3 / best
