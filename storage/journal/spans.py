"""The spans of an annotator's work: which one an edit names, and where another can stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from storage.errors import RefusedError
from storage.journal.checks import Operation, span_id
from storage.journal.state import Rejected, Rules, State
from storage.types import Span


def key(span: Span) -> Rejected:
    """Return a span's place and label."""
    return span.start, span.end, span.label


def existing(state: State, operation: Operation) -> Span:
    """Return the span that an operation names; raises RefusedError where it is not there."""
    span = state.spans.get(span_id(operation))
    if span is None:
        raise RefusedError("This label is not there any more: reload the page.")
    return span


def put(state: State, span: Span, rules: Rules) -> State:
    """Return the state with a span new or changed; raises RefusedError where it cannot stand."""
    other = obstacle(span, state.spans.values(), rules.allow_overlaps)
    if other == span:
        what = "The document is" if span.whole else "These characters are"
        raise RefusedError(f"{what} labelled {span.label} already.")
    if other is not None:
        if span.whole:
            raise RefusedError(
                f"The document is labelled {other.label} already: change that; in this project "
                "a document has one label."
            )
        raise RefusedError(
            f'The span overlaps "{rules.text[other.start : other.end]}" ({other.label}): '
            "remove that one first, or allow overlaps in the project's settings."
        )
    return replace(state, spans={**state.spans, span.id: span})


def obstacle(span: Span, others: Iterable[Span], allow_overlaps: bool) -> Span | None:
    """Return a span beside which another cannot stand: the same one, or one that it overlaps."""
    for other in others:
        apart = not span.whole and (other.end <= span.start or span.end <= other.start)
        if not apart and other.id != span.id and (other == span or not allow_overlaps):
            return other
    return None
