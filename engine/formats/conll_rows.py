"""The lines of a CoNLL file: what each one is, and which lines make a sentence.

Lines end at "\\n" alone; a "\\r" before it stays in the line. The blocks of a file,
one for every sentence, concatenated give the file back to the byte.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine import schemes

_BLANK = " \t\r\n"
_DOCSTART = "-DOCSTART-"


@dataclass(slots=True)
class Line:
    """One line as it stands in the file; ``token`` and ``tag`` are empty in all but rows."""

    number: int
    raw: str
    kind: str  # "row", "blank", "docstart" or "comment"
    token: str = ""
    tag: str = ""
    columns: int = 0


@dataclass(slots=True)
class Block:
    """The lines that belong to one sentence: what precedes it, its rows, the blank after."""

    lines: list[Line] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    section: int = 0

    @property
    def raw(self) -> str:
        return "".join(line.raw for line in self.lines)


def separator_of(text: str) -> str:
    """Return a tab if more rows have one than not, else a space (for runs of spaces)."""
    tabs = spaces = 0
    for line in text.split("\n"):
        content = line.rstrip(_BLANK)
        if "\t" in content:
            tabs += 1
        elif " " in content and not content.startswith(("#", _DOCSTART)):
            spaces += 1
    return "\t" if tabs and tabs >= spaces else " "


def scan(text: str, separator: str, columns: int = 0) -> tuple[list[Line], int]:
    """Classify all lines; ``columns`` is what a row has, else the most common count."""
    lines = [_line(number, raw, separator) for number, raw in enumerate(_split_lines(text), 1)]
    if not columns:
        counts = Counter(line.columns for line in lines if line.columns > 1)
        columns = counts.most_common(1)[0][0] if counts else 0
    for line in lines:
        if line.kind == "row" and _is_comment(line, columns):
            line.kind = "comment"
    return lines, columns


def blocks(lines: Iterable[Line]) -> list[Block]:
    """Group lines into blocks, one a sentence; lines after the last go with the last."""
    found: list[Block] = []
    current, section, closed = Block(), 0, False
    for line in lines:
        if line.kind == "docstart":
            section += 1
        # A sentence is over at a blank line or a document's start, and its block is
        # complete when something other than a blank line follows.
        closed = closed or (bool(current.rows) and line.kind in ("blank", "docstart"))
        if closed and line.kind != "blank":
            found.append(current)
            current, closed = Block(), False
        current.lines.append(line)
        if line.kind == "row":
            if not current.rows:
                current.section = section
            current.rows.append(line)
    if current.rows or not found:
        found.append(current)
    else:
        found[-1].lines += current.lines
    return [block for block in found if block.rows]


def with_tag(line: Line, separator: str, tag: str) -> str:
    """Return the raw row with its last column replaced and all else kept."""
    content = line.raw.rstrip(_BLANK)
    start = content.rfind(separator) + 1
    return content[:start] + tag + line.raw[len(content) :]


def ends_open(raw: str) -> bool:
    """Tell whether a row written on the next line would join the text's last sentence."""
    last = raw.removesuffix("\n").rpartition("\n")[2]
    return bool(last.strip(_BLANK)) and not starts_document(last)


def starts_document(raw: str) -> bool:
    """Tell whether the text begins with a document's start, which closes a sentence."""
    return raw.startswith(_DOCSTART)


def _split_lines(text: str) -> Iterator[str]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def _line(number: int, raw: str, separator: str) -> Line:
    content = raw.rstrip(_BLANK)
    if not content:
        return Line(number, raw, "blank")
    if starts_document(content):
        return Line(number, raw, "docstart")
    fields = content.split(separator)
    if separator == " ":
        # Runs of spaces separate; str.split() would also cut at no-break spaces.
        fields = [each for each in fields if each]
    tag = fields[-1].strip(" ") if len(fields) > 1 else ""
    # Tags repeat thousands of times; one copy of each keeps large files small.
    return Line(number, raw, "row", fields[0], sys.intern(tag), len(fields))


def _is_comment(line: Line, columns: int) -> bool:
    """Tell a "#" comment from a row whose token begins with "#", as in tweets."""
    if not line.raw.startswith("#"):
        return False
    fits = line.columns == columns or not schemes.fault(line.tag)
    return line.columns < 2 or (line.token == "#" and not fits)
