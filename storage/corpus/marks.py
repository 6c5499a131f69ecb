"""Which marks a document may bring into a project."""

from __future__ import annotations

from collections.abc import Sequence

from storage.errors import InputError
from storage.types import Document, Span


def check(document: Document, spans: Sequence[Span], whole: bool, allow_overlaps: bool) -> bool:
    """Return whether spans overlap, or are several of a whole document, which is the same here.

    ``spans`` are sorted. Raises InputError where the text has no such place, where the project
    labels the other of the two, or where it does not allow this.
    """
    if whole:
        _check_whole(document, spans, allow_overlaps)
        return len(spans) > 1
    last, overlap = Span(0, 0, ""), False
    for span in spans:
        if not 0 <= span.start < span.end <= len(document.text):
            raise InputError(
                f"{named(document)} has a span from {span.start} to {span.end} "
                f"but {len(document.text)} characters: mend the file."
            )
        if span.start < last.end:
            overlap = True
            if not allow_overlaps:
                raise _overlapping(document, last, span)
        last = span if span.end > last.end else last
    return overlap


def named(document: Document) -> str:
    """Return what a message calls a document."""
    return f"The document {document.name or document.text[:30]!a}"


def _overlapping(document: Document, one: Span, other: Span) -> InputError:
    first, second = (document.text[s.start : s.end][:40] for s in (one, other))
    return InputError(
        f'The spans "{first}" and "{second}" overlap, which this project forbids: allow '
        "overlaps in the project's settings."
    )


def _check_whole(document: Document, spans: Sequence[Span], allow_several: bool) -> None:
    if not all(span.whole for span in spans):
        raise InputError(
            f"{named(document)} has a label on a part of it, and this project labels whole "
            "documents: import it into a project of spans."
        )
    if len(spans) > 1 and not allow_several:
        raise InputError(
            f"{named(document)} has {len(spans)} labels, and a document of this project has one: "
            "make another project, for several labels."
        )
