"""Rows of numbers, one for each word of a text.

Of a word its own vector from an upper layer of a frozen encoder, half of its neighbours', and the
shapes of the three: the encoder may know no case.
"""

from __future__ import annotations

import numpy as np

from engine.encoding.shapes import SHAPES, shapes_of
from storage.types import Document

# How long a vector is beside a shape, which is 1; and a neighbour's beside a word's own.
LENGTH, BESIDE = 8.0, 0.5
# Besides, there is nothing beside the first and the last word.
_KINDS = len(SHAPES) + 1
_EDGE = len(SHAPES)


def width(states: int) -> int:
    """Return how long a row is, where the encoder's vectors are so long."""
    return 3 * (states + _KINDS) + 1


def rows_of(document: Document, states: np.ndarray) -> np.ndarray:
    """Return float32 rows of what the encoder says of a document's words: (words, width)."""
    own = states.astype(np.float32)
    lengths = np.linalg.norm(own, axis=1, keepdims=True)
    own *= LENGTH / np.where(lengths > 0, lengths, 1)
    kinds = np.eye(_KINDS, dtype=np.float32)[np.array(shapes_of(document), int)]
    edge = np.eye(_KINDS, dtype=np.float32)[[_EDGE]]
    before, behind = neighbours(kinds, edge)
    parts = (own, *(BESIDE * each for each in neighbours(own)), kinds, before, behind)
    return np.concatenate([*parts, np.ones((len(own), 1), np.float32)], axis=1)


def neighbours(rows: np.ndarray, edge: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return what stands before and behind each row; ``edge`` where nothing does, else zeros."""
    if not len(rows):
        return rows, rows
    nothing = np.zeros((1, rows.shape[1]), np.float32) if edge is None else edge
    return np.concatenate([nothing, rows[:-1]]), np.concatenate([rows[1:], nothing])
