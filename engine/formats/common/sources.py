"""A file to read, in memory or on disk, and its text line by line."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from engine.formats.common import encodings
from engine.formats.common.problems import Problems
from storage.errors import InputError

HEAD_BYTES = 65_536
# A file that is one value is parsed so far by each format that is asked.
LONGEST_HEAD = 1024**2
# What is read whole, because one value fills the file.
MOST_WHOLE_BYTES = 256 * 1024**2
# Of one text, in bytes or characters: it is read whole, and people label none that is as long.
MOST_TEXT = 16 * 1024**2
_TOO_LONG = f"A text in it is longer than {MOST_TEXT // 1024**2} MB; split it."
# Texts shrink to a third or a tenth; what grows more than this when it is read is a trap.
MOST_RATIO = 250
# Below this size the ratio does not matter: a file of blanks is no danger.
_HARMLESS = 16 * 1024**2
_ENDED = re.compile(rb"[\r\n]")


# How ZIP, gzip, zlib (spaCy's DocBin), Parquet and Arrow begin.
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def is_packed(start: bytes) -> bool:
    """Tell by how a file begins that more may come out of it than went in."""
    return start.startswith((*_PACKED, *ZLIB))


def most_inflated(packed: int) -> int:
    """Return how many bytes may come out of so many packed ones (CWE-409)."""
    return max(_HARMLESS, packed * MOST_RATIO)


class TextTooLongError(InputError):
    """One text of a file is longer than any that people label."""


def check_length(length: int) -> None:
    """Raise TextTooLongError where one text has so many bytes or characters that none should."""
    if length > MOST_TEXT:
        raise TextTooLongError(_TOO_LONG)


@dataclass(slots=True)
class Meter:
    """How many bytes of a file were read by now."""

    bytes: int = 0


class Inflated(Protocol):
    """A file inside of an archive: inflated as it is read, within limits."""

    @property
    def size(self) -> int:
        """How many bytes the archive says that there are."""

    def open(self) -> BinaryIO:
        """Open it from its start."""


@dataclass(frozen=True)
class InputFile:
    """A file: its name without folders, and its bytes, or where on disk they are.

    Several files that mean one thing together (a folder of classes, an archive, texts with their
    judgements) are ``members``, each named by its place, with "/" between. ``encoding`` is what
    somebody chose; where it is empty it is found in the content.
    """

    name: str
    content: bytes | Path | Inflated = b""
    members: tuple[InputFile, ...] = ()
    encoding: str = ""
    meter: Meter = field(default_factory=Meter, compare=False, repr=False)

    def open(self) -> BinaryIO:
        """Open the file from its start, in bytes."""
        self.meter.bytes = 0
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        return self.content.open("rb") if isinstance(self.content, Path) else self.content.open()

    @cached_property
    def size(self) -> int:
        """How many bytes there are."""
        if isinstance(self.content, bytes):
            return len(self.content)
        return self.content.stat().st_size if isinstance(self.content, Path) else self.content.size

    @property
    def data(self) -> bytes:
        """All bytes at once: for formats that are small, or read by libraries that ask for it."""
        with self.open() as file:
            return file.read()

    @cached_property
    def start(self) -> bytes:
        """The first bytes, of a record of JSON its whole line, good for telling formats."""
        with self.open() as file:
            start = file.read(HEAD_BYTES)
            # A record of JSON is known by all of it; any other line by how it begins.
            if start.removeprefix(codecs.BOM_UTF8).startswith(b"{") and not _ENDED.search(start):
                start += file.readline(LONGEST_HEAD)
            return start

    @cached_property
    def found(self) -> encodings.Encoding:
        """The encoding of its text: the chosen one, else what the content tells."""
        return encodings.choose(self.encoding) if self.encoding else encodings.find(self.open)

    @cached_property
    def has_old_lines(self) -> bool:
        """Whether carriage returns alone end its lines, as on old Macs; no line feed is there."""
        start = self.start.decode(self.found.name or "utf-8", "replace")
        return "\r" in start and "\n" not in start

    @cached_property
    def head(self) -> str:
        """The first whole lines, read leniently: good for guessing the format only."""
        # Of what is no text all bytes are kept apart somehow.
        head = self.start.decode(self.found.name or "utf-8", "replace").removeprefix("\ufeff")
        if self.has_old_lines:
            head = head.replace("\r", "\n")
        cut = head.rfind("\n")
        return head if self.size <= HEAD_BYTES or cut < 0 else head[:cut]


def text_of(source: InputFile, problems: Problems) -> str | None:
    """Return a whole text without its byte order mark; None after an error."""
    if source.size > MOST_WHOLE_BYTES:
        limit = MOST_WHOLE_BYTES // 1024**2
        problems.refuse(f"The file is larger than {limit} MB and has to be read whole; split it.")
        return None
    before = len(problems.found)
    text = "".join(pieces_of(source, problems))
    return None if problems.refused_since(before) else text


def one_text_of(source: InputFile, problems: Problems) -> str | None:
    """Return likewise a file that is one text; what comes out is counted, whatever is said."""
    before, parts, length = len(problems.found), [], 0
    for piece in pieces_of(source, problems):
        parts.append(piece)
        length += len(piece)
        if length > MOST_TEXT:
            problems.refuse(_TOO_LONG)
            break
    return None if problems.refused_since(before) else "".join(parts)


def pieces_of(source: InputFile, problems: Problems) -> Iterator[str]:
    """Yield a text in pieces of about a million characters; stop after an error."""
    return _checked(source, problems, encodings.pieces)


def lines_of(source: InputFile, problems: Problems) -> Iterator[str]:
    """Yield the lines with their ends, of which only "\\n" is one; stop after an error.

    str.splitlines would also cut at U+2028, U+0085 and others, which stand inside texts. Where
    there is no line feed at all, carriage returns end the lines, and line feeds stand for them.
    """
    decoded = encodings.lines_of_old if source.has_old_lines else encodings.lines
    return _checked(source, problems, decoded)


def _checked(
    source: InputFile, problems: Problems, decoded: Callable[..., Iterator[tuple[int, str]]]
) -> Iterator[str]:
    """Yield what was decoded, without the byte order mark, up to the first fault."""
    encoding = source.found
    if encoding.fault:
        problems.refuse(encoding.fault, encoding.line, "encoding")
        return
    if encoding.is_guess:
        _tell_guess(encoding, problems)
    first = True
    with source.open() as file:
        try:
            for line, text in decoded(file, encoding, source.meter):
                if (at := text.find("\0")) >= 0:
                    line += text.count("\n", 0, at)
                    message = "The file holds a NUL character; remove it or save it as text."
                    raise encodings.Fault(message, line)
                yield text.removeprefix("\ufeff") if first else text
                first = False
        except encodings.Fault as fault:
            problems.refuse(str(fault), fault.line, "encoding" * fault.is_encoding)


def _tell_guess(encoding: encodings.Encoding, problems: Problems) -> None:
    """Say as what a file was read, once however often it is."""
    if not any(each.option == "encoding" for each in problems.found):
        message = f"The file is not UTF-8 and was read as {encoding.title}; check its letters."
        problems.warn(encoding.line, message, option="encoding")
