"""A DocBin unpacked under limits: its columns of numbers, and the strings behind them."""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from engine.formats.common.problems import shorten
from engine.formats.common.sources import MOST_WHOLE_BYTES, InputFile, most_inflated
from engine.formats.spacy.strings import by_number
from storage.errors import InputError

ORTH, ENT_IOB, ENT_TYPE = 65, 77, 78
_CHUNK = 1024**2
_GROUP_SPAN = struct.Struct(">QQQllll")
_DAMAGED = "The file is no DocBin that can be read (%s); write it anew with spaCy 3."


@dataclass(frozen=True, slots=True)
class Doc:
    """One Doc: its rows of numbers, one behind the other, and what stands beside them."""

    numbers: Sequence[int]
    width: int
    spaces: bytes
    unknown_spaces: bool
    cats: Mapping[str, Any]
    packed_groups: bytes

    def column(self, place: int | None) -> Sequence[int]:
        """Return one number for each token; zeros for a column that there is not."""
        if place is None:
            return array("Q", bytes(8 * len(self.spaces)))
        return self.numbers[place :: self.width]

    def groups(self, found: Bin) -> Iterator[tuple[str, int, int, str]]:
        """Yield (group, first token, last + 1, label); raise InputError where it is damaged."""
        if not self.packed_groups:
            return
        packed = _unpacked(self.packed_groups)
        # Older versions wrote a list, newer ones the groups' names by the groups.
        for each in packed:
            group = _unpacked(each) if isinstance(each, bytes) else None
            if not isinstance(group, dict) or not isinstance(group.get("spans"), list):
                raise InputError("its span groups are damaged")
            for span in group["spans"]:
                if not isinstance(span, bytes) or len(span) != _GROUP_SPAN.size:
                    raise InputError("its span groups are damaged")
                _, _, label, first, last, _, _ = _GROUP_SPAN.unpack(span)
                yield str(group.get("name", "")), first, last, found.string(label)


@dataclass(frozen=True)
class Bin:
    """The whole file: what each column of numbers is, and the strings by number."""

    attributes: Sequence[int]
    content: Mapping[str, Any]
    strings: Mapping[int, str]

    @property
    def orth(self) -> int:
        return self.attributes.index(ORTH)

    @property
    def entity_place(self) -> int | None:
        return self._place(ENT_IOB)

    @property
    def entity_type(self) -> int | None:
        return self._place(ENT_TYPE)

    def _place(self, attribute: int) -> int | None:
        return self.attributes.index(attribute) if attribute in self.attributes else None

    def string(self, number: int) -> str:
        """Return the string of a number; raise InputError where the file does not have it."""
        try:
            return self.strings[number]
        except KeyError:
            raise InputError(f"the file lacks the string of the number {number}") from None

    def docs(self) -> Iterator[Doc]:
        """Yield the documents one by one."""
        width, content = len(self.attributes), self.content
        tokens, spaces = memoryview(content["tokens"]), content["spaces"]
        at = 0
        for number, length in enumerate(_lengths(content)):
            numbers = array("Q")
            numbers.frombytes(tokens[8 * width * at : 8 * width * (at + length)])
            yield Doc(
                numbers,
                width,
                spaces[at : at + length],
                bool(_of(content, "flags", number).get("has_unknown_spaces")),
                _of(content, "cats", number),
                _group(content, number),
            )
            at += length


def unpack(source: InputFile) -> Bin:
    """Inflate and check a file; raise InputError that says what is wrong with it."""
    content = _unpacked(_inflated(source))
    if not isinstance(content, dict):
        raise InputError(_DAMAGED % "it holds no map")
    attributes, strings = content.get("attrs"), content.get("strings")
    good = isinstance(attributes, list) and ORTH in attributes and isinstance(strings, list)
    if not good or not all(isinstance(each, str) for each in strings or ()):
        raise InputError(_DAMAGED % "it lacks its words")
    for name in ("tokens", "spaces", "lengths"):
        if not isinstance(content.get(name), bytes):
            raise InputError(_DAMAGED % f"it lacks its {name}")
    assert isinstance(attributes, list) and isinstance(strings, list)
    lengths = _lengths(content)
    total, width = sum(lengths), len(attributes)
    if min(lengths, default=0) < 0 or len(content["lengths"]) % 4:
        raise InputError(_DAMAGED % "a document has no length")
    if len(content["tokens"]) != 8 * total * width or len(content["spaces"]) != total:
        raise InputError(_DAMAGED % "its parts do not have the same length")
    if any(len(_list(content, name)) not in (0, len(lengths)) for name in ("cats", "flags")):
        raise InputError(_DAMAGED % "its parts do not have the same length")
    return Bin(attributes, content, by_number(strings))


def _lengths(content: Mapping[str, Any]) -> Sequence[int]:
    whole = len(content["lengths"]) & ~3
    return struct.unpack(f"<{whole // 4}i", content["lengths"][:whole])


def _list(content: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = content.get(name)
    return value if isinstance(value, list) else ()


def _of(content: Mapping[str, Any], name: str, number: int) -> Mapping[str, Any]:
    values = _list(content, name)
    value = values[number] if number < len(values) else None
    return value if isinstance(value, dict) else {}


def _group(content: Mapping[str, Any], number: int) -> bytes:
    values = _list(content, "span_groups")
    value = values[number] if number < len(values) else None
    return value if isinstance(value, bytes) else b""


def _inflated(source: InputFile) -> bytes:
    """Inflate as far as the limit goes, whatever the file says of itself."""
    inflater, found = zlib.decompressobj(), bytearray()
    most = min(MOST_WHOLE_BYTES, most_inflated(source.size))
    try:
        with source.open() as file:
            while chunk := file.read(_CHUNK):
                source.meter.bytes += len(chunk)
                found += inflater.decompress(chunk, most + 1 - len(found))
                if len(found) > most:
                    limit = most // 1024**2
                    raise InputError(
                        f"The file holds more than {limit} MB when it is unpacked; split it."
                    )
    except zlib.error as error:
        raise InputError(_DAMAGED % shorten(str(error))) from error
    if not inflater.eof:
        raise InputError(_DAMAGED % "it is cut off")
    return bytes(found)


def _unpacked(data: bytes) -> Any:
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=False)
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise InputError(_DAMAGED % shorten(str(error) or "it is damaged")) from error
