"""Rows of CSV and TSV, as they stand in the file; who reads them says what they mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.formats.common import formulas
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile, lines_of

# Python refuses fields of more than 131,072 characters, which texts may well have; without any
# limit a quote that is never closed would take the rest of a file into memory.
MOST_CELL = 16 * 1024**2
csv.field_size_limit(MOST_CELL)

DELIMITERS = (",", "\t", ";", "|")
_SAMPLED = 50


class CsvRow(NamedTuple):
    """A row: the line that it begins at, its cells, and how it is written, line end included."""

    line: int
    cells: list[str]
    written: str


def rows(source: InputFile, delimiter: str, problems: Problems) -> Iterator[CsvRow]:
    """Yield the rows that hold something; quotes that do not match go to ``problems``."""
    if delimiter == "\t" and not _quotes(_lines(source, Problems(source.name))):
        yield from _unquoted(_lines(source, problems))
        return
    written: list[str] = []
    reader = csv.reader(_kept(source, problems, written), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells:
                whole = "".join(written)
                if formulas.MARK in whole:
                    cells = list(map(formulas.restore, cells))
                yield CsvRow(start, cells, whole)
            written.clear()
            start = reader.line_num + 1
    except csv.Error as error:
        problems.refuse(
            f"The quotes do not match ({error}); double every quote inside a quoted cell.", start
        )


def _kept(source: InputFile, problems: Problems, written: list[str]) -> Iterator[str]:
    """Yield the lines, and keep those of the row that is being read."""
    for line in _lines(source, problems):
        written.append(line)
        yield line


def _lines(source: InputFile, problems: Problems) -> Iterator[str]:
    """Yield lines as csv counts them: a lone "\\r" ends one, too, as in files of old Macs."""
    for line in lines_of(source, problems):
        if "\r" in line[:-2]:
            yield from io.StringIO(line, newline="")
        else:
            yield line


def _unquoted(lines: Iterable[str]) -> Iterator[CsvRow]:
    for number, line in enumerate(lines, 1):
        if bare := line.rstrip("\r\n"):
            yield CsvRow(number, list(map(formulas.restore, bare.split("\t"))), line)


def _quotes(lines: Iterable[str]) -> bool:
    """Tell whether quotes of a TSV file are marks around cells, and not characters of the text.

    Files of GLUE and others have texts that begin with a quote, and none around cells.
    """
    lengths, begins, all_around = set[int](), False, True
    for line in lines:
        if bare := line.rstrip("\r\n"):
            cells = bare.split("\t")
            lengths.add(len(cells))
            if '"' in bare:
                quoted = [cell for cell in cells if cell.startswith('"')]
                begins = begins or bool(quoted)
                all_around = all_around and all(map(_is_quoted, quoted))
    return begins and (all_around or len(lengths) > 1)


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
        while name in names:
            name = f"{name} ({number})"
        names.append(name)
    return names
