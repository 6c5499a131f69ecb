"""The lines of a CoNLL file: what each one is, and which lines make a sentence.

Lines end at "\\n" alone; a "\\r" before it stays in the line. The blocks of a file,
one for every sentence, concatenated give the file back to the byte.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.formats.common.sources import check_length
from engine.formats.spans.conll import columns as files
from engine.formats.spans.conll.columns import Found, Places
from engine.tasks.spans.tagging import schemes
from storage.types import Source, Span, Token

_BLANK = " \t\r\n"
# The mark alone, or before other columns: a word may well begin with it.
# RFC 4180.
_CELL = re.compile(r'"(?:[^"]|"")*"(?=,|$)|[^,]*')
_DOCSTART = re.compile(r"-DOCSTART-(?![^ \t\r\n])")


@dataclass(slots=True)
class Line:
    """One line as it stands in the file; ``token`` and ``tag`` are empty in all but rows."""

    number: int
    raw: str
    kind: str  # "row", "blank", "docstart", "comment", "header" or "between"
    token: str = ""
    tag: str = ""
    columns: int = 0
    sentence: str = ""


@dataclass(slots=True)
class Block:
    """The lines that belong to one sentence: what precedes it, its rows, the blank after."""

    lines: list[Line] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    section: int = 0

    @property
    def raw(self) -> str:
        return "".join(line.raw for line in self.lines)


def separator_of(lines: Iterable[str]) -> str:
    """Return what parts the columns of most rows: a tab, a comma, else a space (runs of them)."""
    counts = Counter(filter(None, (_separator(line.rstrip(_BLANK)) for line in lines)))
    return max(("\t", ",", " "), key=lambda each: (counts[each], each == "\t"))


def _separator(content: str) -> str:
    if "\t" in content:
        return "\t"
    words, _, cell = content.rpartition(" ")
    # Several tags of one word, as WNUT has them, are one cell.
    several = bool(words) and not any(map(schemes.fault, cell.split(",")))
    _, comma, last = content.rpartition(",")
    tagged = " " not in last and not schemes.fault(last) and not several
    if comma and (tagged or files.is_header(_cut(content, ","))):
        return ","
    beside = content.startswith("#") or starts_document(content)
    return " " if " " in content and not beside else ""


def first_lines(lines: Iterable[str]) -> list[str]:
    """Return as many lines as it takes to know a file's columns."""
    found, rows = [], 0
    for line in lines:
        found.append(line)
        rows += bool(line.strip(_BLANK))
        if rows == files.MOST_ROWS or len(found) == 4 * files.MOST_ROWS:
            break
    return found


def find(lines: Sequence[str], separator: str, word: object = None, tag: object = None) -> Found:
    """Find the columns in the first rows; raise InputError for a chosen one that is not there."""
    head = "".join(lines[:200])[:4096]
    return files.find(list(_fields(lines, separator)), head, word, tag)


def split_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, of which only "\\n" is one."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def scan(lines: Iterable[str], separator: str, places: Places) -> Iterator[Line]:
    """Classify lines whose columns are known."""
    has_rows = False
    for number, raw in enumerate(lines, 1):
        line = _line(number, raw, separator, places, has_rows)
        has_rows = has_rows or line.kind in ("row", "header")
        yield line


def blocks(lines: Iterable[Line]) -> Iterator[Block]:
    """Group lines into blocks, one a sentence; lines after the last go with the last.

    Raises TextTooLongError for one that is too long.
    """
    held: Block | None = None
    current, section, closed, length = Block(), 0, False, 0
    for line in lines:
        if line.kind == "docstart":
            section += 1
        # A sentence is over at a blank line, a document's start or another sentence's number,
        # and its block is complete when something other than a blank line follows.
        ends = line.kind in ("blank", "docstart") or begins_other(current.rows, line)
        closed = closed or (bool(current.rows) and ends)
        if closed and line.kind != "blank":
            if held:
                yield held
            held, current, closed, length = current, Block(), False, 0
        current.lines.append(line)
        length += len(line.raw)
        check_length(length)
        if line.kind == "row":
            if not current.rows:
                current.section = section
            current.rows.append(line)
    if held and not current.rows:
        held.lines += current.lines
    if held:
        yield held
    if current.rows:
        yield current


