"""What an edit means, without a database: each kind of operation, and its inverse.

``apply`` is the only place that decides whether an edit is good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from storage.errors import RefusedError
from storage.journal.operations import (
    Operation,
    Rules,
    as_fields,
    comment_of,
    label_of,
    range_of,
    span_id,
    span_of,
    status_of,
)
from storage.types import Span, Status

Rejected = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class State:
    """One annotator's work on a document. ``spans`` maps the client's span ids to spans.

    ``rejected`` holds (start, end, label) of the suggestions that were turned down.
    """

    revision: int = 0
    status: Status = Status.UNTOUCHED
    spans: Mapping[str, Span] = field(default_factory=dict)
    rejected: frozenset[Rejected] = frozenset()
    flagged: bool = False
    comment: str = ""


def apply(state: State, operation: Operation, rules: Rules) -> tuple[State, dict[str, Any]]:
    """Return the state after an operation, and the operation that takes it back.

    The inverse has no ``seq`` and no ``base_revision``; whoever sends it adds them.
    Raises RefusedError with the reason where the edit would damage data.
    """
    after, inverse = _step(state, operation, rules)
    # The old status is always named, so that taking back is exact whatever the defaults say.
    inverse = inverse | {"status": str(state.status)}
    status = status_of(operation, state.status)
    return replace(after, revision=state.revision + 1, status=status), inverse


def still_stands(state: State, operation: Operation) -> bool:
    """Tell whether what an operation did is as it left it: only then may it be taken back late."""
    kind = operation["kind"]
    span = state.spans.get(operation.get("id") or operation.get("span", {}).get("id"))
    if kind == "add":
        made = operation["span"]
        return span is not None and _key(span) == (made["start"], made["end"], made["label"])
    if kind == "remove":
        return span is None
    if kind == "relabel":
        return span is not None and span.label == operation["label"]
    if kind == "move":
        return span is not None and _key(span)[:2] == (operation["start"], operation["end"])
    return True


def _step(state: State, operation: Operation, rules: Rules) -> tuple[State, dict[str, Any]]:
    step = _STEPS.get(operation.get("kind"))
    if step is None:
        raise RefusedError(f"There is no edit called {operation.get('kind')!a}: reload the page.")
    return step(state, operation, rules)


def _add(state: State, operation: Operation, rules: Rules):
    span = span_of(operation.get("span"), rules)
    if span.id in state.spans:
        raise RefusedError("This span is there already: nothing was changed.")
    _check_place(state, span, rules)
    return _with(state, span), {"kind": "remove", "id": span.id}


def _remove(state: State, operation: Operation, rules: Rules):
    span = _existing(state, operation)
    spans = {id: other for id, other in state.spans.items() if id != span.id}
    return replace(state, spans=spans), {"kind": "add", "span": as_fields(span, rules.text)}


def _relabel(state: State, operation: Operation, rules: Rules):
    span = _existing(state, operation)
    changed = replace(span, label=label_of(operation, rules))
    _check_place(state, changed, rules)
    return _with(state, changed), {"kind": "relabel", "id": span.id, "label": span.label}


def _move(state: State, operation: Operation, rules: Rules):
    span = _existing(state, operation)
    start, end = range_of(operation, rules)
    changed = replace(span, start=start, end=end)
    _check_place(state, changed, rules)
    back = {"id": span.id, "start": span.start, "end": span.end}
    quote = rules.text[span.start : span.end]
    return _with(state, changed), {"kind": "move", **back, "quote": quote}


def _set_status(state: State, operation: Operation, rules: Rules):
    if "status" not in operation:
        raise RefusedError("The edit names no status: reload the page.")
    return state, {"kind": "status"}


def _reject(state: State, operation: Operation, rules: Rules):
    key, place = _suggestion(operation, rules)
    if key in state.rejected:
        raise RefusedError("This suggestion is rejected already: nothing was changed.")
    return replace(state, rejected=state.rejected | {key}), {"kind": "unreject", **place}


def _unreject(state: State, operation: Operation, rules: Rules):
    key, place = _suggestion(operation, rules)
    if key not in state.rejected:
        raise RefusedError("This suggestion is not rejected any more: nothing was changed.")
    return replace(state, rejected=state.rejected - {key}), {"kind": "reject", **place}


def _flag(state: State, operation: Operation, rules: Rules):
    flagged = operation.get("flagged")
    if not isinstance(flagged, bool):
        raise RefusedError("The edit does not say whether to flag: reload the page.")
    return replace(state, flagged=flagged), {"kind": "flag", "flagged": state.flagged}


def _comment(state: State, operation: Operation, rules: Rules):
    comment = comment_of(operation)
    return replace(state, comment=comment), {"kind": "comment", "comment": state.comment}


def _batch(state: State, operation: Operation, rules: Rules):
    """All or none: a refusal leaves the state as it was."""
    inverses = []
    for part in operation.get("operations") or ():
        if part.get("kind") == "batch":
            raise RefusedError("A step cannot hold another one: reload the page.")
        state, inverse = _step(state, part, rules)
        inverses.append(inverse)
    if not inverses:
        raise RefusedError("The step holds no edits: reload the page.")
    return state, {"kind": "batch", "operations": inverses[::-1]}


_STEPS = {
    "add": _add,
    "remove": _remove,
    "relabel": _relabel,
    "move": _move,
    "status": _set_status,
    "reject": _reject,
    "unreject": _unreject,
    "flag": _flag,
    "comment": _comment,
    "batch": _batch,
}


def _with(state: State, span: Span) -> State:
    return replace(state, spans={**state.spans, span.id: span})


def _key(span: Span) -> Rejected:
    return span.start, span.end, span.label


def _suggestion(operation: Operation, rules: Rules) -> tuple[Rejected, dict[str, Any]]:
    start, end = range_of(operation, rules)
    label = label_of(operation, rules)
    place = {"start": start, "end": end, "label": label, "quote": rules.text[start:end]}
    return (start, end, label), place


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
    span = state.spans.get(span_id(operation))
    if span is None:
        raise RefusedError("This span is not there any more: reload the page.")
    return span
