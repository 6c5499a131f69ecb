"""XLSX: a document a row, its columns found and chosen as those of CSV are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.formats.common import formulas, pieces
from engine.formats.common.base import Options, Reading
from engine.formats.common.problems import Problems
from engine.formats.common.shape import SPANS, Shape
from engine.formats.common.sources import InputFile
from engine.formats.spans import table as span_table
from engine.formats.whole import filling
from engine.formats.whole import table as whole_table
from engine.formats.workbooks import sheets
from storage.errors import InputError
from storage.types import Document, Status

# Excel's own limit.
MOST_CHARACTERS = 32_767
# What XML cannot hold or would change, as Excel writes it (ECMA-376, "ST_Xstring").
_TO_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]")
# No part of XML, and readers differ over the escape of these two.
_NO_CHARACTER = re.compile("[\ufffe\uffff]")
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Xlsx:
    """XLSX. Options: those of CSV, and ``sheet``, a name or a number from 1."""

    shape: Shape = SPANS
    name: str = "xlsx"
    title: str = "Workbook (XLSX)"
    extensions: tuple[str, ...] = (".xlsx",)
    cannot_hold: str = (
        f"It has no place for texts of more than {MOST_CHARACTERS:,} characters; spans go out as "
        "JSON in a cell, and without groups and dates."
    )

    def sniff(self, source: InputFile) -> float:
        """Ask for a zip with a workbook in it."""
        return 1.0 * sheets.is_workbook(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each row of a sheet."""
        try:
            sheet = sheets.open_sheet(source, options.get("sheet"), problems)
        except InputError as error:
            problems.refuse(str(error), option="sheet")
            return Reading()
        if not self.shape.whole:
            return span_table.reading(sheet.rows, options, problems, source.name)
        return whole_table.reading(sheet.rows, _layout, self.shape, options, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a workbook with one sheet; all cells are text, none is a formula."""
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell

        book = Workbook(write_only=True)
        sheet = book.create_sheet("documents")
        neutralised = formulas.Neutralised()
        for cells in _table(documents, self.shape, problems):
            neutralised.note(cells)
            row = [WriteOnlyCell(sheet, value=_escaped(cell)) for cell in cells]
            for cell in row:
                # Without a type openpyxl takes what begins with "=" for a formula.
                cell.data_type = "s"
            sheet.append(row)
        neutralised.tell(problems)
        with pieces.file_apart() as file:
            book.save(file)
            yield from pieces.of_file(file)


def _layout(*_: Any) -> Mapping[str, Any]:
    return {"format": "xlsx"}


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", formulas.escape(text))


def _table(
    documents: Iterable[Document], shape: Shape, problems: Problems
) -> Iterator[Sequence[str]]:
    """Yield the head and the rows; a row that has a cell too long is left out and told."""
    names: Sequence[str] = ("id", "text", "spans", "split")
    record_of: Callable[[Document], dict[str, str]] = _of_spans
    if shape.whole:
        documents, record_of = pieces.twice(documents), partial(_record, shape=shape)
        names = tuple(dict.fromkeys(name for each in documents for name in record_of(each)))
    yield names
    for record in map(record_of, documents):
        cells = [record.get(name, "") for name in names]
        # Excel counts UTF-16 units.
        longest = max(len(_escaped(cell).encode("utf-16-le")) // 2 for cell in cells)
        if longest > MOST_CHARACTERS:
            problems.warn(
                0,
                f"{record.get('id') or 'A document'} has a cell of {longest:,} characters where "
                f"{MOST_CHARACTERS:,} is the most, and is left out.",
            )
            continue
        if any(map(_NO_CHARACTER.search, cells)):
            problems.warn(
                0,
                f"{record.get('id') or 'A document'} has U+FFFE or U+FFFF, which no workbook can "
                "hold; U+FFFD stands in their place.",
                "characters that no workbook can hold",
            )
        yield [_NO_CHARACTER.sub(_REPLACEMENT, cell) for cell in cells]


def _record(document: Document, shape: Shape) -> dict[str, str]:
    def cell(names: Sequence[str], before: Any, columns: Any) -> str:
        return json.dumps(list(names), ensure_ascii=False) if shape.several else "".join(names)

    return {
        name: value if isinstance(value, str) else _as_json(value)
        for name, value in filling.common(document, shape, cell).items()
    }


def _as_json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _of_spans(document: Document) -> dict[str, str]:
    silent = not document.spans and document.status is not Status.DONE
    spans = [[span.start, span.end, span.label] for span in sorted(document.spans)]
    return {
        "id": document.name,
        "text": document.text,
        "spans": "" if silent else json.dumps(spans, ensure_ascii=False),
        "split": str(document.split or ""),
    }
