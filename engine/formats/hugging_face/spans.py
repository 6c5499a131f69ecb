"""Rows with spans: tokens with their tags, or a text with its spans as objects."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.encoding.tokens import join_tokens, tokenize
from engine.formats.common import jsonl
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.splits import split_called
from engine.tasks.spans.tagging import schemes
from storage.errors import InputError
from storage.types import Document, Source, Span, Split, Status

TOKENS = ("tokens", "words", "token", "sentence_tokens")
TAGS = ("ner_tags", "tags", "ner", "ner_tag", "labels", "label", "entity_tags", "bio_tags")
# What else holds tags where it is a list as long as that of the words.
_ENTITIES = "entities"
TEXTS = ("text", "sentence", "content")
SPANS = ("spans", "entities", "labels", "label", "annotations")
MOST_CELL = 4 * 1024**2


def first(names: tuple[str, ...], row: Mapping[str, Any]) -> str:
    """Return the first of these names that a row has, "" for none."""
    return next((name for name in names if row.get(name) is not None), "")


def is_of_tokens(row: Mapping[str, Any]) -> bool:
    """Tell a row of tokens and tags."""
    return bool(first(TOKENS, row) and _tags_of(row))


def tags_its_words(row: Mapping[str, Any]) -> bool:
    """Tell a row of a list of words and a list of as many tags, whether of names or numbers."""
    words, tags = row.get(first(TOKENS, row)), row.get(_tags_of(row))
    return (
        isinstance(words, list)
        and isinstance(tags, list)
        and len(words) == len(tags) > 0
        and (all(map(_is_tag, tags)) or all(type(each) is int for each in tags))
    )


def document(
    row: Mapping[str, Any], split: Split | None, line: int, problems: Problems
) -> Document:
    """Return the document of a row; raise InputError for what cannot be one.

    ``split`` is what the file's name says; where that says nothing, a column may.
    Spans over a text are exact, so they are taken where there are tags besides.
    """
    text, marks = first(TEXTS, row), first(SPANS, row)
    if not text or not isinstance(row[text], str) or isinstance(row.get(marks), str):
        found, used = _of_tokens(row)
    elif tags_its_words(row) and (not marks or marks == _tags_of(row)):
        found, used = _of_tokens(row)
        if inside := _within(found, row[text]):
            found, used = inside, used | {text}
        else:
            message = "The words are not those of the text, so they are taken in its place."
            problems.warn(line, message, "words in place of texts")
    else:
        found, used = _of_text(row, row[text], marks), {text, marks}
    said = split_called(row["split"]) if isinstance(row.get("split"), str) else None
    known = (used | {"status", *TOKENS, *TAGS}) - ({_ENTITIES} - used)
    known |= {"split"} if said else set()
    group = row.get("group")
    known |= {"group"} if isinstance(group, str) else set()
    content, tokens, spans, labelled = found
    status = str(row.get("status") or "")
    rest = {key: value for key, value in row.items() if key not in known}
    return Document(
        text=content,
        tokens=tokens or tokenize(content),
        spans=spans,
        status=Status(status) if status in tuple(Status) else _status(labelled),
        split=split or said,
        group=group if isinstance(group, str) else "",
        name=_name(row) or f"{problems.file}:{line}",
        layout={"format": "hugging_face", "record": rest},
    )


def _tags_of(row: Mapping[str, Any]) -> str:
    """Return the name of the column of tags, "" for none."""
    return first(TAGS, row) or _ENTITIES * isinstance(row.get(_ENTITIES), list)


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, str) and not schemes.fault(tag)


def _name(row: Mapping[str, Any]) -> str:
    # A number with a point has lost the digits that told one row from the next.
    return str(row["id"]) if isinstance(row.get("id"), str | int) and row["id"] != "" else ""


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


def _within(found: _Found, text: str) -> _Found | None:
    """Return tagged words as spans of the text they are of, None where it has other words."""
    joined, places, spans, labelled = found
    moved = _placed([joined[start:end] for start, end in places], text)
    if not moved or text[moved[-1][1] :].strip():
        return None
    starts = {old[0]: new[0] for old, new in zip(places, moved, strict=True)}
    ends = {old[1]: new[1] for old, new in zip(places, moved, strict=True)}
    inside = tuple(replace(span, start=starts[span.start], end=ends[span.end]) for span in spans)
    return text, moved, inside, labelled


def _of_tokens(row: Mapping[str, Any]) -> tuple[_Found, set[str]]:
    words, tags = first(TOKENS, row), _tags_of(row)
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