def begins_other(rows: Sequence[Line], line: Line) -> bool:
    """Tell whether a row says that it is of another sentence than these; many say nothing."""
    return bool(rows) and line.sentence not in ("", rows[0].sentence)


def only_rows(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the rows of a word and a tag."""
    return (line for line in lines if line.kind == "row")


def spans_of(tags: Sequence[str], tokens: Sequence[Token]) -> tuple[Span, ...]:
    """Return the spans that the tags of a sentence's tokens say."""
    return tuple(
        Span(tokens[first][0], tokens[last - 1][1], label, source=Source.IMPORT)
        for first, last, label in schemes.decode(tags)
    )


def with_tag(line: Line, separator: str, place: int, tag: str) -> str:
    """Return the raw row with the tag in its column replaced and all else kept."""
    start, end = list(_edges(line.raw.rstrip(_BLANK), separator))[place]
    return line.raw[:start] + tag + line.raw[end:]


def ends_open(raw: str) -> bool:
    """Tell whether a row written on the next line would join the text's last sentence."""
    last = raw.removesuffix("\n").rpartition("\n")[2]
    return bool(last.strip(_BLANK)) and not starts_document(last)


def starts_document(raw: str) -> bool:
    """Tell whether the text begins with a document's start, which closes a sentence."""
    return _DOCSTART.match(raw) is not None


def _fields(lines: Iterable[str], separator: str) -> Iterator[tuple[list[str], bool]]:
    """Yield the fields of what may be rows, and whether each is its sentence's first."""
    begins = True
    for raw in lines:
        content = raw.rstrip(_BLANK)
        if not content or starts_document(content):
            begins = True
        elif not content.startswith("# "):
            yield _cut(content, separator), begins
            begins = False


def _cut(content: str, separator: str) -> list[str]:
    if separator == ",":
        return [_unquoted(content[start:end]) for start, end in _edges(content, separator)]
    fields = content.split(separator)
    # Runs of spaces separate; str.split() would also cut at no-break spaces.
    return [each for each in fields if each] if separator == " " else fields


def _unquoted(cell: str) -> str:
    """Return what a cell of CSV holds."""
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if quoted else cell


def _edges(content: str, separator: str) -> Iterator[tuple[int, int]]:
    """Yield where each field begins and ends."""
    at = 0
    while at <= len(content):
        end = content.find(separator, at)
        if separator == "," and (cell := _CELL.match(content, at)):
            end = cell.end()
        end = end if end >= 0 else len(content)
        if end > at or separator != " ":
            yield at, end
        at = end + 1


def _line(number: int, raw: str, separator: str, places: Places, has_rows: bool) -> Line:
    content = raw.rstrip(_BLANK)
    if not content:
        return Line(number, raw, "blank")
    if starts_document(content):
        return Line(number, raw, "docstart")
    fields = _cut(content, separator)
    token = fields[places.word] if places.word < len(fields) else ""
    # A row that lacks columns in the middle still ends in its tag where tags are last.
    at = -1 if places.tag == places.columns - 1 else places.tag
    tag = places.tag_of(fields[at].strip(" ")) if 1 < len(fields) > at else ""
    kind = "row"
    if content.startswith("#") and _is_comment(fields, tag, places):
        kind = "comment"
    elif not has_rows and files.is_header(fields):
        kind = "header"
    elif places.is_between(fields):
        kind = "between"
    # Tags repeat thousands of times; one copy of each keeps large files small.
    return Line(number, raw, kind, token, sys.intern(tag), len(fields), places.sentence_in(fields))


def _is_comment(fields: list[str], tag: str, places: Places) -> bool:
    """Tell a "#" comment from a row whose token begins with "#", as in tweets."""
    if places.number == 0:
        return True
    fits = len(fields) == places.columns or not schemes.fault(tag)
    return len(fields) < 2 or (fields[0] == "#" and not fits)
