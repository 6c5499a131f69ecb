"""Tag scores to spans: the best *valid* IOB2 sequence, in plain NumPy.

Tag 0 is O, tags 2k+1 and 2k+2 are B and I of the k-th label. I-x may only follow B-x or
I-x, so a step needs no table of transitions: O and every B take the best of all
predecessors, each I the better of its own two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.tasks.spans.tagging.alignment import lift
from storage.types import Document, Source, Span

GROUP = 256


def decode(scores: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the best valid tag sequence for each (tokens, tags) array of log-probabilities."""
    # Where every token's own best tag makes a valid sequence, no other sequence is better.
    paths = [item.argmax(axis=1) for item in scores]
    broken = [index for index, path in enumerate(paths) if _illegal(path).any()]
    # Like lengths together, so that little of a padded group is padding.
    broken.sort(key=lambda index: len(scores[index]))
    for start in range(0, len(broken), GROUP):
        group = broken[start : start + GROUP]
        for index, path in zip(group, _viterbi([scores[i] for i in group]), strict=True):
            paths[index] = path
    return paths


def _illegal(tags: np.ndarray) -> np.ndarray:
    """Mark the I tags without a fitting predecessor."""
    before = np.concatenate(([0], tags[:-1]))
    return (tags > 0) & (tags % 2 == 0) & (before != tags) & (before != tags - 1)


def _viterbi(scores: list[np.ndarray]) -> list[np.ndarray]:
    lengths = np.array([len(item) for item in scores])
    longest, tags = int(lengths.max()), scores[0].shape[1]
    emissions = np.zeros((longest, len(scores), tags))
    for row, item in enumerate(scores):
        emissions[: len(item), row] = item
    best = emissions[0].copy()
    best[:, 2::2] = -np.inf
    back = np.zeros((longest, len(scores), tags), dtype=np.int32)
    final = best.copy()
    for step in range(1, longest):
        best, back[step] = _advance(best, emissions[step])
        final[lengths > step] = best[lengths > step]
    return _trace(final.argmax(axis=1), back, lengths)


def _advance(best: np.ndarray, emission: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    source = np.broadcast_to(best.argmax(axis=1)[:, None], best.shape).copy()
    begins, insides = best[:, 1::2], best[:, 2::2]
    numbers = np.arange(1, best.shape[1], 2)
    source[:, 2::2] = np.where(begins >= insides, numbers, numbers + 1)
    reached = np.take_along_axis(best, source, axis=1)
    return reached + emission, source


def _trace(last: np.ndarray, back: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    tag, rows = last, np.arange(len(last))
    path = np.zeros((len(back), len(last)), dtype=np.int64)
    for step in range(len(back) - 1, -1, -1):
        path[step] = tag
        # Rows that end before this step keep their last tag until it is theirs.
        tag = np.where(step < lengths, back[step, rows, tag], tag)
    return [path[:length, row] for row, length in enumerate(lengths)]


def count_illegal(scores: Sequence[np.ndarray]) -> int:
    """Count the I tags without a fitting predecessor that plain argmax would have given."""
    return sum(int(_illegal(item.argmax(axis=1)).sum()) for item in scores)


def to_spans(
    document: Document, path: np.ndarray, scores: np.ndarray, labels: Sequence[str]
) -> tuple[Span, ...]:
    """Turn a valid tag path into spans; a span's score is the mean probability of its tags."""
    tags, spans = path.tolist(), []
    for first in np.flatnonzero(path % 2).tolist():
        last, inside = first + 1, tags[first] + 1
        while last < len(tags) and tags[last] == inside:
            last += 1
        span = lift(document.tokens, first, last, labels[tags[first] // 2])
        chances = np.exp(scores[np.arange(first, last), path[first:last]])
        score = round(float(chances.mean()), 6)
        spans.append(Span(span.start, span.end, span.label, "", Source.MODEL, score))
    return tuple(spans)


def to_predictions(
    documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
) -> list[tuple[Span, ...]]:
    """Decode every document's token scores into valid spans."""
    paths = decode(scores)
    return [
        to_spans(document, path, score, labels)
        for document, path, score in zip(documents, paths, scores, strict=True)
    ]


def leaning(scores: Sequence[np.ndarray], lean: float) -> list[np.ndarray]:
    """Take ``lean`` from every token's O, which is the first tag."""
    found = [item.copy() for item in scores]
    for item in found:
        item[:, 0] -= lean
    return found
