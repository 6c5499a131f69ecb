"""CSV and TSV written: the rows of one file as they came, else a table with common names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from engine.formats.common import formulas
from engine.formats.common.shape import Shape
from engine.formats.whole import filling, labels
from engine.formats.whole.choosing import Columns
from engine.formats.whole.filling import Filled
from storage.errors import InputError
from storage.types import Document

# Where a formula may begin: at the start, or behind what parts cells in some country.
_PERHAPS = re.compile(r"(?:^|[,;\t|\n]) *[=+\-@\t\r＝＋－＠'\u2060]")
_OF_FILE = ("delimiter", "end", "head", "columns")


def row(cells: Sequence[str], delimiter: str = ",", end: str = "\n") -> str:
    """Write one row, with quotes where they are needed, and without formulas."""
    file = io.StringIO(newline="")
    # Without a terminator of two characters a cell that holds just "\r" would go unquoted.
    hides = _hides_formula(cells, delimiter)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if hides else csv.QUOTE_MINIMAL
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
    writer.writerow(map(formulas.escape, cells))
    return file.getvalue().removesuffix("\r\n") + end


def is_usual(cells: Sequence[str], written: str, delimiter: str, end: str) -> bool:
    """Tell whether `row` would write cells as they are written."""
    # Most rows have neither quotes nor anything like a formula, and need not be written anew.
    if '"' not in written and not _PERHAPS.search(written) and len(cells) > 1:
        return f"{delimiter.join(cells)}{end}" == written
    return row(cells, delimiter, end) == written


def _is_unsafe(cells: Sequence[str], written: str, delimiter: str) -> bool:
    """Tell whether a row that came so must not leave so: a spreadsheet would run a part of it."""
    bare = '"' not in written and _hides_formula(cells, delimiter)
    return bare or any(map(formulas.is_formula, cells))


def _hides_formula(cells: Sequence[str], delimiter: str) -> bool:
    """Tell whether a spreadsheet that parts cells by another character would find a formula."""
    # In a TSV file quotes are mostly characters of the text.
    return delimiter != "\t" and any(map(formulas.is_formula_inside, cells))


def write(documents: Sequence[Document], shape: Shape, delimiter: str = ",") -> Iterator[bytes]:
    """Yield the head and the rows of a table."""
    filled = _of_one_file(documents, shape)
    layout: Mapping[str, Any] = documents[0].layout if filled else {"delimiter": delimiter}
    if filled is None:
        cell = _cell(shape, _are_plain(documents))
        filled = [Filled(filling.common(document, shape, cell)) for document in documents]
    names = list(dict.fromkeys(name for each in filled for name in each.record))
    usual = list(filled[0].record) if filled and layout.get("format") else []
    delimiter, end = layout.get("delimiter", ","), layout.get("end", "\n")
    is_same = names == usual
    head = layout.get("head") if is_same and not any(map(formulas.is_formula, names)) else None
    yield (row(names, delimiter, end) if head is None else head).encode("utf-8")
    for number, (each, document) in enumerate(zip(filled, documents, strict=True), 1):
        cells = [as_text(each.record.get(name)) for name in names]
        written = document.layout.get("written") if each.as_it_came and is_same else None
        if written is None or _is_unsafe(cells, written, delimiter):
            written = row(cells, delimiter, end)
        elif number < len(documents) and not written.endswith(("\n", "\r")):
            written += end
        yield written.encode("utf-8")


def _of_one_file(documents: Sequence[Document], shape: Shape) -> list[Filled] | None:
    """Return the documents in the rows of their file; None where they are of several kinds."""
    if not documents or not all(filling.has_own(each, ("csv",)) for each in documents):
        return None
    first = _kind(documents[0])
    if any(_kind(each) != first for each in documents):
        return None
    cell = _cell(shape, _are_plain(documents))
    try:
        filled = [filling.own(document, shape, cell) for document in documents]
    except InputError:
        return None
    # Where no head names the columns, none can be added.
    usual = documents[0].layout["record"].keys()
    more = any(each.record.keys() - usual for each in filled)
    return None if more and documents[0].layout.get("head") == "" else filled


def _kind(document: Document) -> list[Any]:
    layout = document.layout
    return [list(layout["record"]), *(layout.get(name) for name in _OF_FILE)]


def _are_plain(documents: Sequence[Document]) -> bool:
    names = {span.label for document in documents for span in document.spans}
    return labels.is_plain(names)


def _cell(shape: Shape, plain: bool) -> filling.LabelCell:
    def cell(names: Sequence[str], before: Any, columns: Columns) -> str:
        separator = columns.separator or labels.SEPARATORS[0]
        whole = plain and not any(separator in name for name in names)
        return labels.cell_of(names, shape.several, separator if whole else "")

    return cell


def as_text(value: Any) -> str:
    """Return a value of a record as a cell."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
