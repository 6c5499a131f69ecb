"""Records to documents and back: what tables, JSON and Parquet have in common.

A document keeps its record without what it holds itself, and the names of the columns, so that
it goes out under the same names, in the same order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.encoding.tokens import tokenize
from engine.formats.common.base import Options, Reading
from engine.formats.common.base import Row as DocumentRow
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.splits import split_called
from engine.formats.whole import dates, labels
from engine.formats.whole.choosing import MOST_ROWS, Columns, choose, plain
from storage.errors import InputError
from storage.types import Answer, Document, Source, Span, Split, Status

_KEPT_LABELS = "labels"
_STATUSES = frozenset(Status)
MOST_NAMES = 10_000


class Row(NamedTuple):
    """A record with the line at which it begins, and what its place in the file says of it."""

    line: int
    cells: Mapping[str, Any]
    split: Split | None = None
    layout: Mapping[str, Any] = MappingProxyType({})
    annotator: str = ""
    others: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """Other annotators, each with the cells that say what they answered."""


def read(
    rows: Iterable[Row],
    names: Sequence[str] | None,
    shape: Shape,
    options: Options,
    problems: Problems,
    file: str,
) -> Reading:
    """Read rows as documents; a row that is bad goes to ``problems``.

    What the columns hold is decided by the first rows. Where they have no ``names`` of their
    own, they are those of the first records.
    """
    rest = iter(rows)
    first = list(islice(rest, MOST_ROWS))
    records = [row.cells for row in first]
    if not records:
        return Reading()
    if names is None:
        names = list(dict.fromkeys(name for record in records for name in record))
    try:
        columns = choose(names, records, shape, options, problems)
    except InputError as error:
        problems.refuse(str(error), 1)
        return Reading(columns=Columns("").described(names, records))
    found = _documents(chain(first, rest), columns, shape, problems, file)
    described = columns.described(names, records)
    return Reading(_doubted(found, columns, problems), columns=described)


def _documents(
    rows: Iterable[Row], columns: Columns, shape: Shape, problems: Problems, file: str
) -> Iterator[DocumentRow]:
    texts = _texts(columns)
    kept = _kept(columns)
    for row in rows:
        if _is_blank(row.cells, texts):
            problems.warn(row.line, "A text is blank, so the row is left out.", "blank texts")
            continue
        try:
            yield row.line, document(row, columns, kept, shape, f"{file}:{row.line}")
        except InputError as error:
            problems.drop(row.line, str(error), "correct it")


def _is_blank(cells: Mapping[str, Any], texts: Sequence[str]) -> bool:
    # Of one text, which is nearly always, without a generator.
    if len(texts) == 1:
        return not plain(cells.get(texts[0])).strip()
    return any(not plain(cells.get(name)).strip() for name in texts)


def _texts(columns: Columns) -> list[str]:
    return [columns.text, columns.second] if columns.second else [columns.text]


def document(
    row: Row, columns: Columns, kept: Mapping[str, Any], shape: Shape, name: str
) -> Document:
    """Return the document of a row; raise InputError for a cell that cannot be what it should."""
    cells = row.cells
    marks = marks_of(cells, columns, shape)
    text = _text(cells, columns.text)
    day_first = columns.day_first
    return Document(
        text=text,
        second_text=_text(cells, columns.second) if columns.second else None,
        tokens=tokenize(text),
        spans=marks or (),
        status=_status(plain(cells.get(columns.status)), marks is not None),
        split=_split(plain(cells.get(columns.split))) or row.split,
        group=plain(cells.get(columns.group)) if columns.group else "",
        date=dates.iso(cells.get(columns.date), day_first) if columns.date else "",
        name=plain(cells.get(columns.name)).strip() or name,
        layout={**row.layout, "record": _rest(cells, columns), "columns": kept},
        annotator=row.annotator if marks is not None else "",
        others=_others(row, columns, shape) if row.others and marks is not None else (),
    )


def _others(row: Row, columns: Columns, shape: Shape) -> tuple[Answer, ...]:
    said = ((who, marks_of({**row.cells, **cells}, columns, shape)) for who, cells in row.others)
    return tuple(Answer(who, marks) for who, marks in said if marks is not None)


def marks_of(cells: Mapping[str, Any], columns: Columns, shape: Shape) -> tuple[Span, ...] | None:
    """Return the marks that a record's labels mean, None where nobody labelled it."""
    names = names_of(cells, columns, shape)
    if names is None:
        return None
    if len(names) > 1 and not shape.several:
        raise InputError(
            f"There are {len(names)} labels ({shorten(', '.join(names))}) where a text has one"
        )
    said = cells.get(columns.source) if columns.source else None
    if said is None and len(names) == 1:
        return _alone(names[0])
    sources = _sources(said, len(names))
    marks = [Span(0, 0, name, source=s) for name, s in zip(names, sources, strict=True)]
    return tuple(sorted(marks) if len(marks) > 1 else marks)


