"""A text cut into tokens as spaCy has them, at the borders of spans, too.

Nothing has to be moved or left out so, whatever the spans are; spaCy aligns the tokens of its
training data with its own.
"""

from __future__ import annotations

from collections.abc import Collection

from engine.encoding.tokens import tokenize
from storage.types import Document, Span, Token


def cut(document: Document, spans: Collection[Span], told: bool = True) -> list[Token]:
    """Return all of a text in tokens; one space behind a token belongs to it.

    All other blanks are tokens of their own. Where it is not ``told`` which token has a space
    behind it, one that is followed by another blank is a token, too: either could be meant.
    """
    text = document.text
    starts, ends = {span.start for span in spans}, {span.end for span in spans}
    borders = {0, len(text)} | starts | ends
    for start, end in document.tokens or tokenize(text):
        borders |= {start, end}
        # A second blank behind the first, which belongs to the token.
        if text[end : end + 1] == " ":
            borders.add(end + 1)
    ordered = sorted(borders)
    tokens: list[Token] = []
    for start, end in zip(ordered, ordered[1:], strict=False):
        behind = bool(tokens) and tokens[-1][1] == start
        meant = told or not text[end : end + 1].isspace()
        own = start in starts or end in ends
        if not (behind and text[start:end] == " " and meant and not own):
            tokens.append((start, end))
    return tokens


def places(
    spans: Collection[Span], tokens: list[Token]
) -> tuple[list[Span], list[tuple[int, int]]]:
    """Return the spans that stay where each token has one label, and each one's tokens.

    Of overlapping spans the longest stays, then the leftmost.
    """
    starts = {start: at for at, (start, _) in enumerate(tokens)}
    ends = {end: at for at, (_, end) in enumerate(tokens)}
    taken: set[int] = set()
    kept: list[tuple[Span, tuple[int, int]]] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span)):
        first, last = starts[span.start], ends[span.end] + 1
        if taken.isdisjoint(range(first, last)):
            taken.update(range(first, last))
            kept.append((span, (first, last)))
    kept.sort()
    return [span for span, _ in kept], [place for _, place in kept]
