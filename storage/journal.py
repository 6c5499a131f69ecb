"""What an edit means, without a database: operations, their inverses, undo and redo.

An operation is a JSON object as the tagger sends it: ``seq``, ``base_revision``, ``kind``
and what the kind needs. ``apply`` is the only place that decides whether an edit is good.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from storage.errors import RefusedError
from storage.types import Source, Span, Status

Operation = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """One annotator's work on a document. ``spans`` maps the client's span ids to spans."""

    revision: int = 0
    status: Status = Status.UNTOUCHED
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An applied operation: its name ("client:seq"), what it took back or repeated, its inverse."""

    op: str
    undoes: str | None = None
    redoes: str | None = None
    inverse: Operation = field(default_factory=dict)
    row: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What an edit is checked against."""

    text: str
    labels: Collection[str]
    allow_overlaps: bool = False


def apply(state: State, operation: Operation, rules: Rules) -> tuple[State, dict[str, Any]]:
    """Return the state after an operation, and the operation that takes it back.

    The inverse has no ``seq`` and no ``base_revision``; whoever sends it adds them.
    Raises RefusedError with the reason where the edit would damage data.
    """
    step = _STEPS.get(operation.get("kind"))
    if step is None:
        raise RefusedError(f"There is no edit called {operation.get('kind')!a}: reload the page.")
    spans, inverse = step(state, operation, rules)
    # The old status is always named, so that taking back is exact whatever the defaults say.
    inverse = inverse | {"status": str(state.status)}
    return State(state.revision + 1, _status_after(state, operation), spans), inverse


def stacks(entries: Iterable[JournalEntry]) -> tuple[list[JournalEntry], list[JournalEntry]]:
    """Return what can be undone and redone after these entries, the next one last.

    A new edit empties the redo stack, as everywhere. An entry on the redo stack bears the
    name of the operation that was undone, and the inverse of the one that undid it.
    """
    undo: list[JournalEntry] = []
    redo: list[JournalEntry] = []
    # An edit keeps its first name through any number of undos and redos.
    first: dict[str, str] = {}
    for entry in entries:
        target = entry.undoes or entry.redoes
        name = first.get(target, target)
        if entry.undoes and _take(undo, name, first):
            first[entry.op] = name
            redo.append(replace(entry, op=entry.undoes))
            continue
        if entry.redoes and _take(redo, name, first):
            first[entry.op] = name
        else:
            redo.clear()
        undo.append(entry)
    return undo, redo


def clean(operation: Operation) -> dict[str, Any]:
    """Return an operation with the fields that its kind has and no others.

    Raises RefusedError where a field that every operation has is not what it should be.
    """
    kind = operation.get("kind")
    own = _FIELDS.get(kind) if isinstance(kind, str) else None
    if own is None:
        raise RefusedError(f"There is no edit called {kind!a}: reload the page.")
    base = operation.get("base_revision")
    if not _is_whole(base) or base < 0:
        raise RefusedError("The edit does not say what it was made on: reload the page.")
    for key in ("at", "undoes", "redoes"):
        if operation.get(key) is not None and not _is_short(operation[key]):
            raise RefusedError(f"The edit's field {key!a} is not a short text: reload the page.")
    fields = {key: operation[key] for key in (*_COMMON, *own) if key in operation}
    if isinstance(fields.get("span"), Mapping):
        span = fields["span"]
        fields["span"] = {key: span[key] for key in _SPAN_FIELDS if key in span}
    return fields


def span_from(fields: Any, rules: Rules) -> Span:
    """Return the span that an operation describes; raises RefusedError."""
    if not isinstance(fields, Mapping):
        raise RefusedError("The edit names no span: reload the page.")
    start, end = _range(fields, rules)
    return Span(
        start, end, _label(fields, rules), _span_id(fields), _source(fields), _score(fields)
    )


def as_fields(span: Span, text: str) -> dict[str, Any]:
    """Return a span as the JSON object of an ``add`` operation."""
    return {
        "id": span.id,
        "start": span.start,
        "end": span.end,
        "label": span.label,
        "quote": text[span.start : span.end],
        "source": str(span.source),
        "score": span.score,
    }


def _add(state: State, operation: Operation, rules: Rules):
    span = span_from(operation.get("span"), rules)
    if span.id in state.spans:
        raise RefusedError("This span is there already: nothing was changed.")
    _check_place(state, span, rules)
    return {**state.spans, span.id: span}, {"kind": "remove", "id": span.id}


def _remove(state: State, operation: Operation, rules: Rules):
    span = _existing(state, operation)
    spans = {id: other for id, other in state.spans.items() if id != span.id}
    return spans, {"kind": "add", "span": as_fields(span, rules.text)}


def _relabel(state: State, operation: Operation, rules: Rules):
    span = _existing(state, operation)
    changed = replace(span, label=_label(operation, rules))
    _check_place(state, changed, rules)
    return {**state.spans, span.id: changed}, {
        "kind": "relabel",
        "id": span.id,
        "label": span.label,
    }


def _move(state: State, operation: Operation, rules: Rules):
    span = _existing(state, operation)
    start, end = _range(operation, rules)
    changed = replace(span, start=start, end=end)
    _check_place(state, changed, rules)
    back = {"id": span.id, "start": span.start, "end": span.end}
    quote = rules.text[span.start : span.end]
    return {**state.spans, span.id: changed}, {"kind": "move", **back, "quote": quote}


def _set_status(state: State, operation: Operation, rules: Rules):
    if "status" not in operation:
        raise RefusedError("The edit names no status: reload the page.")
    return state.spans, {"kind": "status"}


_STEPS = {
    "add": _add,
    "remove": _remove,
    "relabel": _relabel,
    "move": _move,
    "status": _set_status,
}
_FIELDS = {
    "add": ("span",),
    "remove": ("id",),
    "relabel": ("id", "label"),
    "move": ("id", "start", "end", "quote"),
    "status": (),
}
_COMMON = ("seq", "base_revision", "kind", "at", "undoes", "redoes", "status")
_SPAN_FIELDS = ("id", "start", "end", "label", "quote", "source", "score")


def _status_after(state: State, operation: Operation) -> Status:
    wanted = operation.get("status")
    if wanted is not None:
        if wanted not in tuple(Status):
            raise RefusedError(f"There is no status {wanted!a}: reload the page.")
        return Status(wanted)
    return Status.IN_PROGRESS if state.status == Status.UNTOUCHED else state.status


def _check_place(state: State, span: Span, rules: Rules) -> None:
    for other in state.spans.values():
        apart = other.end <= span.start or span.end <= other.start
        if apart or other.id == span.id:
            continue
        if other == span:
            raise RefusedError(f"These characters are labelled {span.label} already.")
        if not rules.allow_overlaps:
            raise RefusedError(
                f'The span overlaps "{rules.text[other.start : other.end]}" ({other.label}): '
                "remove that one first, or allow overlaps in the project's settings."
            )


def _existing(state: State, operation: Operation) -> Span:
    span = state.spans.get(_span_id(operation))
    if span is None:
        raise RefusedError("This span is not there any more: reload the page.")
    return span


def _range(fields: Operation, rules: Rules) -> tuple[int, int]:
    start, end = fields.get("start"), fields.get("end")
    if not (_is_whole(start) and _is_whole(end)):
        raise RefusedError("The span's borders are not whole numbers: reload the page.")
    if start < 0 or start >= end:
        raise RefusedError(f"The span goes from {start} to {end}, so it holds nothing.")
    if end > len(rules.text):
        raise RefusedError(f"The span ends at {end} but the text has {len(rules.text)} characters.")
    there = rules.text[start:end]
    if fields.get("quote") != there:
        raise RefusedError(
            f'The text from {start} to {end} reads "{there}", not {_quoted(fields)}: '
            "reload the page."
        )
    return start, end


def _quoted(fields: Operation) -> str:
    quote = fields.get("quote")
    return f'"{quote}"' if isinstance(quote, str) else "what was sent"


def _label(fields: Operation, rules: Rules) -> str:
    label = fields.get("label")
    if not isinstance(label, str) or label not in rules.labels:
        raise RefusedError(f"The project has no label {label!a}: add it, or reload the page.")
    return label


def _span_id(fields: Operation) -> str:
    id = fields.get("id")
    if not _is_short(id) or len(id) > 64:
        raise RefusedError("The span's id is not a short text: reload the page.")
    return id


def _source(fields: Operation) -> Source:
    source = fields.get("source")
    if source is None:
        return Source.PERSON
    if source not in tuple(Source):
        raise RefusedError(f"There is no maker of spans called {source!a}: reload the page.")
    return Source(source)


def _score(fields: Operation) -> float | None:
    score = fields.get("score")
    if score is None:
        return None
    number = isinstance(score, int | float) and not isinstance(score, bool)
    if not number or not math.isfinite(score) or not 0 <= score <= 1:
        raise RefusedError("The span's score is not between 0 and 1: reload the page.")
    return float(score)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_short(value: Any) -> bool:
    if not isinstance(value, str) or not 1 <= len(value) <= 100:
        return False
    return value.isascii() and value.isprintable()


def _take(stack: list[JournalEntry], name: str, first: Mapping[str, str]) -> bool:
    """Take the edit of that first name off a stack and say whether it was there."""
    for position in range(len(stack) - 1, -1, -1):
        if first.get(stack[position].op, stack[position].op) == name:
            del stack[position]
            return True
    return False
