"""CSV and TSV: one document a row, its text in one of the columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from engine.encoding.tokens import tokenize
from engine.formats.common import csv_rows, json_values, jsonl
from engine.formats.common.base import Options, Reading
from engine.formats.common.columns import Column, place_of
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from engine.formats.common.splits import split_called
from engine.tasks.spans.tagging import schemes
from storage.errors import InputError
from storage.types import Document, Split, Status

_TEXT_NAMES = ("text", "sentence", "content", "document", "body", "message", "tweet", "utterance")
_LABEL_NAMES = (
    *("label", "labels", "spans", "entities", "annotations", "category", "class", "intent"),
    *("target", "tag", "tags", "topic", "sentiment"),
)
_NAME = re.compile(r"[^\W\d][\w .-]{0,39}")

_Row = tuple[int, list[str]]
# Enough to know a column by; also bounds the memory.
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class _Places:
    """Which column, from 0, holds what."""

    text: int
    label: int | None = None
    split: int | None = None
    is_spans: bool = False
    """Whether the label column holds spans, as JSON."""


class Table:
    """CSV or TSV.

    Options: ``text_column``, ``label_column`` and ``split_column`` (a name or a number from 1),
    ``delimiter``, ``header`` (true or false); what is absent or empty is found in the content.
    """

    name = "csv"
    title = "CSV or TSV"
    extensions = (".csv", ".tsv")

    def sniff(self, source: InputFile) -> float:
        """Ask for rows of equal length; a header with a text column or the extension decides."""
        delimiter = csv_rows.delimiter_of(source.head)
        rows = csv_rows.sample(source.head, delimiter)
        if not rows:
            return 0.0
        even = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
        named = any(cell.strip().lower() in _TEXT_NAMES for cell in rows[0])
        hinted = source.name.lower().endswith(self.extensions)
        return 0.8 * (even and named) or 0.6 * hinted

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read the text column; the other cells of a row stay with its document."""
        delimiter = str(options.get("delimiter") or csv_rows.delimiter_of(source.head))
        rows = csv_rows.rows(source, delimiter, problems)
        return reading(rows, options, problems, source.name)


def reading(
    found: Iterable[csv_rows.CsvRow], options: Options, problems: Problems, file: str
) -> Reading:
    """Read the rows of any table."""
    rest = ((row.line, row.cells) for row in found)
    rows = list(islice(rest, MOST_ROWS))
    if not rows:
        return Reading()
    header = options.get("header")
    named = _is_header(rows) if header is None else bool(header)
    first = rows[0][1]
    columns = csv_rows.unique(first) if named else [str(n) for n in range(1, len(first) + 1)]
    rows = rows[1:] if named else rows
    try:
        places = _places(columns, rows, options, problems)
    except InputError as error:
        problems.refuse(str(error), 1)
        return Reading(columns=_described(columns, rows, None))
    documents = _documents(chain(rows, rest), columns, places, file, problems)
    return Reading(documents, columns=_described(columns, rows, places))


def _documents(
    rows: Iterable[_Row], columns: Sequence[str], places: _Places, file: str, problems: Problems
) -> Iterator[tuple[int, Document]]:
    for line, cells in rows:
        if len(cells) != len(columns):
            message = f"The row has {len(cells)} cells where the table has {len(columns)} columns"
            problems.drop(line, message, "quote cells that hold the delimiter")
        elif not cells[places.text].strip():
            problems.warn(line, "The text is blank, so the row is left out.", "blank texts")
        else:
            try:
                yield line, _document(columns, cells, places, f"{file}:{line}")
            except InputError as error:
                problems.drop(line, str(error), "correct the cell")


def _document(columns: Sequence[str], cells: Sequence[str], places: _Places, name: str) -> Document:
    text, rest = cells[places.text], dict(zip(columns, cells, strict=True))
    del rest[columns[places.text]]
    labels = cells[places.label] if places.is_spans and places.label is not None else ""
    labelled = labels.strip()
    return Document(
        text=text,
        tokens=tokenize(text),
        spans=jsonl.spans_over(text, _triples(labels)) if labelled else (),
        status=Status.DONE if labelled else Status.UNTOUCHED,
        split=_split(cells[places.split]) if places.split is not None else None,
        name=name,
        layout={"format": "csv", "record": rest},
    )


