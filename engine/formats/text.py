"""Plain text: every line a document, or every paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from engine.encoding.tokens import tokenize
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile, check_length, lines_of
from storage.errors import InputError
from storage.types import Document

_BLANK = " \t\r\n"


class Text:
    """Plain text without labels. Option ``by``: "line" (default) or "paragraph"."""

    name = "text"
    title = "Plain text"
    extensions = (".txt",)

    def sniff(self, source: InputFile) -> float:
        """Accept anything, but only where no other format does."""
        return 0.1

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read documents that nobody has labelled yet; blank lines are no documents."""
        by = options.get("by", "line")
        if by not in ("line", "paragraph"):
            raise InputError(f'Text is read by "line" or by "paragraph", not by "{by}".')
        lines = (line.removesuffix("\n") for line in lines_of(source, problems))
        found = _paragraphs(lines) if by == "paragraph" else _lines(lines)
        return Reading(_rows(found, source.name, problems))


def _rows(found: Iterable[tuple[int, str]], file: str, problems: Problems) -> Iterator[Row]:
    try:
        for line, text in found:
            yield line, Document(text=text, tokens=tokenize(text), name=f"{file}:{line}")
    except InputError as error:
        problems.refuse(str(error))


def _lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip(_BLANK):
            yield number, line.removesuffix("\r")


def _paragraphs(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    first, length, held = 0, 0, list[str]()
    for number, line in enumerate(chain(lines, [""]), 1):
        if line.strip(_BLANK):
            first = first or number
            held.append(line)
            length += len(line)
            check_length(length)
        elif held:
            yield first, "\n".join(held).removesuffix("\r")
            first, length, held = 0, 0, []
