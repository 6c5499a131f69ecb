"""The model's side of spans: a tag for every token. A worker module: transformers lives here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import AutoModelForTokenClassification

from engine.encoding.examples import IGNORED
from engine.encoding.packed import Windows
from engine.encoding.word_pieces import Pieces
from engine.tasks.base import Companion, Task
from engine.tasks.spans import guessing
from engine.tasks.spans import marks as spans
from engine.tasks.spans.tagging import decoding, encoding
from engine.tasks.uncertainty import Doubt, doubt
from engine.training.loss import CrossEntropy
from storage.types import Document, Span


@dataclass(frozen=True, slots=True)
class TagHead:
    """Satisfies ``engine.tasks.base.Head``: IOB2 tags of tokens, the best valid sequence."""

    task: Task
    auto_class = AutoModelForTokenClassification
    objective = CrossEntropy
    averages = False
    shapes = True
    companions: Sequence[Companion] = ()

    def outputs(self, labels: Sequence[str]) -> list[str]:
        """Name the tags: O, B-first, I-first, …"""
        return encoding.tag_names(labels)

    def labels(self, outputs: Sequence[str]) -> list[str]:
        """Return the labels that have a tag to begin with."""
        return encoding.labels_of(outputs)

    def encode(
        self,
        documents: Iterable[Document],
        pieces: Pieces,
        labels: Sequence[str],
        max_length: int,
        stride: int,
    ) -> Windows:
        """Return windows with a tag for the first piece of every token."""
        return encoding.encode(documents, pieces, labels, max_length, stride)

    def answers(self, document: Document, labels: Sequence[str]) -> np.ndarray:
        """Return the tag of every token: (tokens, tags)."""
        names = encoding.tag_names(labels)
        tags = np.array(encoding.tags_of(document, {name: n for n, name in enumerate(names)}), int)
        found = np.eye(len(names), dtype=np.float32)[np.maximum(tags, 0)]
        found[tags == IGNORED] = np.nan
        return found

    def units(self, document: Document) -> int:
        """Return the number of tokens."""
        return len(document.tokens)

    def decode(
        self,
        documents: Sequence[Document],
        scores: Sequence[np.ndarray],
        labels: Sequence[str],
        lean: float = 0.0,
    ) -> list[tuple[Span, ...]]:
        """Return the spans of the best valid tags; ``lean`` is taken from every token's O."""
        taken = decoding.leaning(scores, lean) if lean else scores
        return decoding.to_predictions(documents, taken, labels)

    @property
    def config(self) -> Mapping[str, Any]:
        """Return nothing: transformers knows all by the outputs' names."""
        return {}

    def decided(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> TagHead:
        """Return the head as it is: the best valid tags need no threshold."""
        return self

    def taught(self, config: Mapping[str, Any]) -> TagHead:
        """Return the head as it is."""
        return self

    def guesses(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return runs of words that it does not mark, each with the label that it would have."""
        taken = zip(documents, scores, strict=True)
        return [guessing.beside(document, each, labels) for document, each in taken]

    def notes(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> dict[str, object]:
        """Count the I tags without a fitting predecessor that decoding had to mend."""
        return {"illegal_transitions": decoding.count_illegal(scores)}

    def doubt(self, scores: np.ndarray) -> Doubt | None:
        """Measure the probabilities of the tokens' tags."""
        return doubt(scores)

    def vectors(self, document: Document, marks: Sequence[Span], tokens: np.ndarray) -> np.ndarray:
        """Return the mean over the tokens of each span."""
        return spans.vectors(document, marks, tokens)

    def chances(self, document: Document, marks: Sequence[Span], scores: np.ndarray) -> np.ndarray:
        """Return the mean probability of each label's two tags over the tokens of each span."""
        return spans.chances(document, marks, scores)
