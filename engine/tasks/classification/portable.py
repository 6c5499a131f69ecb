"""Labels of whole documents where there is no Whetstone (see ``engine.tasks.portable``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from engine.encoding.examples import Window, whole
from engine.encoding.word_pieces import Pieces
from engine.tasks.classification import deciding
from engine.tasks.classification.rejecting import Reject
from engine.tasks.portable import log_sigmoid, log_softmax
from storage.types import Document, Span


class Whole:
    """The half of ``Portable`` that is the same for all labels of whole documents."""

    whole: ClassVar[bool] = True

    def labels(self, outputs: Sequence[str]) -> list[str]:
        """Return the labels: the outputs."""
        return list(outputs)

    def windows(
        self, documents: Iterable[Document], pieces: Pieces, length: int, stride: int
    ) -> Iterator[Window]:
        """Yield windows that answer for their document as a whole."""
        return whole(documents, pieces, length, stride=stride)

    def units(self, document: Document) -> int:
        """Return 1: the document as a whole."""
        return 1

    def chances(self, logits: np.ndarray) -> np.ndarray:
        """Return the log-probabilities of labels of which one is right."""
        return log_softmax(logits)


@dataclass(frozen=True)
class One(Whole):
    """Satisfies ``Portable``: one class a document, or none of them."""

    reject: Reject | None = None
    balance: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> One:
        """Return it with the reject threshold and the balance that dev chose."""
        return cls(deciding.reject_of(config), deciding.kept(config, "balance") or {})

    def decode(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return the likeliest label of each document."""
        return deciding.likeliest(deciding.rows_of(scores), labels, self.reject, self.balance)


@dataclass(frozen=True)
class Several(Whole):
    """Satisfies ``Portable``: each label is a question of its own."""

    thresholds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Several:
        """Return it with the thresholds that dev chose."""
        return cls(deciding.kept(config, "thresholds") or {})

    def chances(self, logits: np.ndarray) -> np.ndarray:
        """Return each label's own log-probability."""
        return log_sigmoid(logits)

    def decode(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return the labels of each document that reach their thresholds."""
        return deciding.several(deciding.rows_of(scores), labels, self.thresholds)
