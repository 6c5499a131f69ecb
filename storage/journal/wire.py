"""The JSON that the tagger works on: how a document and an annotator's work on it look there.

Every offset is in code points. Which of these objects travels when stands in the pages and
their routes; what else a page needs (labels, queue, settings) is made there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from storage.journal.stacks import Stacks, Step
from storage.journal.state import State
from storage.types import Document, Span


def document(found: Document) -> dict[str, Any]:
    """Return what stays as it is while a document is edited."""
    return {
        "id": found.id,
        "text": found.text,
        "second_text": found.second_text,
        "tokens": [list(token) for token in found.tokens],
        "name": found.name,
        "split": found.split,
    }


def state(work: State, stacks: Stacks) -> dict[str, Any]:
    """Return an annotator's work, and what of it can be taken back and repeated."""
    return {
        "revision": work.revision,
        "status": str(work.status),
        "spans": [span(each) for each in sorted(work.spans.values())],
        "rejected": sorted(map(list, work.rejected)),
        "confirmed": sorted(map(list, work.confirmed)),
        "flagged": work.flagged,
        "comment": work.comment,
        "undo": [_step(step) for step in stacks.undo],
        "redo": [_step(step) for step in stacks.redo],
        "elsewhere": elsewhere(stacks),
    }


def elsewhere(stacks: Stacks) -> dict[str, Any]:
    """Return the newest steps outside of the open document."""
    return {"undo": stacks.undo_elsewhere, "redo": stacks.redo_elsewhere}


def span(found: Span) -> dict[str, Any]:
    """Return a span of an annotation."""
    return {
        "id": found.id,
        **place(found),
        "source": str(found.source),
        "score": found.score,
    }


def quoted_span(found: Span, text: str) -> dict[str, Any]:
    """Return a span as an ``add`` operation says it, with the words that it stands on."""
    return span(found) | {"quote": text[found.start : found.end]}


def place(found: Span) -> dict[str, Any]:
    """Return where a span stands, and its label."""
    return {"start": found.start, "end": found.end, "label": found.label}


def suggestions(
    run: int,
    spans: Iterable[Span],
    guesses: Iterable[Span] = (),
    maker: str = "",
    makers: Iterable[str] = (),
) -> dict[str, Any]:
    """Return what a run's model would label in a document, and its guesses, in their order.

    ``maker`` is what people know the model by, ``makers`` those of the spans where these are of
    several.
    """
    said, others = (
        [place(each) | {"score": each.score} for each in found] for found in (spans, guesses)
    )
    for each, by in zip(said, makers, strict=False):
        each["maker"] = by
    return {"run": run, "maker": maker, "spans": said, "guesses": others}


def _step(step: Step) -> dict[str, Any]:
    return {"op": step.op, "inverse": dict(step.inverse), "n": step.n}
