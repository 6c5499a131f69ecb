"""What the fields of an operation may hold: read from JSON, and refused where they say it badly.

An operation is a JSON object as the tagger sends it. Checked by hand and not by a schema
library: most of what makes a field good stands in the document (its text, its labels), the
journal keeps exactly the fields that were sent, and people read the reasons.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from storage.errors import RefusedError
from storage.journal.state import Rules
from storage.types import Source, Span, Status

Operation = Mapping[str, Any]

LONGEST_COMMENT = 2_000
SPAN_FIELDS = ("id", "start", "end", "label", "quote", "source", "score")


def span_of(fields: Any, rules: Rules) -> Span:
    """Return the span that an operation describes; raises RefusedError."""
    if not isinstance(fields, Mapping):
        raise RefusedError("The edit names no span: reload the page.")
    start, end = range_of(fields, rules)
    return Span(
        start, end, label_of(fields, rules), span_id(fields), _source(fields), _score(fields)
    )


def range_of(fields: Operation, rules: Rules) -> tuple[int, int]:
    """Return the range that an operation names; raises RefusedError where it is not there."""
    start, end = fields.get("start"), fields.get("end")
    if not (is_whole(start) and is_whole(end)):
        raise RefusedError("The span's borders are not whole numbers: reload the page.")
    if rules.marks_whole:
        return _whole(start, end, fields)
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


def _whole(start: int, end: int, fields: Operation) -> tuple[int, int]:
    if (start, end) != (0, 0) or fields.get("quote"):
        raise RefusedError("A label stands for the whole document here: reload the page.")
    return start, end


def label_of(fields: Operation, rules: Rules) -> str:
    """Return the label that an operation names; raises RefusedError where there is none such."""
    label = fields.get("label")
    if not isinstance(label, str) or label not in rules.labels:
        raise RefusedError(f"The project has no label {label!a}: add it, or reload the page.")
    return label


def span_id(fields: Operation) -> str:
    """Return the id of the span that an operation names; raises RefusedError."""
    id = fields.get("id")
    if not is_short(id) or len(id) > 64:
        raise RefusedError("The span's id is not a short text: reload the page.")
    return id


def flag_of(fields: Operation) -> bool:
    """Return whether an operation sets the flag; raises RefusedError."""
    flagged = fields.get("flagged")
    if not isinstance(flagged, bool):
        raise RefusedError("The edit does not say whether to flag: reload the page.")
    return flagged


def comment_of(fields: Operation) -> str:
    """Return the comment of an operation; raises RefusedError."""
    comment = fields.get("comment")
    if not isinstance(comment, str) or "\0" in comment:
        raise RefusedError("The comment is not a text: write it again.")
    if len(comment) > LONGEST_COMMENT:
        raise RefusedError(
            f"The comment has {len(comment)} characters: use at most {LONGEST_COMMENT:,}."
        )
    return comment


def status_of(operation: Operation, now: Status) -> Status:
    """Return the status after an operation; raises RefusedError."""
    wanted = operation.get("status")
    if wanted is None:
        return Status.IN_PROGRESS if now == Status.UNTOUCHED else now
    if wanted not in tuple(Status):
        raise RefusedError(f"There is no status {wanted!a}: reload the page.")
    return Status(wanted)


def is_whole(value: Any) -> TypeGuard[int]:
    """Tell whether a value of JSON is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_short(value: Any) -> TypeGuard[str]:
    """Tell whether a value of JSON is a short plain text."""
    if not isinstance(value, str) or not 1 <= len(value) <= 100:
        return False
    return value.isascii() and value.isprintable()


def _quoted(fields: Operation) -> str:
    quote = fields.get("quote")
    return f'"{quote}"' if isinstance(quote, str) else "what was sent"


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
