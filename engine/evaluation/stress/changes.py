"""A document with a few places of its text replaced: marks and tokens go with the text.

All offsets are code points. An edit is told in those of the old text, and lies within a mark or
outside of it, never across its border: so it is always known what a mark has become.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from storage.types import Document, Span, Token


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``text[start:end]``; an empty range inserts before ``start``.

    Without ``tokens`` it lies within one token, which stays one. With them it takes the place of
    whole tokens: they are where the words of its own text begin and end, counted from there.
    """

    start: int
    end: int
    text: str
    tokens: tuple[Token, ...] | None = None

    @property
    def growth(self) -> int:
        """How much longer the text becomes."""
        return len(self.text) - (self.end - self.start)


def apply(document: Document, edits: Iterable[Edit]) -> Document:
    """Return the document with its text edited, its marks and tokens carried over.

    What stands inserted at the border of a mark is outside of it. Marks of the whole document
    stay what they are; the second text of a pair stays as it is.

    Raises ValueError where edits overlap, cross the border of a mark or a token, or leave one of
    them empty.
    """
    moved = _Moved(sorted(edits, key=lambda edit: (edit.start, edit.end)))
    text = moved.text(document.text)
    spans = tuple(span if span.whole else _carried(span, moved) for span in document.spans)
    return replace(document, text=text, spans=spans, tokens=tuple(_tokens(document, moved)))


class _Moved:
    """Where places of the old text are in the new one."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        if any(one.end > other.start for one, other in zip(edits, edits[1:], strict=False)):
            raise ValueError("Edits must not overlap.")
        self.edits = edits
        self._starts, self._ends = ([getattr(e, side) for e in edits] for side in ("start", "end"))
        self.growth = [0, *accumulate(edit.growth for edit in edits)]

    def text(self, text: str) -> str:
        parts, at = [], 0
        for edit in self.edits:
            parts += [text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*parts, text[at:]])

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Return where a range is now; raise ValueError where that cannot be told."""
        for border in (start, end):
            before = bisect_left(self._starts, border) - 1
            if before >= 0 and self._ends[before] > border:
                raise ValueError("An edit must not cross the border of a mark or a token.")
        last = bisect_right(self._ends, end)
        while last and self._starts[last - 1] == end:
            last -= 1
        first = bisect_right(self._ends, start)
        found = start + self.growth[first], end + self.growth[last]
        if found[0] >= found[1]:
            raise ValueError("An edit must leave something of a mark or a token.")
        return found


def _carried(span: Span, moved: _Moved) -> Span:
    start, end = moved.range(span.start, span.end)
    return replace(span, start=start, end=end)


def _tokens(document: Document, moved: _Moved) -> Iterator[Token]:
    """Yield the tokens of the new text in their order."""
    brought = [(number, edit) for number, edit in enumerate(moved.edits) if edit.tokens is not None]
    gone = [(edit.start, edit.end) for _, edit in brought]
    found = [moved.range(*token) for token in _without(document.tokens, gone)]
    for number, edit in brought:
        at = edit.start + moved.growth[number]
        found += [(at + start, at + end) for start, end in edit.tokens or ()]
    yield from sorted(found)


def _without(tokens: Sequence[Token], gone: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens that are not in one of the ranges; both are in their order."""
    starts = [start for start, _ in gone]
    for start, end in tokens:
        last = bisect_left(starts, end) - 1
        if last < 0 or gone[last][1] <= start:
            yield start, end
        elif start < gone[last][0] or end > gone[last][1]:
            raise ValueError("An edit with tokens of its own must replace whole tokens.")
