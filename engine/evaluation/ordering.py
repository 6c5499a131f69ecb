"""An order of labels in which those that are confused stand together. Standard library, NumPy.

Two labels are neighbours where a share of either's marks is given the other label. The reverse
Cuthill–McKee order (Cuthill and McKee 1969, George and Liu 1981) puts neighbours close to each
other, so that a confusion table has what is confused in blocks along its diagonal. Azimuth
orders its tables so, with the same threshold.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.evaluation.confusion import Confusion
from engine.evaluation.rates import divide

# From this share of a label's marks on, one that is given in its place is a neighbour.
SHARE = 0.1


def by_errors(table: Confusion) -> list[str]:
    """Return the labels, those with which the most went wrong, on either side, first."""
    counts = np.array(table.counts, dtype=np.int64)
    right = np.diagonal(counts)[:-1]
    found = counts.sum(axis=1)[:-1] + counts.sum(axis=0)[:-1] - right - np.array(table.exact)
    ranked = sorted(zip(-found, table.labels, strict=True)) if len(table.labels) else []
    return [name for _, name in ranked]


def groups(table: Confusion, share: float = SHARE) -> list[list[str]]:
    """Return all labels in groups that are confused among themselves.

    The group with the most confusions comes first; each is in an order that keeps neighbours
    close. A label that is confused with none is a group of its own; these come last, by name.
    """
    near = neighbours(table, share)
    between = np.array(table.counts, dtype=np.int64)[:-1, :-1]

    def rank(group: Sequence[int]) -> tuple:
        inside = between[np.ix_(group, group)]
        return len(group) == 1, int(np.trace(inside) - inside.sum()), group[0]

    parts = sorted((sorted(part) for part in components(near)), key=rank)
    return [[table.labels[at] for at in _ordered(near, part)] for part in parts]


def grouped(table: Confusion) -> Confusion:
    """Return the table with what is confused together, for a picture that nobody can sort."""
    names = [name for group in groups(table) for name in group]
    at = [table.labels.index(name) for name in names]
    both = [*at, len(at)]
    counts = [[table.counts[row][column] for column in both] for row in both]
    return Confusion(names, counts, [table.exact[row] for row in at])


def neighbours(table: Confusion, share: float = SHARE) -> list[list[int]]:
    """Return for each label the places of those that it is confused with, ascending."""
    counts = np.array(table.counts, dtype=np.float64)
    shares = divide(counts, np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape))
    linked = shares[:-1, :-1] >= share
    linked |= linked.T
    np.fill_diagonal(linked, False)
    return [np.flatnonzero(row).tolist() for row in linked]


def components(near: Sequence[Iterable[int]]) -> list[list[int]]:
    """Return the connected parts of a graph, given each node's neighbours."""
    left, found = set(range(len(near))), []
    while left:
        part = [node for level in levels(near, min(left)) for node in level]
        left -= set(part)
        found.append(part)
    return found


def reverse_cuthill_mckee(near: Sequence[Sequence[int]], part: Sequence[int]) -> list[int]:
    """Return the nodes of a connected part, neighbours close to each other.

    From one end of the part on, each node is followed by its neighbours, those with the fewest
    of their own first.
    """
    start = _end(near, part)
    order, known, waiting = [], {start}, deque([start])
    while waiting:
        node = waiting.popleft()
        order.append(node)
        fresh = sorted(set(near[node]) - known, key=lambda each: (len(near[each]), each))
        known.update(fresh)
        waiting.extend(fresh)
    return order[::-1]


def bandwidth(near: Sequence[Iterable[int]], order: Sequence[int]) -> int:
    """Return how far apart in an order two neighbours are at most."""
    place: Mapping[int, int] = {node: at for at, node in enumerate(order)}
    return max((abs(place[n] - place[other]) for n in order for other in near[n]), default=0)


def levels(near: Sequence[Iterable[int]], start: int) -> list[list[int]]:
    """Return the nodes that can be reached, by how many steps that takes."""
    found, known = [[start]], {start}
    while fresh := sorted({other for node in found[-1] for other in near[node]} - known):
        known.update(fresh)
        found.append(fresh)
    return found


def _ordered(near: Sequence[Sequence[int]], part: Sequence[int]) -> Sequence[int]:
    """Return a part in the better of two orders; by name where that is as good."""
    other = reverse_cuthill_mckee(near, part)
    return other if bandwidth(near, other) < bandwidth(near, part) else part


def _end(near: Sequence[Sequence[int]], part: Sequence[int]) -> int:
    """Return a node from which another one is far: George and Liu's pseudo-peripheral node."""

    def loneliest(nodes: Iterable[int]) -> int:
        return min(nodes, key=lambda node: (len(near[node]), node))

    node, reach = loneliest(part), levels(near, loneliest(part))
    while True:
        other = loneliest(reach[-1])
        further = levels(near, other)
        if len(further) <= len(reach):
            return node
        node, reach = other, further
