"""The model's side of labels of whole documents. A worker module: transformers lives here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from transformers import AutoModelForSequenceClassification

from engine.encoding.examples import IGNORED, Window, whole
from engine.encoding.word_pieces import Pieces
from engine.tasks.base import Companion, Task
from engine.tasks.classification import guessing
from engine.tasks.uncertainty import Doubt, doubt
from engine.training.loss import CrossEntropy
from storage.types import Document, Source, Span


@dataclass(frozen=True, slots=True)
class ClassHead:
    """Satisfies ``engine.tasks.base.Head``: one class a document."""

    task: Task
    auto_class = AutoModelForSequenceClassification
    objective = CrossEntropy
    companions: Sequence[Companion] = ()

    def outputs(self, labels: Sequence[str]) -> list[str]:
        """Name the classes: the labels."""
        return list(labels)

    def labels(self, outputs: Sequence[str]) -> list[str]:
        """Return the labels: the classes."""
        return list(outputs)

    def encode(
        self,
        documents: Sequence[Document],
        pieces: Pieces,
        labels: Sequence[str],
        max_length: int,
        stride: int,
    ) -> list[Window]:
        """Return a window a document with the number of its label."""
        number = {label: place for place, label in enumerate(labels)}

        def target(document: Document) -> int:
            known = [number[span.label] for span in document.spans if span.label in number]
            return known[0] if known else IGNORED

        return whole(documents, pieces, max_length, target)

    def units(self, document: Document) -> int:
        """Return 1: the document as a whole."""
        return 1

    def decode(
        self,
        documents: Sequence[Document],
        scores: Sequence[np.ndarray],
        labels: Sequence[str],
        lean: float = 0.0,
    ) -> list[tuple[Span, ...]]:
        """Return the likeliest label of each document."""
        best = [int(each[0].argmax()) for each in scores]
        sure = [math.exp(float(each[0].max())) for each in scores]
        made = zip(best, sure, strict=True)
        return [(Span(0, 0, labels[i], "", Source.MODEL, chance),) for i, chance in made]

    def guesses(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return the labels that are likeliest beside those that were decoded."""
        pairs = zip(documents, scores, strict=True)
        return [guessing.beside(document.spans, each[0], labels) for document, each in pairs]

    def notes(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Mapping[str, object]:
        """Return nothing: there is nothing to mend in decoding."""
        return {}

    def doubt(self, scores: np.ndarray) -> Doubt | None:
        """Measure the probabilities of the classes."""
        return doubt(scores)

    def vectors(self, document: Document, marks: Sequence[Span], tokens: np.ndarray) -> np.ndarray:
        """Return the mean over all tokens for each label."""
        return tokens.mean(axis=0)[None].repeat(len(marks), axis=0)

    def chances(self, document: Document, marks: Sequence[Span], scores: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes for each label."""
        return np.exp(scores[:1]).repeat(len(marks), axis=0)
