"""Spans where there is no Whetstone (see ``engine.tasks.portable``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from engine.encoding.examples import Window, windows
from engine.encoding.word_pieces import Pieces
from engine.tasks.portable import log_softmax
from engine.tasks.spans.tagging import decoding, encoding
from storage.types import Document, Span


class Tags:
    """Satisfies ``Portable``: IOB2 tags of tokens, the best valid sequence."""

    whole: ClassVar[bool] = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Tags:
        """Return it: the best valid tags need no threshold."""
        return cls()

    def labels(self, outputs: Sequence[str]) -> list[str]:
        """Return the labels that have a tag to begin with."""
        return encoding.labels_of(outputs)

    def windows(
        self, documents: Iterable[Document], pieces: Pieces, length: int, stride: int
    ) -> Iterator[Window]:
        """Yield windows that answer for each token at its first piece."""
        return windows(documents, pieces, length, stride)

    def units(self, document: Document) -> int:
        """Return the number of tokens."""
        return len(document.tokens)

    def chances(self, logits: np.ndarray) -> np.ndarray:
        """Return the log-probabilities of the tags."""
        return log_softmax(logits)

    def decode(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return the spans of the best valid tags."""
        return decoding.to_predictions(documents, scores, labels)
