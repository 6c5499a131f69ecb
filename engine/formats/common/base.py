"""What every codec shares: a source to read, a reading to return, problems to report.

A new format is one module with a class that satisfies `Codec`, named once in
``formats/__init__.py``. Text formats call `text_of`; binary ones use ``source.data``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from engine.formats.common.columns import Column
from storage.types import Document, Problem, Severity

Options = Mapping[str, Any]

# A file with more bad rows than this is no file of its format; also bounds the memory.
MAX_BAD_ROWS = 10_000
MAX_WARNINGS = 1_000
_HEAD_BYTES = 65_536


@dataclass(frozen=True)
class InputFile:
    """A file in memory: its name without folders and its bytes.

    Several files that mean one thing together (a folder of classes, an archive, texts with their
    judgements) are ``members``, each named by its place, with "/" between.
    """

    name: str
    data: bytes
    members: tuple[InputFile, ...] = ()

    @cached_property
    def head(self) -> str:
        """The first whole lines, read leniently: good for guessing the format only."""
        head = self.data[:_HEAD_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
        cut = head.rfind("\n")
        return head if len(self.data) <= _HEAD_BYTES or cut < 0 else head[:cut]


@dataclass(frozen=True)
class Reading:
    """What a codec found: documents with the 1-based line at which each begins."""

    documents: tuple[Document, ...] = ()
    lines: tuple[int, ...] = ()
    scheme: str | None = None
    seconds: tuple[str, ...] = ()
    """Of pairs the second texts that there are, also those in none: what could be paired."""
    columns: tuple[Column, ...] = ()


class Codec(Protocol):
    """One file format. ``options`` are the codec's own; unknown keys are left alone."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def extensions(self) -> tuple[str, ...]: ...

    def sniff(self, source: InputFile) -> float:
        """Say how likely the content is in this format, from 0 to 1."""

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read documents; bad rows go to ``problems`` and never into the reading."""


@runtime_checkable
class Writer(Codec, Protocol):
    """A codec that writes, too."""

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield the file piece by piece; what the format cannot hold goes to ``problems``."""


class Problems:
    """Collects what was noticed in one file; ``skip_bad`` turns bad rows into warnings."""

    def __init__(self, file: str, skip_bad: bool = False) -> None:
        self.file = file
        self.skip_bad = skip_bad
        self.found: list[Problem] = []
        self._bad_rows = 0
        self._warned: dict[str, int] = {}

    @property
    def refused(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.found)

    def refuse(self, message: str, line: int = 0, option: str = "") -> None:
        """Note an error that no skipping of rows can help."""
        self.found.append(Problem(Severity.ERROR, self.file, line, message, option))

    def drop(self, line: int, message: str, remedy: str = "") -> None:
        """Note a bad row: an error, or with ``skip_bad`` a warning that it was left out.

        Without a ``remedy`` the message says itself what to do.
        """
        self._bad_rows += 1
        if self._bad_rows > MAX_BAD_ROWS:
            if self._bad_rows == MAX_BAD_ROWS + 1:
                self.refuse(
                    f"More than {MAX_BAD_ROWS:,} rows are bad, so this is probably another "
                    "format; choose the format yourself."
                )
        elif self.skip_bad:
            self.found.append(
                Problem(Severity.WARNING, self.file, line, f"{message}; the row is left out.")
            )
        else:
            text = f"{message}; {remedy}." if remedy else f"{message}."
            self.found.append(Problem(Severity.ERROR, self.file, line, text, "skip_bad"))

    def warn(self, line: int, message: str, kind: str = "", option: str = "") -> None:
        """Note a warning; of one ``kind`` only the first thousand are listed one by one."""
        count = self._warned[kind] = self._warned.get(kind, 0) + 1
        if not kind or count <= MAX_WARNINGS:
            self.found.append(Problem(Severity.WARNING, self.file, line, message, option))

    def listed(self) -> list[Problem]:
        """Return all problems by line, closed by what was too much to list."""
        more = [
            Problem(
                Severity.WARNING,
                self.file,
                0,
                f"{count - MAX_WARNINGS:,} more warnings of this kind are not listed: {kind}.",
            )
            for kind, count in self._warned.items()
            if kind and count > MAX_WARNINGS
        ]
        return sorted(self.found, key=lambda problem: problem.line) + more


def sentence(problem: Problem, advice: Mapping[str, str] | None = None) -> str:
    """Write a problem as one sentence that names file and line.

    ``advice`` says for an option how it is given, in the words of who shows the sentence.
    """
    where = f"{problem.file}, line {problem.line}" if problem.line else problem.file
    more = (advice or {}).get(problem.option, "")
    return f"{where}: {problem.message}{' ' * bool(more)}{more}"


def shorten(text: str) -> str:
    """Fit a quotation into a message."""
    return text if len(text) <= 40 else text[:39] + "…"


def text_of(source: InputFile, problems: Problems) -> str | None:
    """Decode a text file strictly as UTF-8, byte order mark kept; None after an error."""
    data = source.data
    if data.startswith(b"PK\x03\x04"):
        problems.refuse("The file is a ZIP archive or a workbook; save the sheet as CSV in UTF-8.")
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.refuse("The file is in UTF-16; save it as UTF-8.", 1)
    elif (zero := data.find(b"\0")) >= 0:
        message = "The file holds a NUL character; remove it or save the file as UTF-8 text."
        problems.refuse(message, _line_of(data, zero))
    else:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = data[error.start]
            problems.refuse(
                f"The byte 0x{byte:02X} is not valid UTF-8; save the file as UTF-8.",
                _line_of(data, error.start),
            )
    return None


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
