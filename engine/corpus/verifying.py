"""What was exported, read back and held against what it was made of.

Documents are compared in the order of the file; those that come back elsewhere, as from an
archive sorted by class, are found by what they hold. Where only blanks between words differ, as
in formats of words alone, it is the spacing that differs and nothing else. Many formats do not
tell what somebody only began from what is done: that is told, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import NamedTuple

from engine.formats.common.problems import shorten
from storage.types import Document, Status

_LISTED = 100


@dataclass(frozen=True, slots=True)
class Verification:
    """What came back of a file: how many documents equal, with other blanks, or otherwise.

    ``restated`` come back with another status, blanks aside, ``changed`` with other labels,
    ``lost`` not at all, and ``invented`` were never given. ``examples`` says of the first of
    these what differs.
    """

    equal: int = 0
    respaced: int = 0
    restated: int = 0
    changed: int = 0
    lost: int = 0
    invented: int = 0
    examples: tuple[str, ...] = ()

    @property
    def documents(self) -> int:
        """How many documents were given."""
        return self.equal + self.respaced + self.restated + self.changed + self.lost

    @property
    def differing(self) -> int:
        """How many documents are not what they were, blanks and status aside."""
        return self.changed + self.lost + self.invented

    def summary(self) -> dict[str, int]:
        """Return the counts as the command line prints them."""
        names = ("equal", "respaced", "restated", "changed", "lost", "invented")
        return {name: getattr(self, name) for name in names}

    def sentence(self) -> str:
        """Say in a sentence what came back."""
        said = [f"{self.documents:,} written and read back: {self.equal:,} equal"]
        said += [f"{self.respaced:,} with other blanks between words"] * bool(self.respaced)
        said += [f"{self.restated:,} with another status"] * bool(self.restated)
        said += [f"{self.changed:,} with other labels"] * bool(self.changed)
        said += [f"{self.lost:,} not in the file"] * bool(self.lost)
        said += [f"{self.invented:,} that were never there"] * bool(self.invented)
        return ", ".join(said) + "."


class _Print(NamedTuple):
    """What tells documents from each other, blanks aside: their texts, and with their marks."""

    text: bytes
    whole: bytes


def compare(given: Iterable[Document], again: Iterable[Document]) -> Verification:
    """Hold documents against those that were read back; memory grows with what differs only."""
    return _Comparison().of(given, again)


class _Comparison:
    def __init__(self) -> None:
        self._equal = self._respaced = self._restated = 0
        # What waits for its like: documents by their print, what they are called, their states.
        self._missing: dict[_Print, list[tuple[str, Status]]] = {}
        self._extra: dict[_Print, list[Status]] = {}
        self._examples: list[str] = []

    def of(self, given: Iterable[Document], again: Iterable[Document]) -> Verification:
        for one, other in zip_longest(given, again):
            if one is None or other is None or not _equal(one, other):
                self._match(one, other)
            elif not self._is_restated(_called(one), one.status, other.status):
                self._equal += 1
        return self._verification()

    def _is_restated(self, name: str, was: Status, came: Status) -> bool:
        if was is came:
            return False
        self._restated += 1
        if len(self._examples) < _LISTED:
            self._examples.append(f"{name} was {was} and came back as {came}.")
        return True

    def _match(self, one: Document | None, other: Document | None) -> None:
        first = _print(one) if one is not None else None
        second = _print(other) if other is not None else None
        if one and other and first == second:
            if not self._is_restated(_called(one), one.status, other.status):
                self._respaced += 1
            return
        if one is not None and first is not None:
            if states := self._extra.get(first):
                self._take(_called(one), one.status, states.pop())
            else:
                self._missing.setdefault(first, []).append((_called(one), one.status))
        if other is not None and second is not None:
            if waiting := self._missing.get(second):
                self._take(*waiting.pop(), other.status)
            else:
                self._extra.setdefault(second, []).append(other.status)

    def _take(self, name: str, was: Status, came: Status) -> None:
        if not self._is_restated(name, was, came):
            self._equal += 1

    def _verification(self) -> Verification:
        extra: dict[bytes, int] = {}
        for key, states in self._extra.items():
            extra[key.text] = extra.get(key.text, 0) + len(states)
        changed, lost, examples = 0, 0, []
        for key, names in self._missing.items():
            for name, _ in names:
                came = extra.get(key.text, 0) > 0
                extra[key.text] = extra.get(key.text, 0) - came
                changed, lost = changed + came, lost + (not came)
                examples.append(
                    f"{name} came back with other labels."
                    if came
                    else f"{name} is not in the file."
                )
        return Verification(
            self._equal,
            self._respaced,
            self._restated,
            changed,
            lost,
            sum(max(0, count) for count in extra.values()),
            tuple([*examples, *self._examples][:_LISTED]),
        )


def _equal(one: Document, other: Document) -> bool:
    texts = (one.text, one.second_text) == (other.text, other.second_text)
    return texts and _marks(one) == _marks(other)


def _called(document: Document) -> str:
    return document.name or f"“{shorten(document.text)}”"


def _marks(document: Document) -> list[tuple[int, int, str]]:
    return sorted({(span.start, span.end, span.label) for span in document.spans})


def _print(document: Document) -> _Print:
    places = list(accumulate((not char.isspace() for char in document.text), initial=0))
    marks = sorted({(places[start], places[end], label) for start, end, label in _marks(document)})
    texts = [_bare(document.text), _bare(document.second_text or "")]
    return _Print(_hash(texts), _hash([*texts, *_written(marks)]))


def _bare(text: str) -> str:
    return "".join(text.split())


def _written(marks: Iterable[tuple[int, int, str]]) -> Iterator[str]:
    # An empty range that is no mark of the whole text has lost its words: it is no mark.
    return (f"{start} {end} {label}" for start, end, label in marks if end or not start)


def _hash(parts: Iterable[str]) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8"), digest_size=16).digest()
