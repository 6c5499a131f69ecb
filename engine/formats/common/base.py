"""What every codec is: it tells its format, reads it as a stream, and may write it.

A new format is one module with a class that satisfies `Codec`, named once in
``formats/__init__.py``. Text formats read `sources.lines_of` (or `sources.text_of`, where one
value fills the file); binary ones open the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from engine.formats.common.columns import Column
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile
from storage.types import Document

Options = Mapping[str, Any]
# The line, from 1, at which a document begins; 0 where a format has no lines.
Row = tuple[int, Document]


@dataclass(frozen=True)
class Reading:
    """What a codec found: ``rows`` can be taken once, and are read from the file as they are.

    What is wrong with the file is known once the rows have been taken.
    """

    rows: Iterable[Row] = ()
    scheme: str | None = None
    seconds: tuple[str, ...] = ()
    """Of pairs the second texts that there are, also those in none: what could be paired."""
    columns: tuple[Column, ...] = ()

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents at once, of a file that is known to be small; instead of ``rows``."""
        return tuple(document for _, document in self._taken)

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """The line of each of ``documents``."""
        return tuple(line for line, _ in self._taken)

    @cached_property
    def _taken(self) -> tuple[Row, ...]:
        return tuple(self.rows)


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

    @property
    def cannot_hold(self) -> str:
        """Say in a sentence what of a document goes lost in any file of this format, "" if none."""

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield the file piece by piece; what the format cannot hold goes to ``problems``."""
