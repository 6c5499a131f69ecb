"""Prodigy's JSON Lines: a text with tokens, spans and an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.encoding.tokens import tokenize
from engine.formats.common import jsonl
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.jsonl import Record, Triple
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from storage.errors import InputError
from storage.types import Document, Status, Token

_MARKS = {"answer", "spans", "_input_hash", "_task_hash", "_view_id"}
# What the document itself holds.
_KEPT = {"text", "tokens", "spans"}
_WHOLE_TEXT = ("cats", "options", "accept")


class Prodigy:
    """Prodigy JSONL: accepted tasks are gold, rejected and ignored ones are skipped."""

    name = "prodigy"
    title = "JSON Lines (Prodigy)"
    extensions = (".jsonl", ".json")

    def sniff(self, source: InputFile) -> float:
        """Ask for an object with a text and one of the keys that only Prodigy writes."""
        record = jsonl.sniff_record(source)
        if record is None or "text" not in record:
            return 0.0
        tokens = record.get("tokens")
        objects = isinstance(tokens, list) and tokens and isinstance(tokens[0], dict)
        return 0.95 if objects or _MARKS & record.keys() else 0.0

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read tasks as documents, with Prodigy's own tokens where it kept them."""
        return Reading(_rows(source, problems))


def _rows(source: InputFile, problems: Problems) -> Iterator[Row]:
    answers: Counter[str] = Counter()
    for line, record in jsonl.records(source, problems):
        try:
            document = _document(record, f"{source.name}:{line}", line, problems)
        except InputError as error:
            problems.drop(line, str(error), "correct the line")
            continue
        if not document.text.strip():
            problems.warn(line, "The text is blank, so the line is left out.", "blank texts")
            continue
        answers[str(record.get("answer"))] += document.status is Status.SKIPPED
        yield line, document
    for answer, count in (+answers).items():
        message = f'Tasks answered "{answer}" come in as skipped, without spans: {count:,}.'
        problems.warn(0, message)


def _document(record: Record, name: str, line: int, problems: Problems) -> Document:
    text = jsonl.text_in(record)
    status = _status(record)
    tokens, spans = _tokens(record), [_triple(item, record) for item in _list(record, "spans")]
    if not _agree(text, tokens):
        tokens, spans = jsonl.from_utf16(text, tokens), jsonl.from_utf16(text, spans)
        if not _agree(text, tokens):
            raise InputError("The tokens are not the words at their offsets in the text")
        problems.warn(line, "The offsets are in UTF-16 units and were converted.", "UTF-16 units")
    checked = jsonl.spans_over(text, spans)
    rest = {key: value for key, value in record.items() if key not in _KEPT}
    return Document(
        text=text,
        tokens=_boundaries(tokens) or tokenize(text),
        spans=() if status is Status.SKIPPED else checked,
        status=status,
        name=name,
        layout={"format": "prodigy", "record": rest},
    )


def _status(record: Record) -> Status:
    answer = record.get("answer")
    if answer in ("reject", "ignore"):
        return Status.SKIPPED
    if answer not in (None, "accept"):
        raise InputError(f'The answer "{shorten(str(answer))}" is not accept, reject or ignore')
    whole = any(key in record for key in _WHOLE_TEXT) or isinstance(record.get("label"), str)
    if whole and "spans" not in record:
        raise InputError("The task labels the whole text, not spans of it")
    return Status.DONE if answer or record.get("spans") is not None else Status.UNTOUCHED


def _tokens(record: Record) -> list[tuple[int, int, str]]:
    tokens = []
    for item in _list(record, "tokens"):
        match item:
            case {"start": int(start), "end": int(end), "text": str(word)}:
                tokens.append((start, end, word))
            case _:
                raise InputError("A token lacks its text, start or end")
    return tokens


def _triple(item: Any, record: Record) -> Triple:
    """Read a span; one without offsets is found through its tokens (the last inclusive)."""
    match item:
        case {"token_start": int(first), "token_end": int(last), "label": str(label)} if (
            "start" not in item
        ):
            tokens = _tokens(record)
            if not 0 <= first <= last < len(tokens):
                raise InputError(f"The span over the tokens {first} to {last} is impossible")
            return tokens[first][0], tokens[last][1], label
    return jsonl.triple_in(item)


def _list(record: Record, key: str) -> list[object]:
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f'"{key}" is not a list')
    return value


def _agree(text: str, tokens: list[tuple[int, int, str]]) -> bool:
    # A slice is silent about an end beyond the text.
    return all(
        0 <= start <= end <= len(text) and text[start:end] == word for start, end, word in tokens
    )


def _boundaries(tokens: list[tuple[int, int, str]]) -> tuple[Token, ...]:
    # spaCy counts runs of blanks as tokens; there is nothing in them to label.
    kept = tuple((start, end) for start, end, word in tokens if word.strip())
    ends = (0, *(end for _, end in kept))
    if any(start < before for (start, _), before in zip(kept, ends, strict=False)):
        raise InputError("The tokens are not in the order of the text")
    return kept
