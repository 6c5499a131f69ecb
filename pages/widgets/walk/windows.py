"""How much of a text a row shows: the words around its place; the rest is one key away."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from storage.types import Document, Span, Token

# So many words, or Chinese characters, on either side; a text a little longer is shown whole.
AROUND = 30
WHOLE = 4 * AROUND
# Of a text without words, and of words without end: so many characters on either side.
LONGEST = 300


def of(document: Document, places: Sequence[Span]) -> tuple[int, int]:
    """Return the code points [start, end) to show of a document around some places."""
    tokens = document.tokens
    size = len(document.text)
    if all(place.whole for place in places):
        return 0, len(beginning(document.text))
    first = min(place.start for place in places)
    last = max(place.end for place in places)
    if len(tokens) <= WHOLE and size <= 2 * LONGEST:
        return 0, size
    start, end = _words(tokens, first, last) if tokens else (0, size)
    start, end = max(start, first - LONGEST), min(end, last + LONGEST)
    # What little lies outside is shown too.
    return (0 if start <= AROUND else start), (size if size - end <= AROUND else end)


def beginning(text: str) -> str:
    """Return as much of a text as a row shows that is about the whole of it."""
    if len(text) <= 2 * LONGEST + AROUND:
        return text
    cut = text[: 2 * LONGEST]
    # Not within a word, where there are words.
    return cut[: max(cut.rfind(" "), cut.rfind("\n"), LONGEST) + 1]


def _words(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """Return the borders of the words around [first, last)."""
    before = bisect_right(tokens, first, key=lambda token: token[0]) - 1
    after = bisect_left(tokens, last, key=lambda token: token[1])
    start = tokens[max(0, before - AROUND)][0] if before > AROUND else 0
    end = tokens[after + AROUND][1] if after + AROUND < len(tokens) else tokens[-1][1]
    return min(start, first), max(end, last)
