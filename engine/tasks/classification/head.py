"""The model's side of labels of whole documents. A worker module: transformers lives here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from transformers import AutoModelForSequenceClassification

from engine.encoding.examples import IGNORED, whole
from engine.encoding.packed import Windows
from engine.encoding.word_pieces import Pieces
from engine.tasks.base import Companion, Head, Task
from engine.tasks.classification import balancing, deciding, guessing, rejecting, thresholds
from engine.tasks.classification.deciding import DECISIONS, kept, reject_of, rows_of
from engine.tasks.classification.rejecting import Reject
from engine.tasks.uncertainty import Doubt, doubt
from engine.training.loss import BinaryCrossEntropy, CrossEntropy, log_against
from storage.types import Document, Span


@dataclass(frozen=True, slots=True)
class ClassHead:
    """Satisfies ``engine.tasks.base.Head``: one class a document, or none of them.

    Where dev has documents outside of all classes, it says from when on a text is rejected.
    """

    task: Task
    companions: Sequence[Companion] = ()
    reject: Reject | None = None
    balance: Mapping[str, float] = field(default_factory=dict)
    """What is added to the score of a label where labels are uneven, to choose among them."""
    auto_class = AutoModelForSequenceClassification
    objective = CrossEntropy
    averages = True
    shapes = False

    @property
    def config(self) -> Mapping[str, Any]:
        """Name the kind of problem as transformers does, and keep what dev decided."""
        reject = {"reject": self.reject.to_json()} if self.reject else {}
        balance = {"balance": dict(self.balance)} if self.balance else {}
        decided = {DECISIONS: {**reject, **balance}} if reject or balance else {}
        return {"problem_type": "single_label_classification", **decided}

    def decided(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> ClassHead:
        """Return the head with the reject threshold and the balance that documents ask for."""
        rows = rows_of(scores)
        balance = balancing.choose(documents, rows, labels)
        return replace(self, reject=rejecting.choose(documents, rows, labels), balance=balance)

    def taught(self, config: Mapping[str, Any]) -> ClassHead:
        """Return the head with what dev decided when it was saved."""
        return replace(self, reject=reject_of(config), balance=kept(config, "balance") or {})

    def outputs(self, labels: Sequence[str]) -> list[str]:
        """Name the classes: the labels."""
        return list(labels)

    def labels(self, outputs: Sequence[str]) -> list[str]:
        """Return the labels: the classes."""
        return list(outputs)

    def encode(
        self,
        documents: Iterable[Document],
        pieces: Pieces,
        labels: Sequence[str],
        max_length: int,
        stride: int,
    ) -> Windows:
        """Return the windows of each document with the number of its label."""
        number = {label: place for place, label in enumerate(labels)}

        def target(document: Document) -> int:
            known = [number[span.label] for span in document.spans if span.label in number]
            return known[0] if known else IGNORED

        return Windows.of(whole(documents, pieces, max_length, target, stride))

    def answers(self, document: Document, labels: Sequence[str]) -> np.ndarray:
        """Return 1 for the document's class: (1, classes)."""
        return Head.answers(self, document, labels)

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
        """Return the likeliest label of each document; what is rejected is outside of them.

        To lean says nothing: guesses show what else it may be.
        """
        return deciding.likeliest(rows_of(scores), labels, self.reject, self.balance)

    def guesses(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return the labels that are likeliest beside those that were decoded."""
        pairs = zip(documents, scores, strict=True)
        return [guessing.beside(document.spans, each[0], labels) for document, each in pairs]

    def notes(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Mapping[str, object]:
        """Return what was decided, and how documents outside of all classes are told apart."""
        found = rejecting.told_apart(documents, rows_of(scores), labels, self.reject)
        outside = {rejecting.NAME: found} if found else {}
        return {"balance": dict(self.balance), **outside}

    def doubt(self, scores: np.ndarray) -> Doubt | None:
        """Measure the probabilities of the classes."""
        return doubt(scores)

    def vectors(self, document: Document, marks: Sequence[Span], tokens: np.ndarray) -> np.ndarray:
        """Return the mean over all tokens for each label; zeros where there is no token."""
        mean = tokens.mean(axis=0) if len(tokens) else np.zeros(tokens.shape[1], tokens.dtype)
        return mean[None].repeat(len(marks), axis=0)

    def chances(self, document: Document, marks: Sequence[Span], scores: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes for each label."""
        return np.exp(scores[:1]).repeat(len(marks), axis=0)


@dataclass(frozen=True, slots=True)
class SeveralHead(ClassHead):
    """Satisfies ``engine.tasks.base.Head``: each label is a question of its own."""

    thresholds: Mapping[str, float] = field(default_factory=dict)
    """From which probability on a label is given; of those not named here, from 0.5 on."""
    objective = BinaryCrossEntropy  # type: ignore[assignment]

    @property
    def config(self) -> Mapping[str, Any]:
        """Name the kind of problem as transformers does, and keep the thresholds."""
        kept = {DECISIONS: {"thresholds": dict(self.thresholds)}} if self.thresholds else {}
        return {"problem_type": "multi_label_classification", **kept}

    def decided(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> SeveralHead:
        """Return the head with the thresholds that suit these documents best."""
        return replace(self, thresholds=thresholds.choose(documents, rows_of(scores), labels))

    def taught(self, config: Mapping[str, Any]) -> SeveralHead:
        """Return the head with the thresholds that were saved."""
        return replace(self, thresholds=kept(config, "thresholds") or {})

    def encode(
        self,
        documents: Iterable[Document],
        pieces: Pieces,
        labels: Sequence[str],
        max_length: int,
        stride: int,
    ) -> Windows:
        """Return the windows of each document with 1 or 0 for each label.

        Whether a document without a label has none of them, or was not looked at, only who
        trains knows: there all are done.
        """

        def target(document: Document) -> tuple[int, ...]:
            given = {span.label for span in document.spans}
            return tuple(int(label in given) for label in labels)

        return Windows.of(whole(documents, pieces, max_length, target, stride))

    def answers(self, document: Document, labels: Sequence[str]) -> np.ndarray:
        """Return 1 for each of the document's labels, which may have none: (1, labels)."""
        return np.nan_to_num(ClassHead.answers(self, document, labels))

    def decode(
        self,
        documents: Sequence[Document],
        scores: Sequence[np.ndarray],
        labels: Sequence[str],
        lean: float = 0.0,
    ) -> list[tuple[Span, ...]]:
        """Return the labels of each document that reach their thresholds, in their order."""
        return deciding.several(rows_of(scores), labels, self.thresholds)

    def notes(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Mapping[str, object]:
        """Return the threshold of each label."""
        least = thresholds.in_order(self.thresholds, labels)
        return {"thresholds": dict(zip(labels, map(float, least), strict=True))}

    def doubt(self, scores: np.ndarray) -> Doubt | None:
        """Measure each label's probability against that of its absence."""
        if not scores.size:
            return None
        one = scores[0].astype(np.float64)
        return doubt(np.stack([one, log_against(one)], axis=1))
