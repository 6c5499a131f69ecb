"""CSV and TSV written: the rows of one file as they came, else a table with common names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from engine.formats.common import formulas, pieces
from engine.formats.common.problems import Problems
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


def write(
    documents: Iterable[Document], shape: Shape, problems: Problems, delimiter: str = ","
) -> Iterator[bytes]:
    """Yield the head and the rows of a table; the documents are gone through more than once."""
    documents = pieces.twice(documents)
    cell = _cell(shape, not shape.several or _are_plain(documents))
    names = _own_names(documents, shape, cell)
    fill = filling.own if names is not None else _common
    first = next(iter(documents), None) if names is not None else None
    layout: Mapping[str, Any] = first.layout if first else {"delimiter": delimiter}
    if names is None:
        records = (filling.common(document, shape, cell) for document in documents)
        names = list(dict.fromkeys(name for record in records for name in record))
    delimiter, end = layout.get("delimiter", ","), layout.get("end", "\n")
    is_same = first is not None and names == list(filling.own(first, shape, cell).record)
    head = layout.get("head") if is_same and not any(map(formulas.is_formula, names)) else None
    neutralised = formulas.Neutralised()
    if head is None:
        neutralised.note(names)
    yield (row(names, delimiter, end) if head is None else head).encode("utf-8")
    before = ""
    for document in documents:
        filled = fill(document, shape, cell)
        cells = [as_text(filled.record.get(name)) for name in names]
        written = document.layout.get("written") if filled.as_it_came and is_same else None
        if before and not before.endswith(("\n", "\r")):
            yield end.encode("utf-8")
        if written is None or _is_unsafe(cells, written, delimiter):
            neutralised.note(cells)
            written = row(cells, delimiter, end)
        yield written.encode("utf-8")
        before = written
    neutralised.tell(problems)


def _common(document: Document, shape: Shape, cell: filling.LabelCell) -> Filled:
    return Filled(filling.common(document, shape, cell))


def _own_names(
    documents: Iterable[Document], shape: Shape, cell: filling.LabelCell
) -> list[str] | None:
    """Return the columns of the file that all documents are of; None where they are of several."""
    names: dict[str, None] = {}
    first: Document | None = None
    for document in documents:
        if not filling.has_own(document, ("csv",)):
            return None
        first = first or document
        if _kind(document) != _kind(first):
            return None
        try:
            names |= dict.fromkeys(filling.own(document, shape, cell).record)
        except InputError:
            return None
    # Where no head names the columns, none can be added.
    more = first is not None and names.keys() - first.layout["record"].keys()
    return None if first is None or (more and first.layout.get("head") == "") else list(names)


def _kind(document: Document) -> list[Any]:
    layout = document.layout
    return [list(layout["record"]), *(layout.get(name) for name in _OF_FILE)]


def _are_plain(documents: Iterable[Document]) -> bool:
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
