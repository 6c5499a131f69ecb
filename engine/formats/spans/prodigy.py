"""Prodigy's JSON Lines: a text with tokens, spans and an answer.

Only what was accepted is gold. A rejected or ignored task is skipped, and keeps its answer and
its spans to go out again. A task about one span alone says nothing of the rest of its text.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from engine.encoding.tokens import tokenize
from engine.formats.common import jsonl, offsets
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.jsonl import Record, Triple
from engine.formats.common.offsets import Claim, Claims, Unit
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from storage.errors import InputError
from storage.types import Document, Span, Status, Token

_MARKS = {"answer", "spans", "_input_hash", "_task_hash", "_view_id"}
# What the document itself holds.
_KEPT = {"text", "tokens", "spans"}
_SPAN = {"start", "end", "label", "token_start", "token_end"}
_WHOLE_TEXT = ("cats", "options", "accept")
_NOT_GOLD = ("reject", "ignore")


class Prodigy:
    """Prodigy JSONL. Read option ``offsets``: one of `offsets.OPTIONS`."""

    name = "prodigy"
    title = "JSON Lines (Prodigy)"
    extensions = (".jsonl", ".json")
    cannot_hold = "It does not tell documents in progress from those that nobody began."

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
        unit = offsets.unit_of(options, _telling(source), problems)
        return Reading(_rows(source, unit, problems) if unit else ())

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one task a line, as ``ner_manual`` writes them."""
        begun = 0
        for document in documents:
            task = _task(document)
            begun += document.status is Status.IN_PROGRESS and "answer" not in task
            yield (json.dumps(task, ensure_ascii=False) + "\n").encode("utf-8")
        if begun:
            problems.warn(
                0, f"Documents in progress are written as tasks without an answer: {begun:,}."
            )


def _telling(source: InputFile) -> Iterator[Claims]:
    for line, record in jsonl.telling(source):
        try:
            tokens, spans = _claims(record)
            yield Claims(line, jsonl.text_in(record), [*tokens, *spans])
        except InputError:
            continue


def _rows(source: InputFile, unit: Unit, problems: Problems) -> Iterator[Row]:
    answers: Counter[str] = Counter()
    parts = 0
    for line, record in jsonl.records(source, problems):
        try:
            document = _document(record, unit, f"{source.name}:{line}")
        except InputError as error:
            problems.drop(line, str(error), "correct the line")
            continue
        if not document.text.strip():
            problems.warn(line, "The text is blank, so the line is left out.", "blank texts")
            continue
        answers[str(record.get("answer"))] += document.status is Status.SKIPPED
        parts += document.status is Status.IN_PROGRESS
        yield line, document
    for answer, count in (+answers).items():
        message = f'Tasks answered "{answer}" come in as skipped, without spans: {count:,}.'
        problems.warn(0, message)
    if parts:
        problems.warn(
            0,
            "Accepted tasks about one span alone say nothing of the rest of their texts, so they "
            f"come in as in progress: {parts:,}.",
        )


def _document(record: Record, unit: Unit, name: str) -> Document:
    text = jsonl.text_in(record)
    status = _status(record)
    tokens, spans = _claims(record)
    placed = offsets.placed(Claims(0, text, [*tokens, *spans]), unit)
    checked = jsonl.spans_over(text, placed[len(tokens) :])
    layout: Record = {
        "format": "prodigy",
        "record": {key: value for key, value in record.items() if key not in _KEPT},
    }
    found = [place[:2] for place in placed[: len(tokens)]]
    if spans and (status is Status.SKIPPED or any(_has_more(item) for item in record["spans"])):
        layout["spans"] = _again(record["spans"], placed[len(tokens) :])
    if not tokens:
        layout["tokens"] = []
    elif not all(text[start:end].strip() for start, end in found):
        layout["tokens"] = _again(record["tokens"], placed)
    return Document(
        text=text,
        tokens=_boundaries(text, found) or tokenize(text),
        spans=() if status is Status.SKIPPED else checked,
        status=status,
        name=name,
        layout=layout,
    )


def _has_more(item: Any) -> bool:
    return isinstance(item, dict) and not item.keys() <= _SPAN