def _split(cell: str) -> Split:
    if (found := split_called(cell)) is None:
        raise InputError(f'The split "{shorten(cell)}" is unknown: it can be train, dev or test')
    return found


def _triples(cell: str) -> list[jsonl.Triple]:
    try:
        items = json_values.literal(cell)
    except ValueError as error:
        raise InputError(f'"{shorten(cell)}" is no list of spans') from error
    if not isinstance(items, list):
        raise InputError(f'"{shorten(cell)}" is no list of spans')
    return [jsonl.triple_in(list(item) if isinstance(item, tuple) else item) for item in items]


def _is_header(rows: list[_Row]) -> bool:
    cells = [cell.strip() for cell in rows[0][1]]
    if any(cell.lower() in _TEXT_NAMES for cell in cells):
        return True
    names = all(_NAME.fullmatch(cell) for cell in cells)
    return names and len(set(cells)) == len(cells) > 1 and len(rows) > 1


def _places(
    columns: Sequence[str], rows: list[_Row], options: Options, problems: Problems
) -> _Places:
    text = place_of(columns, options.get("text_column"))
    split = place_of(columns, options.get("split_column"))
    label = place_of(columns, options.get("label_column"))
    text = _text_column(columns, rows, problems) if text is None else text
    if label is None:
        label = _named(columns, _LABEL_NAMES, but=(text, split))
    elif label == text:
        raise InputError(f'The column "{columns[text]}" cannot be text and labels both.')
    words = next((place for place in range(len(columns)) if _holds_tags(rows, place)), None)
    if words is not None:
        raise InputError(
            f'The column "{columns[words]}" holds a tag in each row, so a row is a word and no '
            "text; save it as CSV with a column that numbers the sentences, or with a blank line "
            "after each sentence, and import it as CoNLL."
        )
    is_spans = label is not None and _holds_spans(rows, label)
    if label is not None and not is_spans:
        problems.warn(
            1,
            f'The column "{columns[label]}" holds labels of whole texts, not of spans in them, '
            "so the texts come in without labels.",
            option="whole",
        )
    return _Places(text, label, split, is_spans)


def _holds_spans(rows: list[_Row], place: int) -> bool:
    """Tell cells of spans from cells of one label; a broken one among them is told later."""
    cells = [cells[place].strip() for _, cells in rows if len(cells) > place]
    filled = [cell for cell in cells if cell]
    return 2 * sum(cell.startswith("[") for cell in filled) >= len(filled)


def _holds_tags(rows: list[_Row], place: int) -> bool:
    """Tell a column of tags such as B-PER and O: there each row is a word."""
    cells = [cells[place].strip() for _, cells in rows[:10_000] if len(cells) > place]
    tags = [cell for cell in cells if not schemes.fault(cell)]
    return 2 * len(tags) > len(cells) and any(tag != "O" for tag in tags)


def _text_column(columns: Sequence[str], rows: list[_Row], problems: Problems) -> int:
    named = _named(columns, _TEXT_NAMES)
    if named is not None:
        return named
    even = [cells for _, cells in rows[:200] if len(cells) == len(columns)]
    longest = max(range(len(columns)), key=lambda place: sum(len(cells[place]) for cells in even))
    if len(columns) > 1:
        message = f'The text was taken from the column "{columns[longest]}", the longest one.'
        problems.warn(1, message, option="text_column")
    return longest


def _named(
    columns: Sequence[str], names: Sequence[str], but: Sequence[int | None] = ()
) -> int | None:
    """Return the column with the first of these names that one has, None where none has one."""
    lowered = [column.lower() for column in columns]
    found = (lowered.index(name) for name in names if name in lowered)
    return next((place for place in found if place not in but), None)


def _described(
    columns: Sequence[str], rows: list[_Row], places: _Places | None
) -> tuple[Column, ...]:
    roles = {}
    if places:
        label = "spans" if places.is_spans else "labels, not used"
        roles = {places.split: "splits", places.label: label, places.text: "texts"}
    examples = [
        tuple(dict.fromkeys(shorten(cells[at]) for _, cells in rows[:20] if len(cells) > at))[:3]
        for at in range(len(columns))
    ]
    return tuple(Column(n, roles.get(at, ""), examples[at]) for at, n in enumerate(columns))
