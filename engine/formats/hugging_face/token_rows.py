"""Tokens and tags in rows of JSON or CSV: AutoTrain, ``run_ner.py``, ``to_json`` of a data set.

A CSV file has its lists as Python writes them: "['I', 'love', 'Paris']".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.formats.common import csv_rows, jsonl
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from engine.formats.hugging_face import spans
from engine.formats.spacy import cutting
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.schemes import Scheme
from storage.errors import InputError
from storage.types import Document, Status


class TokenRows:
    """A row for each document, with its tokens and their tags."""

    name = "token_rows"
    title = "Tokens and tags in rows (AutoTrain)"
    extensions = (".jsonl", ".json", ".csv")
    cannot_hold = (
        "It has no place for blanks between words, overlapping spans, splits, groups, dates, and "
        "who gave a label."
    )

    def sniff(self, source: InputFile) -> float:
        """Ask for a first row with a list of words and tags; beside a text, as many."""
        record = jsonl.sniff_record(source)
        if record is not None:
            words = record.get(spans.first(spans.TOKENS, record))
            fits = "text" not in record or spans.tags_its_words(record)
            return 0.97 * (_are_words(words) and spans.is_of_tokens(record) and fits)
        return 0.97 * _is_table(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each row."""
        found = _table(source, problems) if _is_table(source) else jsonl.records(source, problems)
        return Reading(_documents(found, problems))

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield an object a line, as AutoTrain takes it."""
        for document in documents:
            yield (json.dumps(_row(document, problems), ensure_ascii=False) + "\n").encode("utf-8")


def _are_words(cell: Any) -> bool:
    return isinstance(cell, list) and all(isinstance(each, str) for each in cell)


def _is_table(source: InputFile) -> bool:
    rows = csv_rows.sample(source.head, ",")
    if len(rows) < 2 or len(rows[0]) != len(rows[1]):
        return False
    row = dict(zip(rows[0], rows[1], strict=True))
    lists = (row.get(spans.first(names, row), "") for names in (spans.TOKENS, spans.TAGS))
    return spans.is_of_tokens(row) and all(cell.lstrip().startswith("[") for cell in lists)


def _table(source: InputFile, problems: Problems) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = csv_rows.rows(source, ",", problems)
    head = next(rows, None)
    for row in rows if head else ():
        assert head
        if len(row.cells) != len(head.cells):
            message = f"The row has {len(row.cells)} cells where the head has {len(head.cells)}"
            problems.drop(row.line, message, "quote cells that hold the delimiter")
        else:
            yield row.line, dict(zip(head.cells, row.cells, strict=True))


def _documents(found: Iterable[tuple[int, Mapping[str, Any]]], problems: Problems) -> Iterator[Row]:
    for line, row in found:
        try:
            yield line, spans.document(row, None, line, problems)
        except InputError as error:
            problems.drop(line, str(error), "correct the row")


def _row(document: Document, problems: Problems) -> dict[str, list[str]]:
    text = document.text
    tokens = cutting.cut(document, document.spans)
    kept, places = cutting.places(document.spans, tokens)
    for span in sorted(set(document.spans) - set(kept)):
        problems.warn(
            0,
            f"In {document.name or document.id}, the span "
            f'"{shorten(text[span.start : span.end])}" ({span.label}) overlaps another span and is '
            "left out.",
        )
    placed = [(*place, span.label) for span, place in zip(kept, places, strict=True)]
    tags = schemes.encode(placed, len(tokens), Scheme.IOB2)
    words = [text[start:end] for start, end in tokens]
    pairs = [(w, t) for w, t in zip(words, tags, strict=True) if w.strip() or t != "O"]
    row = {"tokens": [word for word, _ in pairs], "tags": [tag for _, tag in pairs]}
    silent = document.status is Status.UNTOUCHED and not document.spans
    return {"tokens": row["tokens"]} if silent else row
