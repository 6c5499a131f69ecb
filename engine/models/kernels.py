"""How many rows oneDNN multiplies at once: few different numbers, it keeps a kernel of each."""

from __future__ import annotations

LEAST = 16


def lacking(rows: int) -> int:
    """Return how many rows there must be more, for one of eight numbers between powers of two.

    oneDNN makes a kernel for each number of rows that it meets, half a megabyte large, and keeps
    it: a gigabyte after some thousand batches, no two of which are alike.
    """
    step = max(LEAST, 1 << max(0, (rows - 1).bit_length() - 4))
    return -rows % step