def _again(items: list[Any], placed: list[Triple]) -> list[Record]:
    """Return items as they came, with their offsets in code points."""
    found = []
    for item, (start, end, label) in zip(items, placed, strict=False):
        kept = item if isinstance(item, dict) else {}
        word = {} if "label" not in kept and "text" in kept else {"label": label}
        found.append({**kept, "start": start, "end": end, **word})
    return found


def _status(record: Record) -> Status:
    answer = record.get("answer")
    if answer in _NOT_GOLD:
        return Status.SKIPPED
    if answer not in (None, "accept"):
        raise InputError(f'The answer "{shorten(str(answer))}" is not accept, reject or ignore')
    whole = any(key in record for key in _WHOLE_TEXT) or isinstance(record.get("label"), str)
    if whole and "spans" not in record:
        raise InputError("The task labels the whole text, not spans of it")
    if answer and record.get("_is_binary") is True:
        return Status.IN_PROGRESS
    return Status.DONE if answer or record.get("spans") is not None else Status.UNTOUCHED


def _claims(record: Record) -> tuple[list[Claim], list[Claim]]:
    tokens = [_token(item) for item in _list(record, "tokens")]
    return tokens, [_span(item, tokens) for item in _list(record, "spans")]


def _token(item: object) -> Claim:
    match item:
        case {"start": int(start), "end": int(end), "text": str(word)}:
            return Claim(start, end, "token", word)
    raise InputError("A token lacks its text, start or end")


def _span(item: Any, tokens: list[Claim]) -> Claim:
    """Read a span; one without offsets is found through its tokens (the last inclusive)."""
    match item:
        case {"token_start": int(first), "token_end": int(last), "label": str(label)} if (
            "start" not in item
        ):
            if not 0 <= first <= last < len(tokens):
                raise InputError(f"The span over the tokens {first} to {last} is impossible")
            return Claim(tokens[first].start, tokens[last].end, label)
    return jsonl.claim_in(item)


def _list(record: Record, key: str) -> list[object]:
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f'"{key}" is not a list')
    return value


def _boundaries(text: str, tokens: list[Token]) -> tuple[Token, ...]:
    # spaCy counts runs of blanks as tokens; there is nothing in them to label.
    kept = tuple((start, end) for start, end in tokens if text[start:end].strip())
    ends = (0, *(end for _, end in kept))
    if any(start < before for (start, _), before in zip(kept, ends, strict=False)):
        raise InputError("The tokens are not in the order of the text")
    return kept


def _task(document: Document) -> Record:
    layout = document.layout if document.layout.get("format") == "prodigy" else {}
    text, kept = document.text, dict(layout.get("record", {}))
    before, kept_spans = kept.pop("answer", None), layout.get("spans", [])
    tokens = layout.get("tokens")
    if tokens is None:
        tokens = [
            {"text": text[a:b], "start": a, "end": b, "id": n, "ws": text[b : b + 1] == " "}
            for n, (a, b) in enumerate(document.tokens or tokenize(text))
        ]
    task = {"text": text, **kept}
    if tokens:
        task["tokens"] = tokens
    if document.status is Status.SKIPPED:
        return task | {"spans": kept_spans, "answer": before if before in _NOT_GOLD else "ignore"}
    if document.status is Status.UNTOUCHED and not document.spans:
        return task
    known = {(each["start"], each["end"], each.get("label")): each for each in kept_spans}
    task["spans"] = [
        known.get((span.start, span.end, span.label)) or _written(span, tokens)
        for span in sorted(document.spans)
    ]
    if document.status is Status.DONE or (before and kept.get("_is_binary") is True):
        task["answer"] = "accept"
    return task


def _written(span: Span, tokens: list[Record]) -> Record:
    """Write a span with the numbers of its first and last token, where it has whole ones."""
    starts = {token["start"]: number for number, token in enumerate(tokens)}
    ends = {token["end"]: number for number, token in enumerate(tokens)}
    found: Record = {"start": span.start, "end": span.end}
    if span.start in starts and span.end in ends:
        found |= {"token_start": starts[span.start], "token_end": ends[span.end]}
    return found | {"label": span.label}
