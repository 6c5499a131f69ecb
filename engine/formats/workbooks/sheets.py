"""The rows of a sheet as a table has them, from a workbook that is not believed.

A workbook is a zip of XML: all of it is inflated once and counted before anything is parsed
(CWE-409). calamine parses it, which knows no entities and follows no links; of a formula it has
the value that was last computed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.formats.common import formulas
from engine.formats.common.columns import place_of
from engine.formats.common.csv_rows import CsvRow
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import MOST_WHOLE_BYTES, InputFile
from engine.formats.whole.column_names import TEXT_NAMES
from engine.formats.workbooks.repeated import Repeated
from engine.system.failures import is_failure
from storage.errors import InputError

_MOST_MEMBERS = 10_000
_CHUNK = 1024**2
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
# The place of a cell or, without letters, of a row.
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,9})["']""")
_OVERLAP = 4_096
_MOST_CELLS = 20_000_000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_DAMAGED = "The workbook is damaged or locked ({}); save it anew as XLSX."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name, its rows, and how many formulas the workbook has."""

    name: str
    rows: Iterator[CsvRow]


def is_workbook(source: InputFile) -> bool:
    """Tell a workbook from other archives by the names inside."""
    if not source.start.startswith(b"PK\x03\x04"):
        return False
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def open_sheet(source: InputFile, choice: object, problems: Problems) -> Sheet:
    """Return the chosen sheet, else the first with a column of texts; raise InputError."""
    import python_calamine

    formulas_there = _count(source)
    if formulas_there:
        problems.warn(
            0, f"Formulas come in as the values that were last computed: {formulas_there:,}."
        )
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(source.open())
        names = list(book.sheet_names)
        if not names:
            raise InputError("The workbook has no sheet; save it anew as XLSX.")
        at = place_of(names, choice)
        sheets = {n: book.get_sheet_by_index(n) for n in range(len(names)) if at in (None, n)}
    except InputError:
        raise
    except BaseException as error:
        raise _told(error) from error
    if at is None:
        at = next((n for n, sheet in sheets.items() if _has_texts(sheet)), 0)
        at = at if sheets[at].height else next((n for n in sheets if sheets[n].height), 0)
        if len(names) > 1:
            others = ", ".join(shorten(name) for n, name in enumerate(names) if n != at)
            message = f'The sheet "{shorten(names[at])}" was taken; there are others: {others}.'
            problems.warn(0, message, option="sheet")
    return Sheet(names[at], _rows(sheets[at]))


def _told(error: BaseException) -> BaseException:
    """Return what a parser's error means; one of the process itself stays what it is."""
    if is_failure(error):
        return InputError(_DAMAGED.format(shorten(str(error))))
    return error


def _has_texts(sheet: Any) -> bool:
    first: list[Any] = next(iter(sheet.iter_rows()), []) if sheet.height else []
    return any(str(cell).strip().lower() in TEXT_NAMES for cell in first)


def _rows(sheet: Any) -> Iterator[CsvRow]:
    start = (sheet.start or (0, 0))[0] + 1
    for line, row in enumerate(sheet.iter_rows(), start):
        cells = [_text(cell) for cell in row]
        if any(cells):
            yield CsvRow(line, cells, "")


def _text(cell: Any) -> str:
    """Return a cell as a table of text has it."""
    if isinstance(cell, str):
        return formulas.restore(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    # A workbook has no whole numbers.
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        written = cell.isoformat()
        return written.removesuffix("T00:00:00")
    return str(cell.total_seconds()) if isinstance(cell, timedelta) else str(cell)


class _Extent:
    """How far the cells of a sheet reach: the parser keeps a place for each, filled or not.

    Any part of a workbook may be a sheet, whatever its name; it is known by what it holds.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._is_sheet = False
        self._rows = self._columns = 1

    def add(self, piece: bytes) -> None:
        """Look at the next piece; raise InputError where the sheet is too large."""
        piece = self._rest + piece
        self._rest = piece[-_OVERLAP:]
        self._is_sheet = self._is_sheet or b"sheetData" in piece
        if not self._is_sheet:
            return
        for column, row in _PLACE.findall(piece):
            self._rows = max(self._rows, int(row))
            self._columns = max(self._columns, _number(column))
        if self._rows * self._columns > _MOST_CELLS:
            raise InputError(
                f"A sheet reaches over {self._rows:,} rows and {self._columns:,} columns, more "
                f"than {_MOST_CELLS:,} cells; delete what is far outside, or save it as CSV."
            )


def _number(column: bytes) -> int:
    """Return a column's number: A is 1, and a row without a column counts as one."""
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - 64
    return max(1, number)


def _too_large() -> InputError:
    limit = MOST_WHOLE_BYTES // 1024**2
    return InputError(
        f"The workbook holds more than {limit} MB when it is unpacked; split it, or save it as CSV."
    )


def _count(source: InputFile) -> int:
    """Inflate all of a workbook, in pieces, and count its formulas; raise InputError."""
    left, found, repeated = MOST_WHOLE_BYTES, 0, Repeated()
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise InputError(f"The workbook has more than {_MOST_MEMBERS:,} parts.")
            for member in members:
                is_sheet = bool(_SHEET.fullmatch(member.filename))
                extent = _Extent()
                repeated.begin()
                with archive.open(member) as part:
                    while piece := part.read(_CHUNK):
                        left -= len(piece)
                        if left < 0:
                            raise _too_large()
                        extent.add(piece)
                        repeated.add(piece)
                        found += len(_FORMULA.findall(piece)) if is_sheet else 0
                repeated.add(b"")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise InputError(_DAMAGED.format(shorten(str(error)))) from error
    if repeated.bytes > MOST_WHOLE_BYTES:
        raise _too_large()
    return found
