"""doccano's JSON Lines: a text with its spans as [start, end, label] or as objects.

CLUENER's are read, too: {"label": {label: {words: [[first, last], …]}}}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.encoding.tokens import tokenize
from engine.formats.common import jsonl
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.jsonl import Record, Triple
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from storage.errors import InputError
from storage.types import Document, Status

_KEYS = ("label", "labels", "entities", "annotations")
_POINTS = "codepoints"
_UNITS = ("auto", _POINTS, "utf16")


@dataclass(frozen=True)
class _Row:
    line: int
    text: str
    triples: tuple[Triple, ...]
    record: Record


class Doccano:
    """doccano JSONL. Read option ``offsets``: "auto" (default), "codepoints" or "utf16"."""

    name = "doccano"
    title = "JSON Lines (doccano)"
    extensions = (".jsonl", ".json", ".ndjson")
    cannot_hold = "It does not tell a skipped document from one in which nothing was found."

    def sniff(self, source: InputFile) -> float:
        """Ask for an object with a text; broken JSON comes here for its error message."""
        record = jsonl.sniff_record(source)
        if record is None:
            return 0.6 * jsonl.looks_like_json(source)
        return 0.9 if "text" in record else 0.7

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read texts with their spans; a line without a label key is untouched."""
        utf16 = _is_utf16(source, options, problems)
        return Reading(_documents(source, utf16, problems))

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one line a document; an untouched one has no label key, to stay untouched."""
        for document in documents:
            record: Record = {"id": document.id, "text": document.text}
            if document.layout.get("format") == self.name:
                record |= document.layout["record"]
            if document.status is not Status.UNTOUCHED or document.spans:
                record["label"] = [[s.start, s.end, s.label] for s in sorted(document.spans)]
            # Without a word about it, whoever reads the file would have to guess the unit.
            if document.spans and max(document.text) > "\uffff":
                record["offsets"] = _POINTS
            yield (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8")


def _documents(source: InputFile, utf16: bool, problems: Problems) -> Iterator[Row]:
    for row in _rows(source, problems):
        try:
            document = _document(row, utf16, f"{source.name}:{row.line}")
        except InputError as error:
            problems.drop(row.line, str(error), "correct the span")
        else:
            _warn_of_losses(row, document, problems)
            yield row.line, document


def _rows(source: InputFile, problems: Problems) -> Iterator[_Row]:
    for line, record in jsonl.records(source, problems):
        try:
            content = jsonl.text_in(record, _text_key(record))
            triples = tuple(_triples(record, content))
        except InputError as error:
            problems.drop(line, str(error), "correct the line")
            continue
        if content.strip():
            yield _Row(line, content, triples, record)
        else:
            problems.warn(line, "The text is blank, so the line is left out.", "blank texts")


def _triples(record: Record, text: str) -> Iterator[Triple]:
    for key in _KEYS:
        value = record.get(key)
        if isinstance(value, dict):
            yield from _by_label(value, text)
        elif isinstance(value, list):
            yield from map(jsonl.triple_in, value)
        elif value is not None:
            raise InputError(f'"{key}" is not a list of spans')


def _by_label(found: Record, text: str) -> Iterator[Triple]:
    """Read spans by label and words; each is [first, last], its last character included."""
    for label, surfaces in found.items():
        if not isinstance(surfaces, dict):
            raise InputError(f'"{shorten(label)}" does not hold words with their places')
        for words, places in surfaces.items():
            for place in places if isinstance(places, list) else [places]:
                match place:
                    case [int(first), int(last)] if text[first : last + 1] == words:
                        yield jsonl.triple_in([first, last + 1, label])
                    case _:
                        where = shorten(json.dumps(place))
                        raise InputError(f'"{shorten(words)}" does not stand at {where}')


def _text_key(record: Record) -> str:
    # Some versions of doccano name the text "data".
    return "data" if "text" not in record and "data" in record else "text"


def _document(row: _Row, utf16: bool, name: str) -> Document:
    utf16 = utf16 and not _says_points(row)
    triples = jsonl.from_utf16(row.text, row.triples) if utf16 else row.triples
    known = {*_KEYS, _text_key(row.record)} | ({"offsets"} if _says_points(row) else set())
    labelled = any(row.record.get(key) is not None for key in _KEYS)
    return Document(
        text=row.text,
        tokens=tokenize(row.text),
        spans=jsonl.spans_over(row.text, triples),
        status=Status.DONE if labelled else Status.UNTOUCHED,
        name=name,
        layout={"format": "doccano", "record": _without(row.record, known)},
    )


def _without(record: Record, keys: set[str]) -> Record:
    return {key: value for key, value in record.items() if key not in keys}


def _warn_of_losses(row: _Row, document: Document, problems: Problems) -> None:
    if again := len(row.triples) - len(document.spans):
        problems.warn(row.line, f"Spans given twice come in once: {again}.", "spans given twice")
    if row.record.get("relations"):
        problems.warn(row.line, "Relations between spans are not imported.", "relations")


def _is_utf16(source: InputFile, options: Options, problems: Problems) -> bool:
    """Decide the unit of the offsets, which doccano's interface counts in UTF-16.

    Only texts with characters beyond U+FFFF can tell: the unit under which more span
    borders fall on token borders is taken, code points where it makes no difference.
    """
    unit = options.get("offsets", "auto")
    if unit not in _UNITS:
        raise InputError(f"Offsets are {', '.join(_UNITS)}, not {unit}.")
    if unit != "auto":
        return unit == "utf16"
    points = units = first = 0
    for row in _rows(source, Problems(source.name, skip_bad=True)):
        if row.triples and max(row.text) > "\uffff" and not _says_points(row):
            first = first or row.line
            points += _borders_hit(row.text, row.triples)
            units += _borders_hit(row.text, _converted(row))
    if units > points:
        problems.warn(
            first,
            "The offsets are counted in UTF-16 units and were converted: "
            f"{units:,} span borders fall between words this way, {points:,} otherwise.",
        )
    return units > points


def _says_points(row: _Row) -> bool:
    """Tell whether the line itself says that its offsets are code points, as ours do.

    Where the words of the spans are given they have been compared already.
    """
    return row.record.get("offsets") == _POINTS or any(
        isinstance(row.record.get(key), dict) for key in _KEYS
    )


def _converted(row: _Row) -> list[Triple]:
    try:
        return jsonl.from_utf16(row.text, row.triples)
    except InputError:
        return []


def _borders_hit(text: str, triples: Iterable[Triple]) -> int:
    tokens = tokenize(text)
    starts = {start for start, _ in tokens}
    ends = {end for _, end in tokens}
    return sum((start in starts) + (end in ends) for start, end, _ in triples)
