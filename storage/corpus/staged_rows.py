"""The rows of staged documents: how they lie in a stage's database, and as documents again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from storage.types import Document, Source, Span, Split, Status

# Other names than those of a project's tables, beside which they stand while it takes them in.
TABLES = """
CREATE TABLE staged (
    n INTEGER PRIMARY KEY, file INTEGER, line INTEGER, name TEXT, split TEXT, group_name TEXT,
    text_hash TEXT, second_hash TEXT, layout TEXT, text TEXT, second_text TEXT, date TEXT,
    boundaries TEXT, status TEXT, annotation INTEGER
);
CREATE TABLE staged_answers (n INTEGER, annotator TEXT, status TEXT, spans TEXT);
CREATE TABLE staged_spans (
    annotation INTEGER, uid TEXT, start INTEGER, "end" INTEGER, label INTEGER, source TEXT,
    score REAL
);
CREATE TABLE seen (
    hash BLOB PRIMARY KEY, file INTEGER, line INTEGER, split TEXT
) WITHOUT ROWID;
"""
COLUMNS = 15
"""How many a document has."""


class Place(NamedTuple):
    """Where a document stands: the number of its file, from 0, and the line, from 1."""

    file: int
    line: int


class Repeated(NamedTuple):
    """A document equal to one before it, or to one of the project (None).

    It ``leaks`` where one of the two is to learn from and the other to measure on.
    """

    place: Place
    of: Place | None
    is_pair: bool
    leaks: bool = False


def source(span: Span) -> str:
    """Return who made a span, as the project will say."""
    # What a person made elsewhere came by the import.
    return str(Source.IMPORT if span.source == Source.PERSON else span.source)


def span(row: Sequence[Any], names: Sequence[str]) -> Span:
    """Return the span of a row; ``names`` are the labels by number."""
    _, uid, start, end, label, made_by, score = row
    return Span(start, end, names[label], uid, Source(made_by), score)


def document(row: Sequence[Any], spans: tuple[Span, ...]) -> Document:
    """Return the document of a row."""
    flat = json.loads(row[12])
    return Document(
        name=row[3],
        split=Split(row[4]) if row[4] else None,
        group=row[5],
        layout=json.loads(row[8]),
        text=row[9],
        second_text=row[10],
        date=row[11],
        tokens=tuple(zip(flat[::2], flat[1::2], strict=True)),
        status=Status(row[13]),
        spans=spans,
    )


def differ(one: str | None, other: str | None) -> bool:
    """Tell whether of two splits one is to learn from and the other to measure on."""
    measured = (Split.DEV, Split.TEST)
    return (one in measured) != (other in measured)
