"""JSON Lines: one object a line, read strictly, and the spans inside it.

Python's parser accepts NaN, lets the last of two equal keys win, reads lone surrogates
and gives up on deep nesting with a RecursionError; all of these are bad rows here.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from math import isinf
from typing import Any

from engine.formats.common.base import InputFile, Problems, shorten
from storage.errors import InputError
from storage.types import Source, Span

Record = dict[str, Any]
Triple = tuple[int, int, str]

_BLANK = " \t\r"
_EXTENSIONS = (".jsonl", ".json", ".ndjson")
# A NUL as JSON writes it; a backslash before the "u" that is itself escaped is none.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def sniff_record(source: InputFile) -> Record | None:
    """Return the first record if the file begins like JSON Lines, else None."""
    first = next((line for line in source.head.split("\n") if line.strip(_BLANK)), "")
    try:
        return parse(first)
    except InputError:
        return None


def looks_like_json(source: InputFile) -> bool:
    """Tell JSON that cannot be read here (an array, a broken line) from a plain text."""
    head = source.head.lstrip(_BLANK + "\n")
    if source.name.lower().endswith(_EXTENSIONS):
        return head.startswith(("{", "["))
    return head.startswith(('{"', "{'", "[{", "[\n", "[\r", "{\n"))


def records(text: str, problems: Problems) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) of every good line; bad lines go to ``problems``."""
    text = text.removeprefix("\ufeff")
    if is_one_value(text):
        message = "The file is one JSON value over many lines; save it as one object a line."
        problems.refuse(message, 1)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip(_BLANK):
            continue
        try:
            record = parse(line)
        except InputError as error:
            problems.drop(number, str(error), "correct the line")
            continue
        yield number, record


def is_one_value(text: str) -> bool:
    """Tell a file of one JSON value, over one line or many, from objects line by line."""
    return text.lstrip(_BLANK + "\n").startswith(("[", "{\n", "{\r\n"))


def parse(line: str) -> Record:
    """Parse one line as a JSON object; raise InputError that says what is wrong and where."""
    record = value(line)
    if not isinstance(record, dict):
        raise InputError("The line is not a JSON object in braces")
    return record


def value(line: str) -> Any:
    """Parse JSON of any kind; raise InputError that says what is wrong and where."""
    try:
        record = json.loads(
            line,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
        if "\\u" in line:
            _refuse_odd_characters(json.dumps(record, ensure_ascii=False))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column" if error.lineno > 1 else "column"
        message = f"The JSON is broken at {where} {error.colno} ({error.msg})"
        raise InputError(message) from error
    except RecursionError as error:
        raise InputError("The JSON is nested too deeply") from error
    except ValueError as error:
        # An integer of thousands of digits.
        raise InputError("The JSON holds a number that is too long") from error
    return record


def text_in(record: Record, key: str = "text") -> str:
    """Return the record's text; raise InputError where it has none."""
    if isinstance(value := record.get(key), str):
        return value
    raise InputError(f'The line has no "{key}"')


def triple_in(item: Any) -> Triple:
    """Read a span written as [start, end, label] or as an object; raise InputError."""
    whole = isinstance(item, Mapping) and not {"start", "start_offset"} & item.keys()
    if isinstance(item, str) or whole:
        raise InputError(f"{shorten(json.dumps(item))} labels the whole text, not a span of it")
    if isinstance(item, Mapping):
        start = item.get("start_offset", item.get("start"))
        end = item.get("end_offset", item.get("end"))
        label = item.get("label", item.get("labels"))
        # Label Studio lists the labels of a span.
        label = label[0] if isinstance(label, list) and len(label) == 1 else label
    elif isinstance(item, list) and len(item) == 3:
        start, end, label = item
    else:
        raise InputError(f"{shorten(json.dumps(item))} is not a span [start, end, label]")
    if type(start) is not int or type(end) is not int:
        raise InputError(f"The span {shorten(json.dumps(item))} needs whole numbers as offsets")
    # Old doccano exports name labels by their number in its database.
    name = str(label) if type(label) is int else label
    if not isinstance(name, str) or not name.strip() or _CONTROL.search(name):
        raise InputError(f"The span {start}–{end} has no label of printable characters")
    return start, end, name


def spans_over(text: str, triples: Iterable[Triple]) -> tuple[Span, ...]:
    """Check offsets in code points and return each distinct span once; raise InputError."""
    spans = {}
    for start, end, label in triples:
        if not 0 <= start < end <= len(text):
            reason = f"the text has {len(text)} characters" if start < end else "it is empty"
            raise InputError(f"The span {start}–{end} ({shorten(label)}) is impossible: {reason}")
        spans[start, end, label] = Span(start, end, label, source=Source.IMPORT)
    return tuple(sorted(spans.values()))


def from_utf16(text: str, triples: Iterable[Triple]) -> list[Triple]:
    """Turn offsets in UTF-16 code units into code points; raise InputError inside a pair."""
    units = [0, *accumulate(1 + (char > "\uffff") for char in text)]
    return [(_point(units, start), _point(units, end), label) for start, end, label in triples]


def _point(units: list[int], offset: int) -> int:
    if offset > units[-1]:
        # Beyond the end stays beyond the end, for the message that follows.
        return len(units) - 1 + offset - units[-1]
    point = bisect_left(units, offset)
    if units[point] != offset:
        raise InputError(f"The offset {offset} is inside a character of two UTF-16 units")
    return point


def _refuse_constant(name: str) -> None:
    raise InputError(f"{name} is not a JSON value")


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise InputError(f"The number {shorten(digits)} is too large")
    return number


def _refuse_odd_characters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError("The line has half of a surrogate pair, which is no character") from error
    if _NUL.search(text):
        raise InputError("The line has a NUL character")


def _unique(pairs: list[tuple[str, object]]) -> Record:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputError(f'The key "{shorten(twice)}" is there twice')
    return record
