"""Documents that several people have finished, each in their own way."""

from __future__ import annotations

from storage.types import Answer, Document, Span
from tests.storage.conftest import sentence

TEXT = "Ada met Bob in Rome ."
ADA, BOB, ROME = Span(0, 3, "PER"), Span(8, 11, "PER"), Span(15, 19, "ORG")
Versions = dict[str, tuple[Span, ...]]


def labelled(versions: Versions, text: str = TEXT, **fields) -> Document:
    """Return a document that people finished with these marks; the last one's count."""
    *others, (name, spans) = versions.items()
    said = tuple(Answer(other, marks) for other, marks in others)
    return sentence(text, *spans, annotator=name, others=said, **fields)
