"""A file of texts that is only ever appended to, block by block, and what a search reads of it.

A block is a header, the documents' ids, where each of their texts ends (int64), and the texts in
UTF-8, one after the other with a NUL between, which no text holds. One block is in memory at a
time, so that a search through a million documents needs a few MB.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

# Bytes of text, or documents, from which on a block is full.
LARGEST, MOST = 4 * 2**20, 50_000
_HEADER = struct.Struct("<8sqq16s")
_MAGIC = b"folded 1"
_NUL = b"\0"


class Block(NamedTuple):
    """Some documents in ascending order of id."""

    ids: np.ndarray
    """int64 of shape (documents,)."""
    ends: np.ndarray
    """int64 of shape (documents,): where each text ends in ``text``, its NUL included."""
    text: np.ndarray
    """uint8 of shape (bytes,)."""


class Header(NamedTuple):
    """What stands before a block."""

    at: int
    """Where its ids begin in the file."""
    documents: int
    length: int
    mark: bytes
    """16 bytes that tell the block's last document from every other."""

    @property
    def end(self) -> int:
        return self.at + 16 * self.documents + self.length


def of_texts(texts: Iterable[tuple[int, str]]) -> Iterator[Block]:
    """Yield documents, given by id and folded text, in blocks."""
    ids: list[int] = []
    parts: list[bytes] = []
    size = 0
    for id, text in texts:
        ids.append(id)
        parts.append(text.encode() + _NUL)
        size += len(parts[-1])
        if size >= LARGEST or len(ids) == MOST:
            yield _block(ids, parts)
            ids, parts, size = [], [], 0
    if ids:
        yield _block(ids, parts)


def _block(ids: list[int], parts: list[bytes]) -> Block:
    ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
    return Block(np.array(ids, np.int64), ends, np.frombuffer(b"".join(parts), np.uint8))


def append(descriptor: int, at: int, block: Block, mark: bytes) -> Header:
    """Write a block at a place of an open file; raises OSError, as on a full disk."""
    header = Header(at + _HEADER.size, len(block.ids), block.text.size, mark)
    _write(descriptor, header.at, b"".join(part.tobytes() for part in block))
    # Last: a block without a header is none.
    _write(descriptor, at, _HEADER.pack(_MAGIC, header.documents, header.length, mark))
    return header


def _write(descriptor: int, at: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(descriptor, left, at)
        left, at = left[written:], at + written


def headers(descriptor: int) -> list[Header]:
    """Return the headers of all blocks that are whole."""
    found: list[Header] = []
    at, size = 0, os.fstat(descriptor).st_size
    while at + _HEADER.size <= size:
        magic, *rest = _HEADER.unpack(os.pread(descriptor, _HEADER.size, at))
        header = Header(at + _HEADER.size, *rest)
        if magic != _MAGIC or header.end > size:
            break
        found.append(header)
        at = header.end
    return found


def read(descriptor: int, header: Header) -> Block:
    """Return a block."""
    held = bytearray(header.end - header.at)
    left, at = memoryview(held), header.at
    while left:
        got = os.preadv(descriptor, [left], at)
        if not got:
            raise OSError(f"block at {header.at} ends too early")
        left, at = left[got:], at + got
    data, half = np.frombuffer(held, np.uint8), 8 * header.documents
    return Block(data[:half].view(np.int64), data[half : 2 * half].view(np.int64), data[2 * half :])


def last_id(descriptor: int, header: Header) -> int:
    """Return the last document of a block."""
    data = os.pread(descriptor, 8, header.at + 8 * (header.documents - 1))
    return int.from_bytes(data, "little")


def holding(block: Block, wanted: bytes) -> np.ndarray:
    """Return the ids of the documents that hold these bytes, of which there are some, no NUL."""
    text, width = block.text, len(wanted)
    places = text.size - width + 1
    if places <= 0:
        return block.ids[:0]
    first, *others = _rarest_first(text, wanted)
    here = text[first : first + places] == wanted[first]
    if not others:
        # One byte stands nearly everywhere: to ask each text takes less than to list the places.
        return block.ids[np.logical_or.reduceat(here, _starts(block))]
    second = others.pop(0)
    here &= text[second : second + places] == wanted[second]
    hits = np.flatnonzero(here)
    for place in others:
        hits = hits[text[hits + place] == wanted[place]]
    # A text with a hit has more hits before its end than there are before the one before it.
    before = np.searchsorted(hits, block.ends)
    return block.ids[np.diff(before, prepend=0) > 0]


def _starts(block: Block) -> np.ndarray:
    """Return where each text begins; none is empty, for each has its NUL."""
    return np.concatenate([[0], block.ends[:-1]])


def _rarest_first(text: np.ndarray, wanted: bytes) -> list[int]:
    """Return the places of the wanted bytes, those first that leave the least to look at."""
    seen = np.bincount(text[:: max(1, text.size // 4096)], minlength=256)
    return sorted(range(len(wanted)), key=lambda place: (seen[wanted[place]], place))
