"""Suspects weighed anew once labels are others: what leaned on which label.

A suspect leans on the models that never saw its document, and on labels. The models stay as they
were: what they learned of a label that is mended is renewed by another check, which trains again.
What leans on labels is renewed at once: what was given in the document itself and, where a mark
has words of its own, how the same words are labelled in all other documents that were checked
(``engine.tasks.spans.label_errors.renewing``). What evidence is worth was learned from all labels
of the check, and stays, so that one label moves only what is about the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from engine.evaluation.suspects import Suspect, marks
from storage.types import Document

Rank = Callable[[Sequence[Document], Sequence[np.ndarray], Sequence[str]], list[Suspect]]


class Renewing(Protocol):
    """Weighs the labels of documents again and again, as they change."""

    def renewed(self, documents: Sequence[Document]) -> dict[int, list[Suspect]]:
        """Return the suspects of each document by its id whose suspects may be others by now.

        ``documents`` are those of the check, in its order, with the labels of now. The first time
        all of them are weighed, then those that leaned on what changed since the time before.
        """


class Apart:
    """Of marks of whole documents: a document's suspects lean on its own labels alone."""

    def __init__(self, rank: Rank, scores: Sequence[np.ndarray], labels: Sequence[str]) -> None:
        self._rank, self._scores, self._labels = rank, scores, labels
        self._known: list[set[tuple[int, int, str]] | None] = [None] * len(scores)

    def renewed(self, documents: Sequence[Document]) -> dict[int, list[Suspect]]:
        """Return the suspects of the documents that have other marks than before."""
        now = [marks(document) for document in documents]
        numbers = [n for n, given in enumerate(now) if given != self._known[n]]
        self._known = list(now)
        some = [documents[n] for n in numbers]
        return by_document(some, self._rank(some, [self._scores[n] for n in numbers], self._labels))


def by_document(
    documents: Sequence[Document], suspects: Sequence[Suspect]
) -> dict[int, list[Suspect]]:
    """Return the suspects of each document, none for those that have none."""
    found: dict[int, list[Suspect]] = {document.id or 0: [] for document in documents}
    for each in suspects:
        found[each.document].append(each)
    return found
