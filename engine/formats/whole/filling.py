"""Documents back to records: under the names of their file, or under those of every file.

A cell that still says what the document says is left as it came, whatever its spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.formats.common.shape import Shape
from engine.formats.common.splits import split_called
from engine.formats.whole import dates, records
from engine.formats.whole.choosing import Columns, plain
from storage.errors import InputError
from storage.types import Document, Source, Status

_BY_PEOPLE = (Source.IMPORT, Source.PERSON)

LabelCell = Callable[[Sequence[str], Any, Columns], Any]
"""Writes labels as a format does, given the cell that stood there, and the columns."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A record to write; ``as_it_came`` tells that all of it stands in the document's file."""

    record: dict[str, Any]
    as_it_came: bool = False


def has_own(document: Document, formats: Sequence[str]) -> bool:
    """Tell whether a document came in a record of one of these formats."""
    layout = document.layout
    return layout.get("format") in formats and "columns" in layout and "record" in layout


def common_columns(shape: Shape) -> Columns:
    """Return the names under which a document goes out where it had none of its own."""
    return Columns(
        "text",
        "second_text" if shape.second else "",
        ("labels" if shape.several else "label",),
        split="split",
        group="group",
        date="date",
        name="id",
        status="status",
        source="label_source",
    )


def own(document: Document, shape: Shape, cell: LabelCell) -> Filled:
    """Fill the record that a document came in; raise InputError where it cannot hold it."""
    columns = records.columns_of(document.layout)
    before = {**document.layout["record"], columns.text: document.text}
    if columns.second:
        before[columns.second] = document.second_text
    record = dict(before)
    names = _names(record, columns, shape)
    if sorted(names or ()) != sorted(span.label for span in document.spans):
        names = _set_labels(record, columns, shape, document, cell)
    for name, old, new in (
        (columns.split, split_called(plain(before.get(columns.split))), document.split),
        (columns.group, plain(before.get(columns.group)), document.group),
        (columns.date, _date(before, columns), document.date),
    ):
        if name and old != new:
            record[name] = str(new or "")
    _set_origin(record, columns, shape, document, names)
    return Filled(record, record == before)


def common(document: Document, shape: Shape, cell: LabelCell) -> dict[str, Any]:
    """Return a record under the names of every file, with what else the document brought."""
    columns = common_columns(shape)
    record: dict[str, Any] = {columns.name: document.name or str(document.id or "")}
    record[columns.text] = document.text
    if shape.second:
        record[columns.second] = document.second_text or ""
    names = _set_labels(record, columns, shape, document, cell)
    said = (
        (columns.split, str(document.split or "")),
        (columns.group, document.group),
        (columns.date, document.date),
    )
    record |= {name: value for name, value in said if value}
    _set_origin(record, columns, shape, document, names)
    return record | _more(document, record, columns)


def _more(document: Document, record: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    """Return what else stood in the document's own record, under names that are free."""
    kept = document.layout.get("record")
    if not isinstance(kept, Mapping):
        return {}
    known = {*record, *columns.used}
    used = records.columns_of(document.layout).used if "columns" in document.layout else ()
    more = {name: value for name, value in kept.items() if name not in used}
    return {f"{name} (file)" if name in known else name: v for name, v in more.items()}


def _names(record: Mapping[str, Any], columns: Columns, shape: Shape) -> tuple[str, ...] | None:
    """Return the labels that a record says, in its order; None where it says nothing."""
    try:
        return records.names_of(record, columns, shape)
    except InputError:
        return None


def _set_labels(
    record: dict[str, Any], columns: Columns, shape: Shape, document: Document, cell: LabelCell
) -> tuple[str, ...] | None:
    """Write a document's labels and return them in the order in which a reader finds them."""
    names = sorted(span.label for span in document.spans)
    silent = not names and document.status is Status.UNTOUCHED
    if not columns.one_each:
        (name,) = columns.labels or common_columns(shape).labels
        record[name] = None if silent else cell(names, record.get(name), columns)
        # Where one cell holds one label, an empty one says nothing.
        return None if record[name] in (None, "") else tuple(names)
    for name in columns.labels:
        record[name] = _judgement(name in names, record.get(name))
    if more := set(names) - set(columns.labels):
        raise InputError(f'The file has no column for "{min(more)}"')
    return tuple(name for name in columns.labels if name in names)


def _judgement(said: bool, before: Any) -> Any:
    if isinstance(before, bool):
        return said
    return int(said) if isinstance(before, int | float) else str(int(said))


def _set_origin(
    record: dict[str, Any],
    columns: Columns,
    shape: Shape,
    document: Document,
    names: Sequence[str] | None,
) -> None:
    """Tell the status where the labels do not, and which of them no person gave."""
    usual = common_columns(shape)
    status, source = columns.status or usual.status, columns.source or usual.source
    if record.get(status) or document.status != (Status.DONE, Status.UNTOUCHED)[names is None]:
        record[status] = str(document.status)
    makers = {span.label: span.source for span in document.spans}
    if any(maker not in _BY_PEOPLE for maker in makers.values()):
        words = [str(makers[name]) for name in names or ()]
        record[source] = words[0] if len(set(words)) == 1 else words
    elif record.get(source):
        record[source] = None


def _date(record: Mapping[str, Any], columns: Columns) -> str:
    try:
        return dates.iso(record.get(columns.date), columns.day_first)
    except InputError:
        return ""
