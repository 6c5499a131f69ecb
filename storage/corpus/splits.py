"""Choosing a dev split by group; no database."""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterable


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


def choose(groups: list[list[int]], share: float, seed: int) -> list[int]:
    """Return the ids of whole groups, drawn at random, that hold about a share of all ids.

    A single group is never taken: nothing would be left to train on.
    """
    if len(groups) < 2:
        return []
    wanted = max(1, round(share * sum(map(len, groups))))
    chosen: list[int] = []
    for group in random.Random(seed).sample(groups, len(groups)):
        if len(chosen) + len(group) <= wanted:
            chosen += group
    # Where every group is larger than the share, the smallest comes nearest.
    if not chosen:
        chosen = min(groups, key=len)
    return sorted(chosen)
