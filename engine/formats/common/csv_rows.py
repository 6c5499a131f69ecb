"""Rows of CSV and TSV, as they stand in the file; who reads them says what they mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.formats.common import formulas
from engine.formats.common.base import Problems

# Python refuses fields of more than 131,072 characters; imports are bounded by file size.
csv.field_size_limit(2**31 - 1)

DELIMITERS = (",", "\t", ";", "|")
_SAMPLED = 50


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row: the line that it begins at, its cells, and how it is written, line end included."""

    line: int
    cells: list[str]
    written: str


def rows(text: str, delimiter: str, problems: Problems) -> Iterator[CsvRow]:
    """Yield the rows that hold something; quotes that do not match go to ``problems``."""
    lines = list(io.StringIO(text, newline=""))
    if delimiter == "\t" and not _quotes(lines):
        yield from _unquoted(lines)
        return
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells:
                cells = list(map(formulas.restore, cells))
                yield CsvRow(start, cells, "".join(lines[start - 1 : reader.line_num]))
            start = reader.line_num + 1
    except csv.Error as error:
        problems.refuse(
            f"The quotes do not match ({error}); double every quote inside a quoted cell.", start
        )


def _unquoted(lines: Sequence[str]) -> Iterator[CsvRow]:
    for number, line in enumerate(lines, 1):
        if bare := line.rstrip("\r\n"):
            yield CsvRow(number, list(map(formulas.restore, bare.split("\t"))), line)


def _quotes(lines: Sequence[str]) -> bool:
    """Tell whether quotes of a TSV file are marks around cells, and not characters of the text.

    Files of GLUE and others have texts that begin with a quote, and none around cells.
    """
    found = [line.rstrip("\r\n").split("\t") for line in lines if line.strip("\r\n")]
    cells = [cell for line in found for cell in line if cell.startswith('"')]
    if not cells or len({len(line) for line in found}) > 1:
        return bool(cells)
    return all(_is_quoted(cell) for cell in cells)


def _is_quoted(cell: str) -> bool:
    inner = cell[1:-1]
    return len(cell) > 1 and cell.endswith('"') and '"' not in inner.replace('""', "")


def sample(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows, read leniently: good for guessing only."""
    found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cells for cells, _ in zip(found, range(_SAMPLED), strict=False) if cells]


def delimiter_of(text: str) -> str:
    """Choose the delimiter whose rows are most alike, then the one with most columns."""

    def quality(delimiter: str) -> tuple[float, int]:
        lengths = [len(cells) for cells in sample(text[:65_536], delimiter)]
        columns = lengths[0] if lengths else 0
        alike = sum(length == columns for length in lengths) / max(len(lengths), 1)
        return (alike if columns > 1 else 0.0), columns

    return max(DELIMITERS, key=quality)


def unique(cells: Sequence[str]) -> list[str]:
    """Give every column a name of its own, so that one can be chosen."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip() or str(number)
        names.append(name if name not in names else f"{name} ({number})")
    return names
