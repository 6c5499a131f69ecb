"""Which labels spans teach a model, and which spans it cannot learn as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from engine.tasks.base import Unlearned
from engine.tasks.learnable import LearnableLabels
from engine.tasks.spans.tagging.alignment import Reason, place
from storage.types import Document, Span, Split

REASONS = {
    Reason.OVERLAPPING: "left out, overlapping a longer one: a word has one label",
    Reason.CUT: "left out, beginning or ending inside a token",
    Reason.EMPTY: "left out, covering nothing but white space",
    Reason.PADDED: "learned without the white space at the border, so never matched exactly",
}


def of(documents: Iterable[Document], labels: Sequence[str]) -> LearnableLabels:
    """Tell which labels the documents of train teach, in the order of ``labels``."""
    taught: set[str] = set()
    asked: Counter[str] = Counter()
    for document in documents:
        if document.split in (None, Split.TRAIN):
            # Most documents teach nothing new: only the others are laid on their tokens.
            if any(span.label not in taught for span in document.spans):
                taught.update(item.span.label for item in place(document, document.spans).placed)
        else:
            asked.update(span.label for span in document.spans)
    missed = {label: count for label, count in sorted(asked.items()) if label not in taught}
    return LearnableLabels(
        tuple(label for label in labels if label in taught),
        tuple(label for label in labels if label not in taught and label not in missed),
        missed,
    )


def unlearned(documents: Iterable[Document]) -> list[Unlearned]:
    """Return the spans that tags over tokens cannot hold as they are, by reason."""
    found: dict[Reason, list[tuple[Document, Span]]] = {reason: [] for reason in REASONS}
    for document in documents:
        for span, reason in place(document, document.spans).problems:
            found[reason].append((document, span))
    return [
        Unlearned(REASONS[reason], reason is not Reason.PADDED, marks)
        for reason, marks in found.items()
        if marks
    ]
