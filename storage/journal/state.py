"""One annotator's work on a document, and what an edit of it is checked against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from storage.types import Span, Status

Rejected = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class State:
    """One annotator's work on a document. ``spans`` maps the client's span ids to spans.

    ``rejected`` holds (start, end, label) of the suggestions that were turned down,
    ``confirmed`` those of the marks that were looked at and found right.
    """

    revision: int = 0
    status: Status = Status.UNTOUCHED
    spans: Mapping[str, Span] = field(default_factory=dict)
    rejected: frozenset[Rejected] = frozenset()
    flagged: bool = False
    comment: str = ""
    confirmed: frozenset[Rejected] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What an edit is checked against."""

    text: str
    labels: Collection[str]
    allow_overlaps: bool = False
    marks_whole: bool = False
    """Marks stand for the whole document, with the empty range; else each has a range."""
    edits: Collection[str] | None = None
    """The kinds of edit that the project's task takes; None: all."""
