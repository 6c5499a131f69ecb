"""Plain text: every line a document, or every paragraph."""

from __future__ import annotations

from collections.abc import Iterator

from engine.encoding.tokens import tokenize
from engine.formats.common.base import InputFile, Options, Problems, Reading, text_of
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
        text = text_of(source, problems)
        if text is None:
            return Reading()
        # Only "\n" ends a line: str.splitlines would also cut at U+2028 and others.
        lines = text.removeprefix("\ufeff").split("\n")
        found = list(_paragraphs(lines) if by == "paragraph" else _lines(lines))
        documents = (
            Document(text=text, tokens=tokenize(text), name=f"{source.name}:{line}")
            for line, text in found
        )
        return Reading(tuple(documents), tuple(line for line, _ in found))


def _lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip(_BLANK):
            yield number, line.removesuffix("\r")


def _paragraphs(lines: list[str]) -> Iterator[tuple[int, str]]:
    first, held = 0, []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip(_BLANK):
            first = first or number
            held.append(line)
        elif held:
            yield first, "\n".join(held).removesuffix("\r")
            first, held = 0, []
