"""What stands for a span in arrays of tokens: its vector, and how probable each label is there.

NumPy only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from storage.types import Document, Span


def vectors(document: Document, spans: Sequence[Span], tokens: np.ndarray) -> np.ndarray:
    """Return the mean over each span's tokens, of shape (spans, width); zeros without a token."""
    return _means(document, spans, tokens)


def chances(document: Document, spans: Sequence[Span], scores: np.ndarray) -> np.ndarray:
    """Return each label's mean probability over each span's tokens, of shape (spans, labels).

    ``scores`` are log-probabilities of IOB2 tags: O, then B and I of each label.
    """
    return _means(document, spans, by_label(scores))


def by_label(scores: np.ndarray) -> np.ndarray:
    """Return the probability of either tag of each label, (tokens, labels), of such scores."""
    shares = np.exp(scores)
    return np.asarray(shares[:, 1::2] + shares[:, 2::2])


def _means(document: Document, spans: Sequence[Span], rows: np.ndarray) -> np.ndarray:
    found = np.zeros((len(spans), rows.shape[1]), dtype=np.float32)
    for place, (first, last) in enumerate(touched(document, spans)):
        if first < last:
            found[place] = rows[first:last].mean(axis=0)
    return found


def touched(document: Document, spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Yield the tokens that each span touches, the last exclusive."""
    starts = [start for start, _ in document.tokens]
    ends = [end for _, end in document.tokens]
    for span in spans:
        yield bisect_right(ends, span.start), bisect_left(starts, span.end)
