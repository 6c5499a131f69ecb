"""What more than half of several versions say: the one rule for a majority."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

Mark = TypeVar("Mark", bound=Hashable)


def majority(versions: Sequence[Collection[Mark]]) -> tuple[Mark, ...]:
    """Return the marks that more than half of the versions have, in the order they first come.

    Each version is one person's whole answer and has one vote, an empty one too: it says that
    nothing is there. Half is not enough, so two people's majority is what both say. Two marks
    that win share a version, for two halves that are more than that meet: where no version has
    overlapping marks, or two labels of a whole document, the majority has none either.

    Spans are equal without their ids, and those of two versions may be the same: whoever stores
    them names them anew.
    """
    votes = Counter(mark for version in versions for mark in dict.fromkeys(version))
    return tuple(mark for mark, count in votes.items() if 2 * count > len(versions))
