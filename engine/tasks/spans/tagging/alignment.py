"""Spans of code points laid onto tokens: what a tag sequence can hold, and what it cannot."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.types import Document, Span, Token


class Reason(StrEnum):
    """Why a span cannot be learned as it stands."""

    CUT = "cut"
    """It begins or ends inside a token."""
    PADDED = "padded"
    """It has white space at its border; it is learned without, so it can never match exactly."""
    OVERLAPPING = "overlapping"
    """It shares a token with a longer span, and a tag sequence holds one label for a token."""
    EMPTY = "empty"
    """It covers no token, only white space."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A span on tokens ``first`` to ``last`` (exclusive)."""

    first: int
    last: int
    span: Span


@dataclass(frozen=True, slots=True)
class Placement:
    """The spans of one document that a tag sequence holds, and the others with the reason."""

    placed: tuple[Placed, ...]
    problems: tuple[tuple[Span, Reason], ...]
    left_out: tuple[tuple[int, int], ...]
    """Token ranges of spans that are not held: their tags are unknown, rather than O."""


def place(document: Document, spans: Sequence[Span]) -> Placement:
    """Lay spans onto the document's tokens; of overlapping ones the longest stays."""
    if not spans:
        return Placement((), (), ())
    starts = [start for start, _ in document.tokens]
    ends = [end for _, end in document.tokens]
    placed: list[Placed] = []
    problems: list[tuple[Span, Reason]] = []
    left_out: list[tuple[int, int]] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda span: (span.start - span.end, span)):
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        reason = _judge(document, span, first, last, taken)
        if reason is not None:
            problems.append((span, reason))
        if reason in (None, Reason.PADDED):
            placed.append(Placed(first, last, span))
            taken.update(range(first, last))
        elif first < last:
            left_out.append((first, last))
    placed.sort(key=lambda item: item.first)
    return Placement(tuple(placed), tuple(problems), tuple(left_out))


def _judge(document: Document, span: Span, first: int, last: int, taken: set[int]) -> Reason | None:
    if first >= last:
        return Reason.EMPTY
    start, end = document.tokens[first][0], document.tokens[last - 1][1]
    if start < span.start or end > span.end:
        return Reason.CUT
    if any(token in taken for token in range(first, last)):
        return Reason.OVERLAPPING
    return None if (start, end) == (span.start, span.end) else Reason.PADDED


def lift(tokens: Sequence[Token], first: int, last: int, label: str) -> Span:
    """Return the span of code points that tokens ``first`` to ``last`` (exclusive) cover."""
    return Span(tokens[first][0], tokens[last - 1][1], label)
