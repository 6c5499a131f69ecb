"""How the same string is labelled all over a corpus, and where it is left unlabelled.

The same string is the same tokens, upper and lower case alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from engine.tasks.spans.label_errors.evidence import Range
from engine.tasks.spans.tagging.alignment import Placement
from storage.types import Document

Words = tuple[str, ...]
UNLABELLED = -1
"""The column of counts that is no label."""
# A string that is labelled in fewer of its places than one in so many is a word like any other:
# nobody wants to look at all its places because it was an entity once.
RARELY = 20


class Strings:
    """The strings that are labelled somewhere, with counts for each of their labels."""

    def __init__(
        self, documents: Sequence[Document], placements: Sequence[Placement], labels: Sequence[str]
    ) -> None:
        self._number = {label: number for number, label in enumerate(labels)}
        self._words = [
            [document.text[start:end].casefold() for start, end in document.tokens]
            for document in documents
        ]
        self.counts: dict[Words, np.ndarray] = {}
        """int64 of shape (labels + 1,) for each string; the last counts unlabelled places."""
        for at, placement in enumerate(placements):
            for item in placement.placed:
                if item.span.label in self._number:
                    self._count(self.of(at, item.first, item.last), item.span.label)
        self._bare: dict[int, list[Range]] = defaultdict(list)
        self._find_bare(placements)
        self.totals = sum(self.counts.values(), np.zeros(len(labels) + 1, dtype=np.int64))
        """int64 of shape (labels + 1,): the counts of all strings together."""

    def of(self, document: int, first: int, last: int) -> Words:
        """Return the string of tokens ``first`` to ``last`` (exclusive)."""
        return tuple(self._words[document][first:last])

    def elsewhere(self, document: int, first: int, last: int, own: int | None = None) -> np.ndarray:
        """Count the string's labels, without the place itself where that is labelled ``own``."""
        found = self.counts.get(self.of(document, first, last))
        if found is None:
            return np.zeros(len(self._number) + 1, dtype=np.int64)
        counts = found.copy()
        if own is not None:
            counts[own] -= 1
        return counts

    def bare(self, document: int) -> Iterator[Range]:
        """Yield the document's unlabelled places of strings that are often labelled elsewhere."""
        for place in self._bare[document]:
            if self.often(self.of(document, *place)):
                yield place

    def often(self, words: Words) -> bool:
        """Tell whether a string is labelled in more than a few of its places."""
        counts = self.counts[words]
        return bool(RARELY * counts[:-1].sum() >= counts.sum())

    def differing(self, other: Strings) -> set[Words]:
        """Return the strings that are not as often labelled so, or left unlabelled, elsewhere."""
        nothing = np.zeros(len(self._number) + 1, dtype=np.int64)
        return {
            words
            for words in self.counts.keys() | other.counts.keys()
            if not np.array_equal(self.counts.get(words, nothing), other.counts.get(words, nothing))
        }

    def holding(self, strings: Collection[Words]) -> Iterator[int]:
        """Yield the positions of the documents in which one of these strings stands."""
        begins: dict[str, list[Words]] = defaultdict(list)
        for each in strings:
            begins[each[0]].append(each)
        for at, words in enumerate(self._words):
            if any(
                tuple(words[first : first + len(each)]) == each
                for first, word in enumerate(words)
                if word in begins
                for each in begins[word]
            ):
                yield at

    def _count(self, words: Words, label: str) -> None:
        counts = self.counts.setdefault(words, np.zeros(len(self._number) + 1, dtype=np.int64))
        counts[self._number[label]] += 1

    def _find_bare(self, placements: Sequence[Placement]) -> None:
        lengths = self._lengths()
        for at, tokens in enumerate(self._words):
            # Most words begin no string: nothing is done for a document of such words alone.
            begins = [first for first, word in enumerate(tokens) if word in lengths]
            free = outside(placements[at], len(tokens)).tolist() if begins else []
            for first in begins:
                if not free[first]:
                    continue
                for length in lengths[tokens[first]]:
                    here = Range(first, first + length)
                    counts = self.counts.get(tuple(tokens[first : here.last]))
                    if counts is not None and here.last <= len(tokens) and all(free[slice(*here)]):
                        counts[UNLABELLED] += 1
                        self._bare[at].append(here)

    def _lengths(self) -> dict[str, list[int]]:
        """Return how long strings are that begin with a word, the longest first.

        Who looks for a mark takes it before its parts.
        """
        found: dict[str, set[int]] = defaultdict(set)
        for words in self.counts:
            found[words[0]].add(len(words))
        return {word: sorted(lengths, reverse=True) for word, lengths in found.items()}


def outside(placement: Placement, tokens: int) -> np.ndarray:
    """Mark the tokens that lie in no labelled range, also in none that tags cannot hold."""
    free = np.ones(tokens, dtype=bool)
    for item in placement.placed:
        free[item.first : item.last] = False
    for first, last in placement.left_out:
        free[first:last] = False
    return free
