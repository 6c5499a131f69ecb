"""What a trained model reads of texts, and the marks that its answers mean. NumPy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from tokenizers import Tokenizer

from engine.encoding.examples import Window
from engine.encoding.shapes import RULE, SHAPES
from engine.encoding.tokens import tokenize
from engine.encoding.word_pieces import Pieces, prepare
from engine.tasks.portable import Portable
from storage.types import Document, Span

READING = "reading"
"""What ``config.json`` calls how long a window is, and how much of it the next one has, too."""

Text = str | Sequence[str]
"""A text, or a pair of texts."""


@dataclass(frozen=True)
class Reader:
    """Turns texts into windows of pieces, and the model's answers to these into marks."""

    task: ClassVar[type[Portable]]

    decides: Portable
    pieces: Pieces
    outputs: Sequence[str]
    """What the model answers with, in the order of its numbers."""
    length: int
    """Of a window, in pieces."""
    stride: int
    padding: int
    typed: bool
    """Whether the model is told a type of each piece."""

    @classmethod
    def of(cls, config: Mapping[str, Any], tokenizer: Tokenizer, settings: Mapping) -> Reader:
        """Make a reader of a model's ``config.json``, its tokenizer and the settings of that."""
        if RULE in settings and list(settings[RULE]) != list(SHAPES):
            raise ValueError(
                "This model reads words' shapes in a way that this file does not know."
            )
        outputs = [config["id2label"][each] for each in sorted(config["id2label"], key=int)]
        decides = cls.task.of(config)
        pieces = replace(prepare(tokenizer), shapes=RULE in settings)
        length, stride = config[READING]["length"], config[READING]["stride"]
        padding, typed = config.get("pad_token_id") or 0, config.get("type_vocab_size", 0) > 1
        return cls(decides, pieces, outputs, length, stride, padding, typed)

    @property
    def labels(self) -> list[str]:
        """The labels that the model knows."""
        return self.decides.labels(self.outputs)

    def windows(self, documents: Sequence[Document]) -> list[Window]:
        """Return what the model reads of documents."""
        return list(self.decides.windows(documents, self.pieces, self.length, self.stride))

    def collate(self, windows: Sequence[Window]) -> dict[str, np.ndarray]:
        """Return what the model is given, by the names of its inputs: int64 (windows, pieces)."""
        shape = len(windows), max(len(window.pieces) for window in windows)
        found = {
            "input_ids": np.full(shape, self.padding, dtype=np.int64),
            "attention_mask": np.zeros(shape, dtype=np.int64),
        }
        if self.typed:
            found["token_type_ids"] = np.zeros(shape, dtype=np.int64)
        for row, window in enumerate(windows):
            found["input_ids"][row, : len(window.pieces)] = window.pieces
            found["attention_mask"][row, : len(window.pieces)] = 1
            if self.typed:
                found["token_type_ids"][row, : len(window.segments)] = window.segments
        return found

    def score(
        self,
        documents: Sequence[Document],
        windows: Sequence[Window],
        logits: Sequence[np.ndarray],
    ) -> list[np.ndarray]:
        """Return each document's log-probabilities (units, outputs).

        ``logits`` are what the model answered to each window: (pieces, outputs), or (outputs,).
        """
        shapes = [(self.decides.units(document), len(self.outputs)) for document in documents]
        rows = [np.zeros(shape, dtype=np.float32) for shape in shapes]
        for window, answer in zip(windows, logits, strict=True):
            asked = answer[list(window.places)] if window.places else answer[None]
            rows[window.document][list(window.units)] += np.float32(window.share) * asked
        return [self.decides.chances(each) for each in rows]

    def decode(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray]
    ) -> list[list[dict[str, Any]]]:
        """Return each document's marks as plain dictionaries."""
        found = self.decides.decode(documents, scores, self.labels)
        return [
            [_told(document, span) for span in spans]
            for document, spans in zip(documents, found, strict=True)
        ]


def document_of(text: Text) -> Document:
    """Return a text, or a pair of texts, as a document with its words."""
    first, second = (text, None) if isinstance(text, str) else (text[0], text[1])
    return Document(first, tokenize(first), second_text=second)


def _told(document: Document, span: Span) -> dict[str, Any]:
    """Return a mark: where it is, in code points, what it says, and how sure the model is."""
    told = {"label": span.label, "score": span.score}
    if span.whole:
        return told
    return {
        "start": span.start,
        "end": span.end,
        **told,
        "text": document.text[span.start : span.end],
    }
