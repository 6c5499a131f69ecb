"""What a model could know of a mark's words: what the documents of train say, counted once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from engine.encoding.tokens import tokenize
from storage.hashing import document_hash
from storage.types import Document, Span

# "Very short" and "very long" are the outermost parts of train, each of this share.
OUTERMOST = 0.05


@dataclass(frozen=True, slots=True)
class Lengths:
    """Which lengths are far from the usual: none where most are as short, or as long."""

    short: float
    long: float

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Lengths:
        """Measure the lengths of train."""
        if not lengths:
            return cls(-1, np.inf)
        low, middle, high = np.quantile(lengths, (OUTERMOST, 0.5, 1 - OUTERMOST))
        return cls(low if low < middle else -1, high if high > middle else np.inf)


@dataclass(frozen=True, slots=True)
class Train:
    """What the documents of train hold; ``strings`` has the labels of marked words, counted."""

    texts: Set[object]
    documents: Lengths
    """In tokens."""
    marks: Lengths
    """In characters."""
    strings: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, int]

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Train:
        """Count what the documents of train hold; they are read once, one by one."""
        counting = Counting()
        for document in documents:
            counting.add(document)
        return counting.train


class Counting:
    """What is known of train so far, while somebody else reads its documents, too."""

    def __init__(self) -> None:
        self._texts: set[object] = set()
        self._lengths: list[int] = []
        self._sizes: list[int] = []
        self._strings: dict[str, Counter[str]] = defaultdict(Counter)
        self._labels: Counter[str] = Counter()

    def add(self, document: Document) -> None:
        """Count a document."""
        self._texts.add(text_key(document))
        self._lengths.append(size(document))
        for span in document.spans:
            said = words(document, span)
            self._strings[key(said)][span.label] += 1
            self._labels[span.label] += 1
            self._sizes.append(len(said))

    @property
    def train(self) -> Train:
        """Return what was counted."""
        lengths, sizes = Lengths.of(self._lengths), Lengths.of(self._sizes)
        return Train(self._texts, lengths, sizes, dict(self._strings), self._labels)


@dataclass(frozen=True, slots=True)
class Said:
    """A mark in its document: what it says, and the labels that train has for the same words."""

    document: Document
    mark: Span
    words: str
    known: Mapping[str, int]

    @classmethod
    def of(cls, document: Document, mark: Span, train: Train) -> Said:
        """Look a mark up in what train knows."""
        said = words(document, mark)
        return cls(document, mark, said, train.strings.get(key(said), {}))


def words(document: Document, mark: Span) -> str:
    """Return the words of a mark: those of its range, or the whole text."""
    return document.text if mark.whole else document.text[mark.start : mark.end]


def size(document: Document) -> int:
    """Return how many tokens a document has, in both texts of a pair."""
    second = tokenize(document.second_text) if document.second_text else ()
    return len(document.tokens) + len(second)


def key(said: str) -> str:
    """Return what words have in common that are the same but for case and spaces."""
    return " ".join(said.casefold().split())


def text_key(document: Document) -> object:
    """Return what documents with the same text have in common."""
    return document_hash(document)
