"""Records of TensorFlow: a length and some bytes, each with a sum that guards it.

The form is that of ``tensorflow/core/lib/io/record_writer.h``; the sum is CRC-32C (RFC 3720,
appendix B.4), masked so that a sum over records that hold sums stays a good one.
"""

from __future__ import annotations

import struct
from functools import cache

# Castagnoli's polynomial, its bits turned around, and what masks a sum.
POLYNOMIAL = 0x82F63B78
MASK = 0xA282EAD8


def record(data: bytes) -> bytes:
    """Return a record that holds some bytes."""
    length = struct.pack("<Q", len(data))
    sums = (struct.pack("<I", masked(crc32c(part))) for part in (length, data))
    return b"".join([length, next(sums), data, next(sums)])


def masked(crc: int) -> int:
    """Return a sum as it is stored: turned by 15 bits, and a constant added."""
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of some bytes."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    """Return what each byte adds."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
        table.append(byte)
    return tuple(table)
