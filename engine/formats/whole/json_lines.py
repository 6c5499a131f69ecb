"""JSON: an object a line, a list of objects, or lists by split, each a text with its label.

doccano's classification is read here, too, whatever its version calls the labels, and spaCy's
``cats``. CLINC150 is ``{"train": [[text, intent], …], "oos_train": …}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.formats.common import json_values, jsonl
from engine.formats.common.base import Options, Reading
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.common.splits import split_in
from engine.formats.whole import filling, records
from engine.formats.whole.choosing import Columns
from engine.formats.whole.records import Row
from storage.errors import InputError
from storage.types import Document, Split

_TEXT, _SECOND, _LABEL = "text", "second_text", "label"


@dataclass(frozen=True, slots=True)
class JsonLines:
    """JSON Lines, or one JSON list. Options: those of `choosing.OPTIONS`."""

    shape: Shape
    name: str = "jsonl"
    title: str = "JSON or JSON Lines"
    extensions: tuple[str, ...] = (".jsonl", ".json", ".ndjson")
    cannot_hold: str = ""

    def sniff(self, source: InputFile) -> float:
        """Accept what looks like JSON, where no other format knows it better."""
        if jsonl.sniff_record(source) is not None:
            return 0.85
        return 0.8 * jsonl.looks_like_json(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each object."""
        rows = _rows(source, self.shape, problems)
        return records.read(rows, None, self.shape, options, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one line a document: as it came, where it came in one and nobody edited it."""
        for document in documents:
            yield _line(document, self.shape)


@dataclass(frozen=True, slots=True)
class Doccano:
    """doccano JSONL, read as any JSON Lines; its ``label`` is a list also where it has one."""

    shape: Shape
    name: str = "doccano"
    title: str = "JSON Lines (doccano)"
    extensions: tuple[str, ...] = (".jsonl", ".json")
    cannot_hold: str = ""

    def sniff(self, source: InputFile) -> float:
        """Leave it to `JsonLines`, which reads the same."""
        return 0.0

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read texts with their labels, whatever doccano's version calls them."""
        return JsonLines(self.shape).read(source, options, problems)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one line a document under doccano's names."""
        for document in documents:
            record = filling.common(document, self.shape, lambda names, before, columns: names)
            for usual in filling.common_columns(self.shape).labels:
                record = {"label" if key == usual else key: v for key, v in record.items()}
            yield (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8")


def _line(document: Document, shape: Shape) -> bytes:
    written = document.layout.get("written")
    record = None
    if filling.has_own(document, ("jsonl",)):
        try:
            filled = filling.own(document, shape, _cell(shape))
        except InputError:
            # A label without a column of its own: the line gets the names of every file.
            pass
        else:
            if filled.as_it_came and written:
                return f"{written}\n".encode()
            record = filled.record
    record = record or filling.common(document, shape, _cell(shape))
    return (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8")


def _cell(shape: Shape) -> filling.LabelCell:
    """Return how labels stand in JSON: one as a string, several or none as a list."""

    def cell(names: Sequence[str], before: Any, columns: Columns) -> Any:
        if isinstance(before, dict) and before and "choices" not in before:
            return {name: float(name in names) for name in [*before, *names]}
        if shape.several or isinstance(before, list) or not names:
            return list(names)
        return names[0]

    return cell


def _rows(source: InputFile, shape: Shape, problems: Problems) -> Iterator[Row]:
    if not jsonl.is_one_value(source.head):
        for line, record, written in jsonl.entries(source, problems):
            yield Row(line, record, layout={"format": "jsonl", **_spelling(record, written)})
        return
    in_list = source.head.lstrip().startswith("[")
    for line, value in json_values.stream(source, problems):
        if (
            not in_list
            and isinstance(value, dict)
            and any(isinstance(each, list) for each in value.values())
        ):
            for key, items in value.items():
                yield from _items(items, shape, problems, key)
        else:
            yield from _item(line, value, shape, problems)


def _spelling(record: Mapping[str, Any], line: str) -> dict[str, str]:
    """Return the line where it is not what `JsonLines` would write."""
    return {} if json.dumps(record, ensure_ascii=False) == line else {"written": line}


def _items(items: Any, shape: Shape, problems: Problems, part: str) -> Iterator[Row]:
    """Yield the items of a list that is whole, or that stands under the name of a split."""
    split = split_in(part)
    if not isinstance(items, list):
        problems.warn(0, f'"{shorten(part)}" holds no list, so it is left out.')
        return
    for number, item in enumerate(items, 1):
        yield from _item(number, item, shape, problems, split, f' of "{shorten(part)}"')


def _item(
    number: int,
    item: Any,
    shape: Shape,
    problems: Problems,
    split: Split | None = None,
    where: str = "",
) -> Iterator[Row]:
    record = _record(item, shape)
    if record is None:
        problems.drop(number, f"Item {number}{where} is no object and no text with its label")
    else:
        yield Row(number, record, split, {"format": "jsonl"})


def _record(item: Any, shape: Shape) -> Mapping[str, Any] | None:
    """Return an object, or one made of a list of one or two texts and a label."""
    if isinstance(item := jsonl.opened(item), dict):
        return item
    names = (_TEXT, _SECOND, _LABEL) if shape.second else (_TEXT, _LABEL)
    if isinstance(item, str):
        item = [item]
    if not isinstance(item, list) or not 1 <= len(item) <= len(names):
        return None
    return dict(zip(names, item, strict=False))
