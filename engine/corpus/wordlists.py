"""Word lists: dictionaries as files, one string a line or a table of strings and labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.corpus.dictionary import Entry
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile, text_of
from storage.types import Problem

MOST_BYTES = 10 * 1024 * 1024
MOST_ENTRIES = 100_000
LONGEST_TEXT = 1_000
LONGEST_LABEL = 200
_TEXT_NAMES = ("text", "string", "term", "entity", "name", "phrase", "word", "pattern")
_LABEL_NAMES = ("label", "type", "tag", "class", "category")

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Wordlist:
    """What a file holds; ``problems`` are about rows that were left out, or the whole file."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def read(name: str, data: bytes, label: str = "") -> Wordlist:
    """Read a file: CSV or TSV with a string and its label, else one string a line.

    ``label`` is for strings that come without one. What is wrong with the file is in the
    problems, never raised.
    """
    problems = Problems(name)
    text = _text(InputFile(name, data), problems)
    entries: dict[str, tuple[int, Entry]] = {}
    for line, cells in _rows(name, text, problems):
        if len(entries) == MOST_ENTRIES:
            message = (
                f"Only the first {MOST_ENTRIES:,} strings are taken: use another file for more."
            )
            problems.warn(line, message)
            break
        entry = _entry(line, cells, label, problems)
        if entry is not None:
            _keep(entries, line, entry, problems)
    if not entries and not problems.found:
        problems.refuse("The file holds no strings; write one a line.")
    return Wordlist(tuple(entry for _, entry in entries.values()), tuple(problems.listed()))


def _text(source: InputFile, problems: Problems) -> str:
    if len(source.data) > MOST_BYTES:
        limit = MOST_BYTES // 1024**2
        problems.refuse(f"The file is larger than {limit} MB; split it into smaller files.")
        return ""
    return text_of(source, problems) or ""


def _rows(name: str, text: str, problems: Problems) -> Iterator[Row]:
    """Yield the cells of each row that holds something: string and label, or the string alone."""
    delimiter = _delimiter(name, text)
    if delimiter is None:
        # Only these end a line: a string may hold U+2028 and the like.
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from ((n, [line]) for n, line in enumerate(lines, start=1) if line.strip())
        return
    rows = _table(text, delimiter, problems)
    first = next(rows, None)
    order = _header(first[1]) if first else None
    if first and order is None:
        yield first
    for line, cells in rows:
        yield line, ([cells[at] for at in order if at < len(cells)] if order else cells)


def _delimiter(name: str, text: str) -> str | None:
    first = text.lstrip().split("\n", 1)[0]
    if name.lower().endswith(".tsv") or "\t" in first:
        return "\t"
    if name.lower().endswith(".csv"):
        return ";" if ";" in first and "," not in first else ","
    return None


def _table(text: str, delimiter: str, problems: Problems) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        problems.refuse(
            f"The quotes do not match ({error}); double every quote inside a quoted cell.", line
        )


def _header(cells: Sequence[str]) -> list[int] | None:
    """Return where a header's text and label columns are, None where the row is no header."""
    names = [cell.strip().lower() for cell in cells]
    texts = [at for at, name in enumerate(names) if name in _TEXT_NAMES]
    labels = [at for at, name in enumerate(names) if name in _LABEL_NAMES]
    if not texts or (len(names) > 1 and not labels):
        return None
    return [texts[0], *labels[:1]]


def _entry(line: int, cells: list[str], label: str, problems: Problems) -> Entry | None:
    text = cells[0].strip()
    own = (cells[1].strip() if len(cells) > 1 else "") or label
    fault = _fault(cells, text, own)
    if fault is None:
        return Entry(text, own)
    message, remedy = fault
    problems.warn(line, f"{message}, so the row is left out: {remedy}.", message.split(" “")[0])
    return None


def _fault(cells: list[str], text: str, label: str) -> tuple[str, str] | None:
    if any(cell.strip() for cell in cells[2:]):
        return "The row has more than two cells", "quote a cell that holds the delimiter"
    if not text:
        return "The row has no string", "write one before the label"
    if len(text) > LONGEST_TEXT:
        return f"The string has {len(text):,} characters", f"use at most {LONGEST_TEXT:,}"
    if not label:
        return f"“{shorten(text)}” has no label", "write one beside it, or choose one for all"
    if len(label) > LONGEST_LABEL or not label.isprintable():
        return f"The label “{shorten(label)}” is too long or unreadable", "use letters and signs"
    return None


def _keep(
    entries: dict[str, tuple[int, Entry]], line: int, entry: Entry, problems: Problems
) -> None:
    known, first = entries.setdefault(entry.text, (line, entry))
    if first.label != entry.label:
        problems.warn(
            line,
            f"“{shorten(entry.text)}” is {shorten(first.label)} in line {known} already, so the "
            "row is left out: keep one of the two.",
            "strings with two labels",
        )
