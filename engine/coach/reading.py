"""What the coach sees of a document: rows of numbers, one for each answer that it asks for.

Of a word what the encoder and its shape say, and what is known of such words beforehand
(``tokens``). Of a whole text its mean vector, and of two texts both, their distance and their
product, as in InferSent (Conneau et al. 2017, "Supervised Learning of Universal Sentence
Representations"). What the encoder made of a text stays on the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from engine.coach.hidden_states import HiddenStates, key_of
from engine.coach.tokens import foreknowledge
from engine.coach.tokens.rows import LENGTH, rows_of, width
from engine.encoding.tokens import tokenize
from engine.inference.encoder import Encoder
from engine.tasks.base import Task
from storage.types import Document

# The layer where words are told apart best: two thirds up (tests/benchmarks/README.md).
DEPTH = 2 / 3


@cache
def encoder_of(base: Path) -> Encoder:
    """Return the encoder in a folder, on one thread; a process that forks loads it once."""
    torch.set_num_threads(1)
    return Encoder(base, torch.device("cpu"), DEPTH)


def load(base: Path) -> None:
    """Make all ready that every coach with this encoder needs, before it is forked."""
    foreknowledge.weights(encoder_of(base))


class Reader:
    """Turns the documents of one task into rows."""

    def __init__(self, task: Task, folder: Path, base: Path) -> None:
        """Read with the encoder in ``base``; ``folder`` keeps what it makes of texts."""
        self._whole, self.base = task.marks_whole, base.name
        self._encoder = encoder_of(base)
        self.states = HiddenStates(folder, self._encoder.width)

    def width(self, paired: bool) -> int:
        """Return how long a row is, of pairs or of single texts."""
        if self._whole:
            return self._encoder.width * (4 if paired else 1) + 1
        return width(self._encoder.width) + foreknowledge.WIDTH

    @property
    def foreknown(self) -> str:
        """What it knows beforehand, by name."""
        return "" if self._whole else f" {foreknowledge.name()}"

    def lacks(self, document: Document) -> bool:
        """Tell whether the encoder has not read a document yet."""
        return key_of(document) not in self.states

    def rows(self, documents: Sequence[Document]) -> list[np.ndarray]:
        """Return float32 rows of shape (units, width) for each document."""
        keys = list(map(key_of, documents))
        found = [self.states.get(key) for key in keys]
        missing = [place for place, states in enumerate(found) if states is None]
        read = self._read([documents[place] for place in missing])
        for place, states in zip(missing, read, strict=True):
            self.states.put(keys[place], states)
            found[place] = states.astype(np.float16)
        shown = self._of_whole if self._whole else self._of_tokens
        return [shown(d, s) for d, s in zip(documents, found, strict=True) if s is not None]

    def _read(self, documents: Sequence[Document]) -> list[np.ndarray]:
        """Return what the encoder makes of documents: rows of tokens, or one of each text."""
        if not documents:
            return []
        if not self._whole:
            return self._encoder.words(documents)
        texts = [[replace(d, second_text=None)] for d in documents]
        for parts, document in zip(texts, documents, strict=True):
            if document.second_text is not None:
                parts.append(Document(document.second_text, tokenize(document.second_text)))
        vectors = iter(self._encoder.embed([each for parts in texts for each in parts]))
        return [np.stack([next(vectors) for _ in parts]) for parts in texts]

    def _of_tokens(self, document: Document, states: np.ndarray) -> np.ndarray:
        rows = rows_of(document, states)
        return np.concatenate([rows, foreknowledge.known_of(rows, self._encoder)], axis=1)

    def _of_whole(self, _: Document, states: np.ndarray) -> np.ndarray:
        vectors = states.astype(np.float32)
        if len(vectors) == 2:
            left, right = vectors
            # The product of two vectors of length 1 is short beside them.
            product = left * right * np.float32(np.sqrt(len(left)))
            vectors = np.concatenate([left, right, np.abs(left - right), product])[None]
        return np.concatenate([LENGTH * vectors, np.ones((1, 1), np.float32)], axis=1)
