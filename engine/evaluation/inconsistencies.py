"""The same words marked in different ways, or marked here and left alone there.

Here: what the findings of all tasks have in common. What the same words are, the task says.
Standard library only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from storage.types import Document, Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words stand, and the mark that people made there; None where they made none."""

    document: int
    start: int
    end: int
    given: Span | None

    @property
    def label(self) -> str | None:
        """Return the mark's label."""
        return self.given.label if self.given else None


@dataclass(frozen=True)
class Inconsistency:
    """Words with all their places, in reading order; at least two of these differ."""

    words: str
    places: tuple[Place, ...]

    @cached_property
    def counts(self) -> list[tuple[str | None, int]]:
        """Return how many places each label has (None: no mark), the most frequent first."""
        found = Counter(place.label for place in self.places)
        return sorted(found.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))

    @property
    def usual(self) -> str | None:
        """Return what the most places say."""
        return self.counts[0][0]

    @property
    def labels(self) -> list[str]:
        """Return the labels, the most frequent first."""
        return [label for label, _ in self.counts if label is not None]

    @property
    def odd(self) -> int:
        """Return how many places say something else than the most."""
        return len(self.places) - self.counts[0][1]

    @property
    def weight(self) -> float:
        """Return how much there is to mend, probably: odd places, and how clearly they are odd.

        Where half of the places say so and half otherwise, words may just mean two things.
        """
        most, next_ = self.counts[0][1], self.counts[1][1]
        return self.odd * (most - next_ + 1) / len(self.places)

    def open(self, judged: Collection[tuple[int, int, int, str]]) -> bool:
        """Tell whether an odd place is not judged: (document, start, end, label) found right.

        Of a place without a mark it is the usual label that was turned down there.
        """
        return any(
            (place.document, place.start, place.end, place.label or self.usual) not in judged
            for place in self.places
            if place.label != self.usual
        )

    def others(self, label: str) -> list[Place]:
        """Return the places that would change if all were to have a label."""
        return [place for place in self.places if place.label != label]


def ranked(found: Iterable[Inconsistency]) -> list[Inconsistency]:
    """Sort findings, the one with the most to mend first."""
    return sorted(found, key=lambda one: (-one.weight, -len(one.places), one.words))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def of_whole_texts(documents: Sequence[Document]) -> list[Inconsistency]:
    """Find texts that stand in several documents with different marks, for tasks of whole ones.

    A document without a mark, of those that are done, says that none fits.
    """
    texts: dict[tuple[str, ...], list[Place]] = {}
    said: dict[tuple[str, ...], str] = {}
    for number, document in enumerate(documents):
        both = [_plain(text) for text in (document.text, document.second_text) if text]
        # A pair the other way around is the same pair, or two that a person should look at.
        key = tuple(sorted(both))
        said.setdefault(key, " ↔ ".join(both))
        id = number if document.id is None else document.id
        # Several labels of one document are one answer each; most tasks allow a single one.
        for span in document.spans or (None,):
            texts.setdefault(key, []).append(Place(id, 0, 0, span))
    return ranked(
        Inconsistency(said[key], tuple(places))
        for key, places in texts.items()
        if len({place.label for place in places}) > 1
        and len({place.document for place in places}) > 1
    )
