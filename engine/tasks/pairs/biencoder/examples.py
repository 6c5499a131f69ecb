"""What a bi-encoder learns from: pairs that fit, and what is known to fit or not to fit besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.tasks.base import Fitting
from storage.types import Document


def key_of(document: Document) -> str:
    """Return what left texts that are one question have in common: their group, or the text."""
    return document.group or document.text


@dataclass(frozen=True, slots=True)
class Examples:
    """Pairs that fit, by the numbers of their texts.

    ``texts`` are distinct; ``rights`` are the numbers of those that are a second text somewhere.
    """

    texts: Sequence[str]
    pairs: np.ndarray
    """The first and the second text of every pair that fits well: int64 of shape (pairs, 2)."""
    keys: Sequence[str]
    """Which question the first text of each pair is (see ``key_of``)."""
    rights: np.ndarray
    """int64, rising."""
    fitting: Mapping[str, frozenset[int]]
    """For each question all that is known to fit it, however well: it is no negative of it."""
    refused: Mapping[str, tuple[int, ...]]
    """For each question what people said does not fit, in the order of the documents."""

    def known(self, example: int) -> frozenset[int]:
        """Return what is no negative of an example: all that fits, and its own first text."""
        own = self.fitting[self.keys[example]]
        return own | {int(self.pairs[example, 0])}

    def judged(self, count: int) -> np.ndarray:
        """Return refused texts for each example, in turn: (pairs, count), -1 where there is none.

        Examples of one question begin at different places, so that all of them are shown.
        """
        found = np.full((len(self.pairs), count), -1, dtype=np.int64)
        turn: dict[str, int] = {}
        for example, key in enumerate(self.keys):
            known = self.known(example)
            refused = [text for text in self.refused.get(key, ()) if text not in known]
            start = turn.get(key, 0)
            some = [refused[(start + n) % len(refused)] for n in range(min(count, len(refused)))]
            found[example, : len(some)] = some
            turn[key] = start + count
        return found


def of(documents: Iterable[Document], labels: Sequence[str], fitting: Fitting) -> Examples:
    """Return the examples of some documents that are judged.

    Args:
        labels: the answers that there are.
        fitting: says what an answer is worth.
    """
    numbers: dict[str, int] = {}
    pairs: dict[tuple[int, int], str] = {}
    fits: dict[str, set[int]] = {}
    refused: dict[str, dict[int, None]] = {}
    rights: set[int] = set()
    least = fitting.positive(labels)
    for document in documents:
        first, second = (
            numbers.setdefault(text, len(numbers))
            for text in (document.text, document.second_text or "")
        )
        rights.add(second)
        worth = max((fitting.grade(span.label) for span in document.spans), default=None)
        if worth is None:
            continue
        key = key_of(document)
        if worth:
            fits.setdefault(key, set()).add(second)
        else:
            refused.setdefault(key, {})[second] = None
        # A text beside itself teaches nothing.
        if worth >= least and first != second:
            pairs[first, second] = key
    return Examples(
        tuple(numbers),
        np.array(list(pairs), dtype=np.int64).reshape(-1, 2),
        tuple(pairs.values()),
        np.array(sorted(rights), dtype=np.int64),
        {key: frozenset(texts) for key, texts in fits.items()},
        {key: tuple(texts) for key, texts in refused.items()},
    )
