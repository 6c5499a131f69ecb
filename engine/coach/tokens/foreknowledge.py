"""What mentions look like in general: learned from the sample that Whetstone brings.

From nothing a learner would have to find out first what a name looks like. What a ridge regression
says that has seen the sample's people, places and organisations is a handful of numbers more in
each row, and what they are worth for a project's own labels the learner finds out by itself: where
its mentions are of another kind they say nothing. Measured: tests/benchmarks/README.md.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from engine import tasks
from engine.coach.regression.ridge import Ridge, Units
from engine.coach.tokens.rows import BESIDE, LENGTH, neighbours, rows_of, width
from engine.corpus import samples
from engine.inference.encoder import Encoder
from storage.types import Document, Split, Status

# Outside, and two tags for each of the sample's labels.
OUTPUTS = 2 * len(samples.ENTITIES.labels) + 1
WIDTH = 3 * OUTPUTS
"""How many numbers a row gets."""


@cache
def weights(encoder: Encoder) -> np.ndarray:
    """Return what the sample has taught: float32 (width of a row, outputs); a second, once."""
    documents = [d for d in samples.ENTITIES.documents() if _is_learned(d)]
    head, labels = tasks.get(samples.ENTITIES.task).head(), [*samples.ENTITIES.labels]
    answers = np.concatenate([head.answers(document, labels) for document in documents])
    rows = np.concatenate(list(map(rows_of, documents, encoder.words(documents))))
    known = ~np.isnan(answers).any(axis=1)
    ridge = Ridge(width(encoder.width), OUTPUTS)
    # At once: the sums are large, and each time they are read and written as a whole.
    ridge.add(Units(rows[known], answers[known], answers[known, 0] == 1))
    return ridge.solve().weights.numpy().astype(np.float32)


def name() -> str:
    """Return what another sample's would not be called."""
    return hashlib.sha256((samples.ENTITIES.folder / "train.jsonl").read_bytes()).hexdigest()


def _is_learned(document: Document) -> bool:
    """Dev and test stay what nobody has seen, in a project of the sample itself, too."""
    return document.status is Status.DONE and document.split is Split.TRAIN


def known_of(rows: np.ndarray, encoder: Encoder) -> np.ndarray:
    """Return what is known of words by their rows, and of their neighbours: (words, WIDTH)."""
    own = LENGTH * (rows @ weights(encoder))
    return np.concatenate([own, *(BESIDE * each for each in neighbours(own))], axis=1)
