"""What is like what in a run's data: documents by their texts, marks by words and places."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.likeness.nearest import Nearest, nearest
from engine.inference.encoder import Encoder, directions
from engine.inference.pipeline import CHUNK_WORDS, chunks
from engine.monitoring.drifting import FAR
from engine.tasks.base import Head
from storage.types import Document, Neighbour, Span

NEIGHBOURS = 10
# Training documents that are read at most, and those of them that tell what "close" is.
TRAIN, USUAL = 20_000, 2_000

Note = Callable[[Sequence[Document]], None]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Documents and their marks as vectors of length 1."""

    ids: np.ndarray
    """int64 of shape (documents,)."""
    texts: np.ndarray
    """float32 of shape (documents, width)."""
    labels: tuple[str, ...]
    owners: np.ndarray
    """Which document each mark is in, by its place in ``ids``: int64 of shape (marks,)."""
    marks: np.ndarray
    """float32 of shape (marks, width), not yet around their mean."""


class Reader:
    """Reads documents: their texts with one encoder, their marks with the same or another."""

    def __init__(self, texts: Encoder, marks: Encoder, head: Head, note: Note) -> None:
        """``note`` is told after each portion which documents were read, and may raise."""
        self._texts, self._marks, self._head, self._note = texts, marks, head, note

    def read(self, documents: Sequence[Document], marks: Mapping[int, Sequence[Span]]) -> Crowd:
        """Return documents with these of their marks, by document id."""
        texts = [np.zeros((0, self._texts.width), dtype=np.float32)]
        vectors = [np.zeros((0, self._marks.width), dtype=np.float32)]
        labels: list[str] = []
        owners: list[int] = []
        for chunk in chunks(documents, CHUNK_WORDS["cpu"]):
            found, tokens = self._texts.read(chunk, lambda: self._note(()))
            if self._marks is not self._texts:
                tokens = self._marks.read(chunk, lambda: self._note(()))[1]
            first = sum(map(len, texts))
            texts.append(found)
            for place, (document, words) in enumerate(zip(chunk, tokens, strict=True), first):
                asked = marks.get(document.id or 0, ())
                vectors.append(self._head.vectors(document, asked, words))
                labels += [span.label for span in asked]
                owners += [place] * len(asked)
            self._note(chunk)
        ids = np.array([document.id for document in documents], dtype=np.int64)
        places = np.array(owners, dtype=np.int64)
        return Crowd(ids, np.concatenate(texts), tuple(labels), places, np.concatenate(vectors))


def sample(train: Sequence[Document], seed: int, most: int = TRAIN) -> list[Document]:
    """Return at most so many of the training documents, in their order."""
    if len(train) <= most:
        return list(train)
    return [train[at] for at in sorted(random.Random(seed).sample(range(len(train)), most))]


def around_mean(train: Crowd, asked: Crowd) -> tuple[np.ndarray, np.ndarray]:
    """Return the marks of both as directions seen from the mean of train's.

    What all vectors of a layer have in common says nothing, and hides what differs.
    """
    mean = train.marks.mean(axis=0) if len(train.marks) else 0.0
    return directions(train.marks - mean), directions(asked.marks - mean)


def neighbours(
    asked: Crowd, found: Nearest, train: Crowd, wanted: Iterable[int]
) -> list[Neighbour]:
    """Return the nearest training documents of those wanted, by id."""
    place = {int(id): number for number, id in enumerate(asked.ids)}
    rows = []
    for document in wanted:
        at = place[document]
        for rank, (key, likeness) in enumerate(zip(*(each[at] for each in found), strict=True)):
            if key >= 0:
                rows.append(Neighbour(document, rank, int(train.ids[key]), float(likeness)))
    return rows


def usual(train: np.ndarray, seed: int, pause: Callable[[], None]) -> float:
    """Return the similarity below which a text has no close neighbour in train.

    All but a small share of train's own texts are more like another one of them.
    """
    rows = np.arange(len(train))
    if len(rows) > USUAL:
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:USUAL])
    found = nearest(train[rows], train, 1, (rows, np.arange(len(train))), pause)
    known = found.similarities[found.keys >= 0]
    return float(np.quantile(known, FAR)) if len(known) else -1.0


def told_otherwise(labels: Sequence[str], found: Nearest, known: Sequence[str]) -> np.ndarray:
    """Tell which marks have more than half of their nearest marks of train with another label.

    bool of shape (marks,).
    """
    names = np.array([*known, ""], dtype=object)[found.keys]
    there = found.keys >= 0
    other = (names != np.array(labels, dtype=object)[:, None]) & there
    return 2 * other.sum(axis=1) > there.sum(axis=1)
