"""Spans for tests: read from a drawing, or drawn at random."""

from __future__ import annotations

import re
from itertools import accumulate

from hypothesis import strategies as st

from storage.types import Span

LABELS = "ab"


def marks(*rows: str) -> list[Span]:
    """Read spans: "Aaa.Bb" is 0–3 labelled a and 4–6 labelled b; each row may overlap others."""
    return [
        Span(*found.span(), found.group(1).lower())
        for row in rows
        for found in re.finditer(r"([A-Z])[a-z]*", row)
    ]


def _in_a_row(drawn: list[tuple[int, int, str]]) -> list[Span]:
    """Put spans one after the other, each some way behind the one before."""
    ends = accumulate(gap + length for gap, length, _ in drawn)
    return [Span(at - drawn[n][1], at, drawn[n][2]) for n, at in enumerate(ends)]


def flat(most: int = 6) -> st.SearchStrategy[list[Span]]:
    """Draw spans in reading order, of which no two overlap."""
    row = st.tuples(st.sampled_from([0, 0, 1, 2]), st.integers(1, 4), st.sampled_from(LABELS))
    return st.lists(row, max_size=most).map(_in_a_row)


def overlapping(most: int = 7) -> st.SearchStrategy[list[Span]]:
    """Draw any spans, each once."""
    row = st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from(LABELS))
    return st.lists(row, max_size=most, unique=True).map(
        lambda drawn: [Span(start, start + length, label) for start, length, label in drawn]
    )