@lru_cache
def _alone(name: str) -> tuple[Span, ...]:
    return (Span(0, 0, name, source=Source.IMPORT),)


def names_of(cells: Mapping[str, Any], columns: Columns, shape: Shape) -> tuple[str, ...] | None:
    """Return the labels of a record, each once; None where it has no answer at all."""
    if not columns.one_each:
        cell = cells.get(columns.labels[0]) if columns.labels else None
        return labels.names_in(cell, shape.several, columns.separator)
    found: list[str] = []
    answered = False
    for name in columns.labels:
        cell = cells.get(name)
        if labels.is_judgement(cell):
            said = labels.is_yes(cell)
            answered = answered or said is not None
            found += [name] if said else []
        elif names := labels.names_in(cell, shape.several, columns.separator):
            answered = True
            found += names
    return tuple(dict.fromkeys(found)) if answered else None


def _sources(cell: Any, count: int) -> list[Source]:
    if cell is None:
        return [Source.IMPORT] * count
    word = "" if isinstance(cell, list) else plain(cell).strip()
    if word.startswith("["):
        try:
            cell = json.loads(word)
        except ValueError as error:
            raise InputError(f'"{shorten(word)}" is no list of who labelled') from error
    found = cell if isinstance(cell, list) else [word or Source.IMPORT] * count
    if len(found) != count or not all(each in tuple(Source) for each in found):
        raise InputError(f'"{shorten(word)}" does not say who gave each label')
    return [Source(each) for each in found]


def _text(cells: Mapping[str, Any], name: str) -> str:
    value = cells.get(name)
    if type(value) is str:
        return value
    if isinstance(value, list | dict):
        raise InputError(f'"{shorten(name)}" holds a list or an object and no text')
    return plain(value)


def _status(word: str, labelled: bool) -> Status:
    if word and word in _STATUSES:
        return Status(word)
    return Status.DONE if labelled else Status.UNTOUCHED


def _split(word: str) -> Split | None:
    if not word.strip():
        return None
    if (found := split_called(word)) is None:
        raise InputError(f'The split "{shorten(word)}" is unknown: it can be train, dev or test')
    return found


def _rest(cells: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    """Return the record with nothing in the place of the texts, which the document holds."""
    texts = {columns.text, columns.second}
    return {name: None if name in texts else value for name, value in cells.items()}


def _kept(columns: Columns) -> dict[str, Any]:
    """Return what a layout has to keep of the columns: those that there are."""
    names = ("text", "second", "split", "group", "date", "name", "status", "source", "separator")
    kept: dict[str, Any] = {name: value for name in names if (value := getattr(columns, name))}
    if columns.labels:
        kept[_KEPT_LABELS] = list(columns.labels)
    return kept | ({"day_first": True} if columns.day_first else {})


def columns_of(layout: Mapping[str, Any]) -> Columns:
    """Return the columns that a layout keeps."""
    kept = dict(layout["columns"])
    return Columns(**kept | {_KEPT_LABELS: tuple(kept.get(_KEPT_LABELS, ()))})


def _doubted(
    found: Iterable[DocumentRow], columns: Columns, problems: Problems
) -> Iterator[DocumentRow]:
    """Pass rows on; say so where what was taken for labels is probably something else."""
    names: set[str] = set()
    count = 0
    for row in found:
        count += 1
        # So many are no labels, however many rows are still to come.
        if len(names) <= MOST_NAMES:
            names.update([span.label for span in row[1].spans])
        yield row
    if len(columns.labels) == 1 and len(names) > 50 and 2 * len(names) > min(count, MOST_NAMES):
        many = f"more than {MOST_NAMES:,}" if len(names) > MOST_NAMES else f"{len(names):,}"
        problems.warn(
            1,
            f'The column "{columns.labels[0]}" holds {many} different labels in '
            f"{count:,} rows; is it the right one?",
            option="label_column",
        )
