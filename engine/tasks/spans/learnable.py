"""Which labels spans teach a model: those that some tag sequence of train holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from engine.tasks.learnable import LearnableLabels
from engine.tasks.spans.tagging.alignment import place
from storage.types import Document, Split


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
