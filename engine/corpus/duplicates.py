"""Documents that are the same, or nearly: groups of them among any number of texts.

Equal texts are found by hash. Nearly equal ones by MinHash (Broder 1997), whose signatures are cut
into bands: only texts that share a band are compared (Leskovec, Rajaraman & Ullman, "Mining of
Massive Datasets", chapter 3), and then exactly, as ``near_duplicates`` says. Of two texts at the
threshold the bands find 99 in 100; of texts that are more alike nearly all.

In memory are some 40 bytes a document, the signatures lie in a temporary file: a million documents
take 200 MB less than their texts would.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import IO, NamedTuple

import numpy as np
from rensa import RMinHash

from engine.corpus import near_duplicates
from engine.corpus.near_duplicates import ALIKE
from storage.types import Split

BANDS, ROWS, SEED = 12, 4, 13
# So many texts are held at a time; so many neighbours in a band are compared with each.
AT_ONCE, NEIGHBOURS = 5_000, 4
# Of a group so many members are named; how many there are is counted.
NAMED = 100
Progress = Callable[[int], None]
Read = Callable[[Sequence[int]], Mapping[int, str]]


class Text(NamedTuple):
    """A document to compare: its number, all of its text, and the split it is in, if any."""

    id: int
    text: str
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Documents of which each is nearly the same as another one of them."""

    members: tuple[int, ...]
    """The first of them, by number; of a large group not all."""
    size: int
    splits: tuple[str, ...]
    """Train, dev and test as far as they are there; what is in no split may be trained on."""
    share: float
    """How alike the two least alike that brought it together are (``near_duplicates``)."""
    exact: bool
    """All are the same, character by character."""

    @property
    def across(self) -> bool:
        """Whether it is in several splits: a model is asked about what it has seen."""
        return len(self.splits) > 1

    @property
    def alike(self) -> str:
        """Say how alike they are."""
        if self.share < 1:
            return f"at least {self.share:.0%} alike"
        return "the same" if self.exact else "the same but for case, signs and digits"

    @property
    def where(self) -> str:
        """Name its splits."""
        *others, last = self.splits
        return f"{', '.join(others)} and {last}" if others else last


