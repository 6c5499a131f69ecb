"""Records of JSON: one object a line, or a list of objects; and the spans inside of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.formats.common import json_values
from engine.formats.common.json_values import Record
from engine.formats.common.offsets import Claim
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile, lines_of
from storage.errors import InputError
from storage.types import Source, Span

Triple = tuple[int, int, str]

_BLANK = " \t\r"
_EXTENSIONS = (".jsonl", ".json", ".ndjson")
_LIST_OF_OBJECTS = re.compile(r"\s*\[\s*(?=\{)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def sniff_record(source: InputFile) -> Record | None:
    """Return the first record if the file begins like JSON Lines or a list, else None."""
    first = next((line for line in source.head.split("\n") if line.strip(_BLANK)), "")
    try:
        return json_values.parse(first)
    except InputError:
        return _first_in_list(source.head)


def _first_in_list(head: str) -> Record | None:
    if not (match := _LIST_OF_OBJECTS.match(head)):
        return None
    try:
        return json.JSONDecoder().raw_decode(head, match.end())[0]
    except (ValueError, RecursionError):
        # Broken, or longer than the head: whoever reads it says so.
        return None


def looks_like_json(source: InputFile) -> bool:
    """Tell JSON that cannot be read here (an array, a broken line) from a plain text."""
    head = source.head.lstrip(_BLANK + "\n")
    if source.name.lower().endswith(_EXTENSIONS):
        return head.startswith(("{", "["))
    return head.startswith(('{"', "{'", "[{", "[\n", "[\r", "{\n"))


def records(source: InputFile, problems: Problems) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) of every good object; bad lines go to ``problems``."""
    return ((line, record) for line, record, _ in entries(source, problems))


def entries(source: InputFile, problems: Problems) -> Iterator[tuple[int, Record, str]]:
    """Yield likewise with the line as it is written, "" where objects are no lines."""
    if is_one_value(source.head):
        for line, value in json_values.stream(source, problems):
            if isinstance(value := opened(value), dict):
                yield line, value, ""
            else:
                problems.drop(line, "The item is not a JSON object in braces", "correct the item")
        return
    for number, ended in enumerate(lines_of(source, problems), 1):
        written = ended.removesuffix("\n")
        if not written.strip(_BLANK):
            continue
        try:
            record = json_values.parse(written)
        except InputError as error:
            problems.drop(number, str(error), "correct the line")
            continue
        yield number, record, written


def opened(value: Any) -> Any:
    """Return a text and what is said of it as one object: spaCy 2's tutorials train on pairs."""
    match value:
        case [str(text), dict(said)]:
            return {"text": text, **said}
    return value


def telling(source: InputFile) -> Iterator[tuple[int, Record]]:
    """Yield the good objects whose texts may be counted in more than one way; of lists, all.

    For a first pass that decides what offsets count: most lines need not be parsed for it.
    """
    quiet = Problems(source.name, skip_bad=True)
    if is_one_value(source.head):
        yield from records(source, quiet)
        return
    for number, line in enumerate(lines_of(source, quiet), 1):
        if line.isascii() and "\\" not in line:
            continue
        try:
            yield number, json_values.parse(line.removesuffix("\n"))
        except InputError:
            continue


def is_one_value(text: str) -> bool:
    """Tell a list, or objects over many lines, from objects line by line, by how they begin."""
    return text.lstrip(_BLANK + "\n").startswith(("[", "{\n", "{\r\n"))


def text_in(record: Record, key: str = "text") -> str:
    """Return the record's text; raise InputError where it has none."""
    if isinstance(value := record.get(key), str):
        return value
    raise InputError(f'The line has no "{key}"')


def claim_in(item: Any) -> Claim:
    """Read a span likewise, with the words that an object may give; raise InputError."""
    start, end, label = triple_in(item)
    words = item.get("text") if isinstance(item, Mapping) else None
    return Claim(start, end, label, words if isinstance(words, str) else None)


def triple_in(item: Any) -> Triple:
    """Read a span written as [start, end, label] or as an object; raise InputError."""
    whole = isinstance(item, Mapping) and not {"start", "start_offset"} & item.keys()
    if isinstance(item, str) or whole:
        raise InputError(f"{shorten(json.dumps(item))} labels the whole text, not a span of it")
    if isinstance(item, Mapping):
        start = item.get("start_offset", item.get("start"))
        end = item.get("end_offset", item.get("end"))
        label = item.get("label", item.get("labels", item.get("type")))
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
