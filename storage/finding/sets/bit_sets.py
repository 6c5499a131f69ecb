"""Sets of documents as whole numbers: bit n stands for document n.

Intersecting and counting sets of a million documents so takes microseconds, and a set 125 KB.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np

# Of fewer than one in so many documents the others are not looked at one by one.
FEW = 64


def of(ids: Iterable[int] | np.ndarray) -> int:
    """Return the set of these ids."""
    # An array is seen as it lies in memory: a million ids one by one take 50 ms.
    is_array = isinstance(ids, np.ndarray | array)
    known = np.asarray(ids, np.int64) if is_array else np.fromiter(ids, np.int64)
    if not known.size:
        return 0
    last = int(known.max())
    if known.size * FEW < last:
        data = np.zeros(last // 8 + 1, np.uint8)
        np.bitwise_or.at(data, known >> 3, np.left_shift(1, known & 7).astype(np.uint8))
    else:
        flags = np.zeros(last + 1, bool)
        flags[known] = True
        data = np.packbits(flags, bitorder="little")
    return int.from_bytes(data.tobytes(), "little")


def members(found: int) -> array:
    """Return the ids in a set, in ascending order."""
    ids = array("q")
    ids.frombytes(numbers(found).tobytes())
    return ids


def numbers(found: int) -> np.ndarray:
    """Return the same as an array of int64."""
    if found.bit_count() * FEW >= found.bit_length():
        return np.flatnonzero(flags(found)).astype(np.int64, copy=False)
    data = np.frombuffer(found.to_bytes(found.bit_length() // 8 + 1, "little"), np.uint8)
    held = np.flatnonzero(data)
    bits = np.unpackbits(data[held], bitorder="little").reshape(-1, 8)
    rows, places = np.nonzero(bits)
    return (8 * held[rows] + places).astype(np.int64, copy=False)


def flags(found: int) -> np.ndarray:
    """Return for each number from 0 on whether it is in a set, up to the last that may be."""
    data = np.frombuffer(found.to_bytes(found.bit_length() // 8 + 1, "little"), np.uint8)
    return np.unpackbits(data, bitorder="little").view(bool)
