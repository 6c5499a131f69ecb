"""Which label words would get that a model does not mark: what a person's drag over them takes.

NumPy only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.tasks.spans import marks
from storage.types import Document, Source, Span

LEAST = 0.005
"""Words that are less probably part of any mention are guessed to have no label."""
SURE = 1 / 3
"""How probable the likeliest label must be, if there is one."""


def beside(document: Document, scores: np.ndarray, labels: Sequence[str]) -> tuple[Span, ...]:
    """Return runs of words that would have one label if any, outside of the document's spans.

    In the order of the text, each with that label's probability among all labels, the mean over
    its tokens. ``scores`` are log-probabilities of IOB2 tags, (tokens, 1 + 2 × labels).
    """
    shares = marks.by_label(scores)
    if not shares.size:
        return ()
    total = np.maximum(shares.sum(axis=1), np.finfo(shares.dtype).tiny)
    chances, likeliest = shares.max(axis=1) / total, shares.argmax(axis=1)
    open_ = (total >= LEAST) & (chances >= SURE) & ~_marked(document)
    likeliest = np.where(open_, likeliest, -1)
    return tuple(
        Span(
            document.tokens[first][0],
            document.tokens[last - 1][1],
            labels[likeliest[first]],
            source=Source.MODEL,
            score=float(chances[first:last].mean()),
        )
        for first, last in _runs(likeliest)
        if likeliest[first] >= 0
    )


def _marked(document: Document) -> np.ndarray:
    """Tell of each token whether a span touches it."""
    found = np.zeros(len(document.tokens), bool)
    for first, last in marks.touched(document, document.spans):
        found[first:last] = True
    return found


def _runs(values: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where a value begins and ends, as long as it stays the same."""
    borders = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from zip(borders, borders[1:], strict=False)
