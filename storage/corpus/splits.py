"""Choosing a dev split by group; no database."""

from __future__ import annotations

import random
from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import overload


def gather(documents: Iterable[tuple[int, Iterable[Hashable]]]) -> list[list[int]]:
    """Return documents in groups: those that share a mark, directly or through others.

    A document comes as its id and its marks, such as its section and the hash of its text.
    """
    parent: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    ids = []
    for id, marks in documents:
        ids.append(id)
        for mark in marks:
            parent[root(("mark", mark))] = root(id)
    groups: dict[Hashable, list[int]] = {}
    for id in ids:
        groups.setdefault(root(id), []).append(id)
    return list(groups.values())


class Groups(Sequence[Sequence[int]]):
    """Groups of documents; the many that stand alone take eight bytes each."""

    def __init__(self, groups: Iterable[Sequence[int]] = ()) -> None:
        self._groups = list(groups)
        self._alone = array("q")

    def add(self, group: Sequence[int]) -> None:
        """Add a group."""
        self._groups.append(group)

    def add_alone(self, id: int) -> None:
        """Add a document that shares nothing with another one."""
        self._alone.append(id)

    def without(self, ids: Iterable[int]) -> Groups:
        """Return the groups of which not all documents are among these."""
        gone = set(ids)
        rest = Groups(group for group in self._groups if not gone.issuperset(group))
        rest._alone.extend(id for id in self._alone if id not in gone)
        return rest

    def __len__(self) -> int:
        return len(self._groups) + len(self._alone)

    @overload
    def __getitem__(self, place: int) -> Sequence[int]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Sequence[int]]: ...
    def __getitem__(self, place: int | slice) -> Sequence[int] | Sequence[Sequence[int]]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        if place < len(self._groups):
            return self._groups[place]
        return (self._alone[place - len(self._groups)],)


def choose(groups: Sequence[Sequence[int]], share: float, seed: int) -> list[int]:
    """Return the ids of whole groups, drawn at random, that hold about a share of all ids.

    A single group is never taken: nothing would be left to train on.
    """
    if len(groups) < 2:
        return []
    wanted = max(1, round(share * sum(map(len, groups))))
    chosen: list[int] = []
    for place in drawn(len(groups), seed):
        group = groups[place]
        if len(chosen) + len(group) <= wanted:
            chosen += group
        if len(chosen) == wanted:
            break
    # Where every group is larger than the share, the smallest comes nearest.
    if not chosen:
        chosen = list(groups[min(range(len(groups)), key=lambda place: len(groups[place]))])
    return sorted(chosen)


def drawn(count: int, seed: int) -> Iterator[int]:
    """Yield the numbers below ``count`` as ``random.sample`` orders all of them.

    Each is drawn when it is asked for: of a million groups mostly a tenth is.
    """
    draw, moved = random.Random(seed), dict[int, int]()
    for last in reversed(range(count)):
        place = draw.randrange(last + 1)
        yield moved.get(place, place)
        # The last one that is left takes the place of the one that was drawn.
        moved[place] = moved.pop(last, last)
