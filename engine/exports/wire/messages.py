"""Protocol buffers, written field by field (https://protobuf.dev/programming-guides/encoding).

A message is the bytes of its fields one after the other; a field within it is written with
``text``. Whoever writes a message knows the numbers of its fields from its ``.proto``.
"""

from __future__ import annotations

import struct

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


def whole(number: int, value: int) -> bytes:
    """Return a field of the types int32, int64, bool or an enumeration."""
    # A negative number is written as the 64 bits that it is.
    return _key(number, VARINT) + _varint(value % 2**64)


def double(number: int, value: float) -> bytes:
    """Return a field of the type double."""
    return _key(number, FIXED64) + struct.pack("<d", value)


def single(number: int, value: float) -> bytes:
    """Return a field of the type float."""
    return _key(number, FIXED32) + struct.pack("<f", value)


def text(number: int, value: str | bytes) -> bytes:
    """Return a field of the types string, bytes, or another message."""
    raw = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return _key(number, LENGTH) + _varint(len(raw)) + raw


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(value: int) -> bytes:
    """Write seven bits a byte, the lowest first; the highest bit says that more follow."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
