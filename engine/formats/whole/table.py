"""CSV and TSV with a text, or two, and a label in each row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from engine.formats.common import csv_rows, formulas
from engine.formats.common.base import Options, Reading
from engine.formats.common.csv_rows import CsvRow
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.whole import choosing, column_names, labels, records, table_writing
from engine.formats.whole.records import Row
from storage.types import Document

_NAME = re.compile(r"[^\W\d][\w .#-]{0,39}|#\d \w+")
_MISSING = {"na", "nan", "nil", "null", "none", "n.a.", "missing", "unknown"}
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_KNOWN = frozenset(
    [
        *column_names.TEXT_NAMES,
        *column_names.LABEL_NAMES,
        *(n for pair in column_names.PAIR_NAMES for n in pair),
    ]
)


@dataclass(frozen=True, slots=True)
class Table:
    """CSV or TSV.

    Options: those of `choosing.OPTIONS`, each a column's name or number from 1; of
    ``label_column`` several, with commas between, where each label has its own column of ones
    and zeros; ``label_separator``; ``delimiter``; ``header`` (true or false).
    """

    shape: Shape
    name: str = "csv"
    title: str = "CSV or TSV table"
    extensions: tuple[str, ...] = (".csv", ".tsv")
    cannot_hold: str = ""
    delimiter: str = ","

    def sniff(self, source: InputFile) -> float:
        """Ask for rows of equal length; a header with a known column or the extension decides."""
        if source.head.lstrip().startswith(("{", "[{", "[\n")):
            return 0.0
        found = csv_rows.sample(source.head, csv_rows.delimiter_of(source.head))
        if not found:
            return 0.0
        even = len({len(row) for row in found}) == 1 and len(found[0]) > 1
        named = any(called(cell) in _KNOWN for cell in found[0])
        hinted = source.name.lower().endswith(self.extensions)
        return max(0.8 * (even and named), 0.7 * hinted)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each row; its other cells stay with it."""
        delimiter = str(options.get("delimiter") or csv_rows.delimiter_of(source.head))

        def layout(first: CsvRow, names: list[str], named: bool) -> Mapping[str, Any]:
            return _layout(first, names, named, delimiter, source)

        rows = csv_rows.rows(source, delimiter, problems)
        return reading(rows, layout, self.shape, options, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a head and a row for each document: as in their file, where all are of one."""
        yield from table_writing.write(documents, self.shape, problems, self.delimiter)


@dataclass(frozen=True, slots=True)
class Tsv(Table):
    """The same, written with tabs; read it is as any table."""

    name: str = "tsv"
    title: str = "TSV table"
    extensions: tuple[str, ...] = (".tsv",)
    delimiter: str = "\t"

    def sniff(self, source: InputFile) -> float:
        """Leave it to `Table`, which reads the same."""
        return 0.0


@dataclass(frozen=True, slots=True)
class DoccanoCsv(Table):
    """doccano's CSV of classes: several labels of a text with "#" between."""

    name: str = "doccano_csv"
    title: str = "CSV (doccano)"
    extensions: tuple[str, ...] = (".csv",)
    cannot_hold: str = (
        "It holds texts with their labels; it does not tell texts that nobody labelled, or that "
        "were skipped, from those without a label."
    )

    def sniff(self, source: InputFile) -> float:
        """Leave it to `Table`, which reads the same."""
        return 0.0

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a table whose labels are parted as doccano does it."""
        given = {"label_separator": labels.DOCCANOS, **{k: v for k, v in options.items() if v}}
        return Table(self.shape).read(source, given, problems)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a head and a row for each document."""
        neutralised = formulas.Neutralised()
        yield table_writing.row(["id", "text", "label"]).encode()
        for number, document in enumerate(documents, 1):
            names = sorted(span.label for span in document.spans)
            if self.shape.several and any(labels.DOCCANOS in name for name in names):
                problems.warn(0, f"Labels with # in them are written with _ ({names[0]}).", "#")
                names = [name.replace(labels.DOCCANOS, "_") for name in names]
            labels.tell_unlabelled(document, number, problems)
            cells = [str(document.id or number), document.text, labels.DOCCANOS.join(names)]
            neutralised.note(cells)
            yield table_writing.row(cells).encode()
        neutralised.tell(problems)


def reading(
    rows: Iterator[CsvRow],
    layout_of: Callable[[CsvRow, list[str], bool], Mapping[str, Any]],
    shape: Shape,
    options: Options,
    problems: Problems,
    file: str,
) -> Reading:
    """Read the rows of any table; ``layout_of`` says what its documents keep of it."""
    found = list(islice(rows, choosing.MOST_ROWS))
    if not found or problems.refused:
        return Reading()
    header = options.get("header")
    named = is_header(found) if header is None else bool(header)
    first = found[0].cells
    names = csv_rows.unique(first) if named else [str(n) for n in range(1, len(first) + 1)]
    if named:
        _tell_twice(first, names, problems)
    layout = layout_of(found[0], names, named)
    whole = _whole(chain(found[1:] if named else found, rows), names, layout, problems)
    return records.read(whole, names, shape, options, problems, file)


def _tell_twice(first: list[str], names: list[str], problems: Problems) -> None:
    """Say which columns are called the same: only one of them can be taken by its name."""
    for at, (cell, name) in enumerate(zip(first, names, strict=True)):
        if cell.strip() and cell in first[:at]:
            message = (
                f'Two columns are called "{shorten(cell)}"; the later is "{shorten(name)}" here.'
            )
            problems.warn(1, message, "columns called the same", option="label_column")


def _whole(
    found: Iterable[CsvRow], names: list[str], layout: Mapping[str, Any], problems: Problems
) -> Iterator[Row]:
    """Yield the rows that have a cell for each column, each with how it is written."""
    end, delimiter = layout.get("end", "\n"), layout.get("delimiter", ",")
    for row in found:
        if len(row.cells) != len(names):
            message = f"The row has {len(row.cells)} cells where the table has {len(names)} columns"
            problems.drop(row.line, message, "quote cells that hold the delimiter")
        else:
            usual = table_writing.is_usual(row.cells, row.written, delimiter, end)
            written = {"written": row.written} if row.written and not usual else {}
            cells = dict(zip(names, row.cells, strict=True))
            yield Row(row.line, cells, layout={**layout, **written})


def _layout(
    first: CsvRow, names: list[str], named: bool, delimiter: str, source: InputFile
) -> dict[str, Any]:
    """Return what a file's documents keep of it: its head, and what ends and parts its rows."""
    end = "\r\n" if first.written.endswith("\r\n") else "\n"
    head = "\ufeff" * source.found.mark + first.written if named else ""
    usual = table_writing.row(names, delimiter, end)
    layout = {
        "end": end if end != "\n" else None,
        "delimiter": delimiter if delimiter != "," else None,
        "head": head if head != usual else None,
    }
    return {"format": "csv", **{key: value for key, value in layout.items() if value is not None}}


def called(cell: str) -> str:
    """Return a column's name in the spelling of the known ones."""
    return " ".join(column_names.words(cell))


def is_header(rows: list[CsvRow]) -> bool:
    """Tell a row of names from one of a text and its label.

    A label comes again below the first row; names stand alone, above numbers, or are known ones.
    """
    cells = [cell.strip() for cell in rows[0].cells]
    known = [cell for cell in cells if called(cell) in _KNOWN]
    if len(known) > 1 or column_names.TEXT_NAMES[0] in map(called, cells):
        return True
    below = [row.cells for row in rows[1:1_000] if len(row.cells) == len(cells)]
    again = any(
        cell and any(cell == row[at].strip() for row in below) for at, cell in enumerate(cells)
    )
    if again or known or _stands_above_numbers(cells, below):
        return not again
    names = all(_NAME.fullmatch(cell) or not cell for cell in cells)
    return names and len(set(cells)) == len(cells) > 1 and _is_shorter(cells, below)


def _stands_above_numbers(cells: list[str], below: list[list[str]]) -> bool:
    """Tell whether a column of nothing but numbers begins with a word that is no missing one."""
    return bool(below) and any(
        _NAME.fullmatch(cell)
        and cell.lower() not in _MISSING
        and all(_NUMBER.fullmatch(row[at].strip()) for row in below)
        for at, cell in enumerate(cells)
    )


def _is_shorter(cells: list[str], below: list[list[str]]) -> bool:
    """Tell whether the column of the longest texts has a shorter name than texts."""
    if not below:
        return False
    lengths = [sum(len(row[at]) for row in below) / len(below) for at in range(len(cells))]
    longest = max(range(len(cells)), key=lengths.__getitem__)
    return len(cells[longest]) < lengths[longest]
