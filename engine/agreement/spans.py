"""Marks of two people held against each other: the same ones, and those that share something.

Span F1 is 2 × what both gave over what each gave: the F1 of either person against the other.
*Strict*: begin, end and label are the same. *Partial*: a mark counts where the other person has one
of the same label that shares a code point with it. Of marks of whole texts both are the same.
"""

from __future__ import annotations

import numpy as np

from engine.agreement.versions import Marks


class Placed:
    """One person's marks in order, where texts follow one another."""

    def __init__(self, marks: Marks, sizes: np.ndarray) -> None:
        base = np.cumsum(sizes + 1) - sizes - 1
        whole = int((sizes + 1).sum()) + 1
        # A label's marks are all before those of the next label.
        start = marks.label * whole + base[marks.document] + marks.start
        length = marks.end - marks.start
        longest = int(sizes.max(initial=0)) + 1
        self.codes, first = np.unique(start * longest + length, return_index=True)
        self.label, self.document = marks.label[first], marks.document[first]
        self.start, self.end = start[first], start[first] + length[first]
        self.last = np.sort(self.end)

    def kept(self, documents: np.ndarray) -> Placed:
        """Return those in some documents: a mask of shape (documents,)."""
        which = documents[self.document]
        found = object.__new__(Placed)
        for name in ("codes", "label", "document", "start", "end"):
            setattr(found, name, getattr(self, name)[which])
        found.last = np.sort(found.end)
        return found

    def same(self, other: Placed) -> np.ndarray:
        """Tell of each mark whether the other person has the same one."""
        return np.isin(self.codes, other.codes, assume_unique=True)

    def touching(self, other: Placed) -> np.ndarray:
        """Tell of each mark whether the other person has one of its label that overlaps it."""
        begun = np.searchsorted(other.start, self.end, "left")
        ended = np.searchsorted(other.last, self.start, "right")
        return (begun > ended) | self.same(other)
