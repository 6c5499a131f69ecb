"""Rows with spans: tokens with their tags, or a text with its spans as objects."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from engine.encoding.tokens import join_tokens, tokenize
from engine.formats.common import jsonl
from engine.formats.common.problems import shorten
from engine.tasks.spans.tagging import schemes
from storage.errors import InputError
from storage.types import Document, Source, Span, Split, Status

TOKENS = ("tokens", "words", "token", "sentence_tokens")
TAGS = ("ner_tags", "tags", "ner", "ner_tag", "labels", "label", "entity_tags", "bio_tags")
TEXTS = ("text", "sentence", "content")
SPANS = ("spans", "entities", "labels", "label", "annotations")
MOST_CELL = 4 * 1024**2


def first(names: tuple[str, ...], row: Mapping[str, Any]) -> str:
    """Return the first of these names that a row has, "" for none."""
    return next((name for name in names if row.get(name) is not None), "")


def is_of_tokens(row: Mapping[str, Any]) -> bool:
    """Tell a row of tokens and tags."""
    return bool(first(TOKENS, row) and first(TAGS, row))


def document(row: Mapping[str, Any], name: str, split: Split | None) -> Document:
    """Return the document of a row; raise InputError for what cannot be one.

    Spans over a text are exact, so they are taken where there are tags besides.
    """
    text, marks = first(TEXTS, row), first(SPANS, row)
    if text and isinstance(row[text], str) and not isinstance(row.get(marks), str):
        found = _of_text(row, row[text], marks)
        used = {text, marks}
    else:
        found, used = _of_tokens(row)
    known = used | {"status", *TOKENS, *TAGS}
    content, tokens, spans, labelled = found
    status = str(row.get("status") or "")
    rest = {key: value for key, value in row.items() if key not in known}
    return Document(
        text=content,
        tokens=tokens or tokenize(content),
        spans=spans,
        status=Status(status) if status in tuple(Status) else _status(labelled),
        split=split,
        name=str(row.get("id") or "") or name,
        layout={"format": "hugging_face", "record": rest},
    )


def _status(labelled: bool) -> Status:
    return Status.DONE if labelled else Status.UNTOUCHED


_Found = tuple[str, tuple[tuple[int, int], ...], tuple[Span, ...], bool]


def _of_text(row: Mapping[str, Any], text: str, marks: str) -> _Found:
    items = row.get(marks) if marks else None
    if isinstance(items, dict):
        # A list of objects, turned into an object of lists by "datasets".
        columns = {key: value for key, value in items.items() if isinstance(value, list)}
        if len({len(value) for value in columns.values()}) > 1:
            raise InputError(f'The lists of "{marks}" do not have the same length')
        items = [
            dict(zip(columns, each, strict=True)) for each in zip(*columns.values(), strict=True)
        ]
    if items is not None and not isinstance(items, list):
        raise InputError(f'"{marks}" is no list of spans')
    triples = [jsonl.triple_in(item) for item in items or ()]
    tokens = row.get("tokens")
    words = tokens if isinstance(tokens, list) and all(isinstance(w, str) for w in tokens) else []
    return text, _placed(words, text), jsonl.spans_over(text, triples), items is not None


def _placed(words: list[str], text: str) -> tuple[tuple[int, int], ...]:
    """Return where tokens stand in a text, nothing where they are other words."""
    found, at = [], 0
    for word in words:
        start = text.find(word, at)
        if not word.strip() or start < 0 or text[at:start].strip():
            return ()
        at = start + len(word)
        found.append((start, at))
    return tuple(found)


def _of_tokens(row: Mapping[str, Any]) -> tuple[_Found, set[str]]:
    words, tags = first(TOKENS, row), first(TAGS, row)
    if not words:
        raise InputError('The row has neither a "text" nor a list of "tokens"')
    tokens = _strings(row[words], words)
    if not any(token.strip() for token in tokens):
        raise InputError(f'"{words}" holds no word')
    text, places = join_tokens(tokens)
    if not tags:
        return (text, places, (), False), {words}
    found = _strings(row[tags], tags)
    if len(found) != len(tokens):
        raise InputError(f"The row has {len(tokens)} tokens and {len(found)} tags")
    for tag in found:
        if reason := schemes.fault(tag):
            raise InputError(f'The tag "{shorten(tag)}" {reason}')
    spans = tuple(
        Span(places[begin][0], places[end - 1][1], label, source=Source.IMPORT)
        for begin, end, label in schemes.decode(found)
    )
    kept = tuple(place for place in places if text[place[0] : place[1]].strip())
    return (text, kept, spans, True), {words, tags}


def _strings(cell: Any, name: str) -> list[str]:
    value = listed(cell) if isinstance(cell, str) else cell
    if not isinstance(value, list):
        raise InputError(f'"{name}" is no list')
    if any(type(each) is int for each in value):
        raise InputError(
            f'"{name}" holds numbers that nothing names: put the dataset_info.json of the data set '
            "beside the file, or save the names"
        )
    if not all(isinstance(each, str) for each in value):
        raise InputError(f'"{name}" holds something other than words')
    return value


def listed(cell: str) -> Any:
    """Read a list as JSON or as Python writes it (AutoTrain); raise InputError."""
    written = cell.strip()
    if len(written) > MOST_CELL or not written.startswith("["):
        raise InputError(f'"{shorten(written)}" is no list of words')
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(written)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError) as error:
        raise InputError(f'"{shorten(written)}" is no list of words') from error
