"""Sets of documents as whole numbers: bit n stands for document n.

Intersecting and counting sets of 100,000 documents so takes microseconds, and a set 12 KB.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

# The places of the bits of every byte.
_PLACES = [[place for place in range(8) if byte >> place & 1] for byte in range(256)]


def of(ids: Iterable[int]) -> int:
    """Return the set of these ids."""
    ids = ids if isinstance(ids, (list, tuple, array)) else list(ids)
    buffer = bytearray(max(ids, default=0) // 8 + 1)
    for id in ids:
        buffer[id >> 3] |= 1 << (id & 7)
    return int.from_bytes(buffer, "little")


def members(found: int) -> array:
    """Return the ids in a set, in ascending order."""
    data = found.to_bytes(found.bit_length() // 8 + 1, "little")
    return array(
        "q", [8 * at + place for at, byte in enumerate(data) if byte for place in _PLACES[byte]]
    )
