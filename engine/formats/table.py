"""CSV and TSV: one document a row, its text in one of the columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from engine.formats.base import Options, Problems, Reading, Source, text_of
from engine.tokens import tokenize
from storage.errors import InputError
from storage.types import Document, Split

# Python refuses fields of more than 131,072 characters; imports are bounded by file size.
csv.field_size_limit(2**31 - 1)

_DELIMITERS = (",", "\t", ";", "|")
_TEXT_NAMES = ("text", "sentence", "content", "document", "body", "message", "tweet", "utterance")
_NAME = re.compile(r"[^\W\d][\w .-]{0,39}")

_Row = tuple[int, list[str]]


class Table:
    """CSV or TSV.

    Options: ``text_column`` and ``split_column`` (a name or a number from 1),
    ``delimiter``, ``header`` (true or false); what is absent or empty is found in the content.
    """

    name = "csv"
    title = "CSV or TSV"
    extensions = (".csv", ".tsv")

    def sniff(self, source: Source) -> float:
        """Ask for rows of equal length; a header with a text column or the extension decides."""
        delimiter = _delimiter(source.head)
        rows = _sample(source.head, delimiter)
        if not rows:
            return 0.0
        even = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
        named = any(cell.strip().lower() in _TEXT_NAMES for cell in rows[0])
        hinted = source.name.lower().endswith(self.extensions)
        return 0.8 * (even and named) or 0.6 * hinted

    def read(self, source: Source, options: Options, problems: Problems) -> Reading:
        """Read the text column; the other cells of a row stay with its document."""
        text = text_of(source, problems)
        if text is None:
            return Reading()
        text = text.removeprefix("\ufeff")
        rows = list(_rows(text, str(options.get("delimiter") or _delimiter(text)), problems))
        if not rows:
            return Reading()
        header = options.get("header")
        named = _is_header(rows) if header is None else bool(header)
        first = rows[0][1]
        columns = _unique(first) if named else [str(n) for n in range(1, len(first) + 1)]
        rows = rows[1:] if named else rows
        try:
            place = _text_column(columns, rows, options, problems)
            split = _column(columns, options.get("split_column"))
        except InputError as error:
            problems.refuse(str(error), 1)
            return Reading(columns=tuple(columns))
        found = list(_documents(rows, columns, place, split, source.name, problems))
        lines = tuple(line for line, _ in found)
        return Reading(tuple(document for _, document in found), lines, columns=tuple(columns))


def _documents(
    rows: list[_Row],
    columns: Sequence[str],
    place: int,
    split: int | None,
    file: str,
    problems: Problems,
) -> Iterator[tuple[int, Document]]:
    for line, cells in rows:
        if len(cells) != len(columns):
            message = f"The row has {len(cells)} cells where the table has {len(columns)} columns"
            problems.drop(line, message, "quote cells that hold the delimiter")
        elif not cells[place].strip():
            problems.warn(line, "The text is blank, so the row is left out.", "blank texts")
        else:
            try:
                part = Split(cells[split].strip().lower()) if split is not None else None
            except ValueError:
                message = f'The split "{cells[split]}" is unknown'
                problems.drop(line, message, "write train, dev or test")
                continue
            yield line, _document(columns, cells, place, part, f"{file}:{line}")


def _document(
    columns: Sequence[str], cells: Sequence[str], place: int, split: Split | None, name: str
) -> Document:
    text, rest = cells[place], dict(zip(columns, cells, strict=True))
    del rest[columns[place]]
    layout = {"format": "csv", "record": rest}
    return Document(text=text, tokens=tokenize(text), split=split, name=name, layout=layout)


def _rows(text: str, delimiter: str, problems: Problems) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        problems.refuse(
            f"The quotes do not match ({error}); double every quote inside a quoted cell.", start
        )


def _sample(text: str, delimiter: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cells for cells, _ in zip(rows, range(50), strict=False) if cells]


def _delimiter(text: str) -> str:
    """Choose the delimiter whose rows are most alike, then the one with most columns."""

    def quality(delimiter: str) -> tuple[float, int]:
        lengths = [len(cells) for cells in _sample(text[:65_536], delimiter)]
        columns = lengths[0] if lengths else 0
        alike = sum(length == columns for length in lengths) / max(len(lengths), 1)
        return (alike if columns > 1 else 0.0), columns

    return max(_DELIMITERS, key=quality)


def _is_header(rows: list[_Row]) -> bool:
    cells = [cell.strip() for cell in rows[0][1]]
    if any(cell.lower() in _TEXT_NAMES for cell in cells):
        return True
    names = all(_NAME.fullmatch(cell) for cell in cells)
    return names and len(set(cells)) == len(cells) > 1 and len(rows) > 1


def _unique(cells: list[str]) -> list[str]:
    """Give every column a name of its own, so that one can be chosen."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip() or str(number)
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _column(columns: Sequence[str], choice: object) -> int | None:
    if choice in (None, ""):
        return None
    if str(choice) in columns:
        return columns.index(str(choice))
    if str(choice).isdecimal() and 1 <= int(str(choice)) <= len(columns):
        return int(str(choice)) - 1
    names = ", ".join(columns)
    raise InputError(f'There is no column "{choice}"; choose one of {names}.')


def _text_column(
    columns: Sequence[str], rows: list[_Row], options: Options, problems: Problems
) -> int:
    chosen = _column(columns, options.get("text_column"))
    if chosen is not None:
        return chosen
    lowered = [column.lower() for column in columns]
    for name in _TEXT_NAMES:
        if name in lowered:
            return lowered.index(name)
    even = [cells for _, cells in rows[:200] if len(cells) == len(columns)]
    longest = max(range(len(columns)), key=lambda place: sum(len(cells[place]) for cells in even))
    if len(columns) > 1:
        message = f'The text was taken from the column "{columns[longest]}", the longest one.'
        problems.warn(1, message)
    return longest
