"""What a model makes of texts, on the disk: rows of float16, found by a key of the text.

Each process appends to a segment of its own and reads those of all, memory-mapped, so that two may
share a folder. Nothing in it is needed: a record is believed only if its checksum holds, and what
is missing is computed again. The segments that nobody has read for longest go first.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from storage import files
from storage.types import Document

BOUND = 2 << 30
"""Bytes that one model's states may take on the disk."""
SEGMENT = 64 << 20
# Key, offset of the first row, number of rows, checksum of their bytes.
_RECORD = struct.Struct("<16sQII")
_ROWS, _INDEX = ".rows", ".index"
# Seconds after which a segment that is read again says so.
_SAID = 60.0


def key_of(document: Document) -> bytes:
    """Return what tells a text, with its tokens, from others: 16 bytes."""
    digest = hashlib.blake2b(digest_size=16)
    borders = np.array(document.tokens, np.int32).tobytes()
    for part in (document.text, document.second_text):
        if part is None:
            continue
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    digest.update(borders)
    return digest.digest()


@dataclass(frozen=True, slots=True)
class _Place:
    segment: str
    offset: int
    rows: int
    checksum: int


class HiddenStates:
    """The rows of one model's texts. Only one thread may use it."""

    def __init__(self, folder: Path, width: int, bound: int = BOUND) -> None:
        """Open the states in a folder, made where it is not there; ``width`` is a row's length."""
        self._folder, self._width, self._bound = folder, width, bound
        self._make_folder()
        self._places: dict[bytes, _Place] = {}
        self._said: dict[str, float] = {}
        self._writing: tuple[str, BinaryIO, BinaryIO] | None = None
        self._written = 0
        for index in sorted(folder.glob(f"*{_INDEX}")):
            self._places |= _read(index)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def get(self, key: bytes) -> np.ndarray | None:
        """Return a text's rows, float16 of shape (rows, width); None where they are not known."""
        place = self._places.get(key)
        if place is None:
            return None
        found = self._mapped(place)
        if found is None or zlib.crc32(found.tobytes()) != place.checksum:
            del self._places[key]
            return None
        self._say_read(place.segment)
        return found

    def put(self, key: bytes, rows: np.ndarray) -> None:
        """Keep a text's rows: (rows, width)."""
        data = np.ascontiguousarray(rows, np.float16)
        raw = data.tobytes()
        name, target, index = self._segment(len(raw))
        place = _Place(name, self._written // (2 * self._width), len(data), zlib.crc32(raw))
        # The rows first: an index never speaks of what is not there, or the checksum tells.
        target.write(raw)
        target.flush()
        index.write(_RECORD.pack(key, place.offset, place.rows, place.checksum))
        index.flush()
        self._written += len(raw)
        self._places[key] = place

    def close(self) -> None:
        """Close the segment that is written."""
        if self._writing:
            for file in self._writing[1:]:
                file.close()
        self._writing = None

    def _make_folder(self) -> None:
        for each in (self._folder.parent, self._folder):
            files.make_folder(each)

    def _mapped(self, place: _Place) -> np.ndarray | None:
        """Map one text's rows alone: whole segments would count as this process's memory."""
        shape = place.rows, self._width
        if not place.rows:
            return np.zeros(shape, np.float16)
        path = self._folder / f"{place.segment}{_ROWS}"
        try:
            return np.asarray(
                np.memmap(path, np.float16, "r", 2 * self._width * place.offset, shape)
            )
        except (OSError, ValueError):
            # Somebody has deleted it, or cut it off.
            return None

    def _segment(self, size: int) -> tuple[str, BinaryIO, BinaryIO]:
        if self._writing and self._written + size <= SEGMENT:
            return self._writing
        self.close()
        self._make_room(size)
        # Somebody may have deleted all that is kept.
        self._make_folder()
        name = f"{os.getpid()}-{secrets.token_hex(6)}"
        paths = [self._folder / f"{name}{ending}" for ending in (_ROWS, _INDEX)]
        rows, index = (path.open("xb") for path in paths)
        self._writing, self._written = (name, rows, index), 0
        return self._writing

    def _make_room(self, size: int) -> None:
        """Delete segments until another one has room."""
        known = sorted(self._segments(), key=lambda each: each[1])
        total = sum(size for *_, size in known) + max(SEGMENT, size)
        gone = set()
        for name, _, own in known:
            if total <= self._bound:
                break
            for ending in (_INDEX, _ROWS):
                (self._folder / f"{name}{ending}").unlink(missing_ok=True)
            total -= own
            gone.add(name)
        self._places = {k: place for k, place in self._places.items() if place.segment not in gone}

    def _segments(self) -> Iterator[tuple[str, float, int]]:
        """Yield each segment with the time when it was last read, and its bytes."""
        for path in self._folder.glob(f"*{_ROWS}"):
            try:
                told = path.stat()
            except FileNotFoundError:
                continue
            yield path.name.removesuffix(_ROWS), told.st_mtime, told.st_size

    def _say_read(self, segment: str) -> None:
        now = time.monotonic()
        if now - self._said.get(segment, -_SAID) < _SAID:
            return
        self._said[segment] = now
        try:
            os.utime(self._folder / f"{segment}{_ROWS}")
        except FileNotFoundError:
            # Deleted by another process: what is mapped can still be read.
            return


def _read(index: Path) -> dict[bytes, _Place]:
    """Read an index as far as it is whole."""
    try:
        raw = index.read_bytes()
    except FileNotFoundError:
        return {}
    whole = len(raw) - len(raw) % _RECORD.size
    name = index.name.removesuffix(_INDEX)
    return {key: _Place(name, *rest) for key, *rest in _RECORD.iter_unpack(raw[:whole])}
