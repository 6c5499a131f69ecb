"""A task's model where there is no Whetstone: what it reads, what its answers mean.

What is written here is copied into the packages that people take elsewhere (see
``engine.packaging``), so it is for NumPy and tokenizers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np

from engine.encoding.examples import Window
from engine.encoding.word_pieces import Pieces
from storage.types import Document, Span


class Portable(Protocol):
    """What a ``Head`` does with new texts; both call the same functions."""

    whole: ClassVar[bool]
    """Whether labels stand for documents as a whole, each with a probability."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Portable:
        """Return it with what dev decided, by a model's ``config.json``."""

    def labels(self, outputs: Sequence[str]) -> list[str]:
        """Return the labels that a model's outputs were made for."""

    def windows(
        self, documents: Iterable[Document], pieces: Pieces, length: int, stride: int
    ) -> Iterator[Window]:
        """Yield the windows of documents, of at most ``length`` pieces."""

    def units(self, document: Document) -> int:
        """Return how many answers a document asks for."""

    def chances(self, logits: np.ndarray) -> np.ndarray:
        """Return log-probabilities (units, outputs) of a document's logits."""

    def decode(
        self,
        documents: Sequence[Document],
        scores: Sequence[np.ndarray],
        labels: Sequence[str],
    ) -> list[tuple[Span, ...]]:
        """Return the marks that log-probabilities mean, each with how sure the model is."""


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the log-probabilities of outputs of which one is right, in float32."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found


def log_sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return the log-probability that each output is right, in float32."""
    found: np.ndarray = -np.logaddexp(np.float32(0), -logits)
    return found