def find(
    texts: Iterable[Text],
    read: Read,
    *,
    least: float = ALIKE,
    progress: Progress = lambda done: None,
) -> list[Group]:
    """Return the groups of texts at least so alike: first those across splits, then the largest.

    ``read`` returns the texts of some numbers once more, as they were given. ``progress`` is told
    how many texts were taken in, and may raise what ends the search. The same texts in the same
    order always give the same groups.
    """
    with tempfile.TemporaryFile() as signatures:
        known = _Known.of(texts, signatures, progress)
        joined = _Joined(known)
        for band in range(BANDS):
            _compare(known, joined, _pairs(known, joined, signatures, band), read, least)
    return sorted(joined.groups(), key=lambda each: (not each.across, -each.size, each.members))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of each text, by its place."""

    ids: np.ndarray
    splits: np.ndarray
    exact: np.ndarray
    same: np.ndarray
    """Equal of texts that are the same but for case, signs and digits."""

    @classmethod
    def of(cls, texts: Iterable[Text], signatures: IO[bytes], progress: Progress) -> _Known:
        columns = array("q"), array("b"), array("Q"), array("Q")
        minima: list[list[int]] = []
        for id, text, split in texts:
            words = near_duplicates.words_of(text)
            exact = _hash(text)
            values = id, _SPLITS.index(split or Split.TRAIN), exact
            for column, value in zip(columns, values, strict=False):
                column.append(value)
            columns[3].append(_hash("\n".join(words)) if words else exact)
            minima.append(_signature(words))
            if len(minima) == AT_ONCE:
                _write(signatures, minima)
                progress(len(columns[0]))
        _write(signatures, minima)
        return cls(*(np.array(column) for column in columns))


_SPLITS = (Split.TRAIN, Split.DEV, Split.TEST)


def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _signature(words: list[str]) -> list[int]:
    made = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    made.update([*words, *map(" ".join, zip(words, words[1:], strict=False))])
    return made.digest()


def _write(signatures: IO[bytes], minima: list[list[int]]) -> None:
    """Write a number for each band of each text, and forget the signatures."""
    rows = np.array(minima, np.uint64).reshape(-1, BANDS, ROWS)
    mixed = rows[:, :, 0]
    for row in range(1, ROWS):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + rows[:, :, row]
    signatures.write((mixed >> np.uint64(32)).astype(np.uint32).tobytes())
    minima.clear()


class _Joined:
    """Which texts are together (disjoint sets), and how alike what joined them was."""

    def __init__(self, known: _Known):
        self._known = known
        order = np.argsort(known.same, kind="stable")
        begins = np.concatenate([[True], np.diff(known.same[order].view(np.int64)) != 0])
        first = np.maximum.accumulate(np.where(begins[: len(order)], np.arange(len(order)), 0))
        self._parent = np.empty(len(order), np.int64)
        self._parent[order] = order[first]
        self._shares: dict[int, float] = {}
        self.alone = np.flatnonzero(self._parent == np.arange(len(order)))
        """The first text of those that are the same."""

    def root(self, place: int) -> int:
        parent = self._parent
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = int(parent[place])
        return place

    def join(self, one: int, other: int, share: float) -> None:
        one, other = sorted((self.root(one), self.root(other)))
        self._parent[other] = one
        shares = (self._shares.pop(root, 1.0) for root in (one, other))
        self._shares[one] = min(share, *shares)

    def groups(self) -> Iterator[Group]:
        parent, known = self._parent, self._known
        while not np.array_equal(parent, above := parent[parent]):
            parent = above
        order = np.argsort(parent, kind="stable")
        roots, begins, sizes = np.unique(parent[order], return_index=True, return_counts=True)
        several = sizes > 1
        for root, begin, size in zip(
            roots[several].tolist(), begins[several].tolist(), sizes[several].tolist(), strict=True
        ):
            places = order[begin : begin + size]
            splits = tuple(str(_SPLITS[at]) for at in np.unique(known.splits[places]))
            members = tuple(np.sort(known.ids[places])[:NAMED].tolist())
            exact = bool((known.exact[places] == known.exact[places[0]]).all())
            yield Group(members, size, splits, self._shares.get(root, 1.0), exact)


def _pairs(
    known: _Known, joined: _Joined, signatures: IO[bytes], band: int
) -> Iterator[tuple[int, int]]:
    """Yield places of texts that share a band and are not together yet."""
    signatures.seek(0)
    column = np.empty(len(known.ids), np.uint32)
    for begin in range(0, len(column), 20 * AT_ONCE):
        count = min(20 * AT_ONCE, len(column) - begin)
        rows = np.frombuffer(signatures.read(4 * BANDS * count), np.uint32)
        column[begin : begin + count] = rows.reshape(-1, BANDS)[:, band]
    places = joined.alone[np.argsort(column[joined.alone], kind="stable")]
    keys = column[places]
    for distance in range(1, NEIGHBOURS + 1):
        alike = np.flatnonzero(keys[distance:] == keys[:-distance])
        for one, other in zip(
            places[alike].tolist(), places[alike + distance].tolist(), strict=True
        ):
            if joined.root(one) != joined.root(other):
                yield one, other


def _compare(
    known: _Known, joined: _Joined, pairs: Iterator[tuple[int, int]], read: Read, least: float
) -> None:
    """Join those of some pairs that are alike, compared exactly, some at a time."""
    waiting: list[tuple[int, int]] = []
    for pair in pairs:
        waiting.append(pair)
        if len(waiting) == AT_ONCE:
            _join_alike(known, joined, waiting, read, least)
            waiting.clear()
    _join_alike(known, joined, waiting, read, least)


def _join_alike(
    known: _Known, joined: _Joined, pairs: list[tuple[int, int]], read: Read, least: float
) -> None:
    places = {place for pair in pairs for place in pair}
    texts = read([int(known.ids[place]) for place in sorted(places)])
    pieces = {
        place: near_duplicates.pieces_of(texts[int(known.ids[place])])
        for place in places
        if int(known.ids[place]) in texts
    }
    for one, other in pairs:
        # What is gone by now is no duplicate of anything.
        if one in pieces and other in pieces:
            share = near_duplicates.jaccard(pieces[one], pieces[other])
            if share >= least:
                joined.join(one, other, share)
