"""Documents to examples for spans: one IOB2 tag for every token.

A token's first piece carries its tag, all other pieces none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.encoding.examples import IGNORED, windows
from engine.encoding.packed import Cut, Windows
from engine.encoding.word_pieces import Pieces
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.alignment import Reason, place
from engine.tasks.spans.tagging.schemes import Scheme
from storage.types import Document

OUTSIDE = 0
"""The tag of tokens outside any span."""
SHOWN_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class AlignmentReport:
    """What of the gold spans can be learned, and what cannot, and why."""

    documents: int
    tokens: int
    spans: int
    problems: dict[str, int]
    """Spans by reason (see alignment.Reason)."""
    wordless: int | None
    """Tokens without any word-piece, such as zero-width spaces; None without a tokenizer."""
    pieces: int | None
    items: tuple[dict, ...] = field(default=())
    """The first problems: document id, start, end, label, quote, reason."""

    @property
    def learnable(self) -> int:
        """Spans that training shows to the model, with or without a space at their border."""
        lost = sum(n for reason, n in self.problems.items() if reason != Reason.PADDED)
        return self.spans - lost

    @property
    def sentences(self) -> Iterator[str]:
        """Say before training what there is to learn, and what cannot be learned."""
        yield f"Training on {self.documents:,} documents with {self.tokens:,} words."
        for reason, count in self.problems.items():
            if count:
                yield f"{count} of {self.spans} training spans are {reason}."
        if self.wordless:
            yield f"{self.wordless} training tokens are invisible to the base model."

    def to_json(self) -> dict:
        """Return what ``report.json`` holds under "alignment"."""
        return {
            "documents": self.documents,
            "tokens": self.tokens,
            "spans": self.spans,
            "learnable": self.learnable,
            "problems": self.problems,
            "wordless_tokens": self.wordless,
            "pieces": self.pieces,
            "items": list(self.items),
        }


def tag_names(labels: Sequence[str]) -> list[str]:
    """Return the tags of a BIO head in the order of their ids: O, B-first, I-first, …"""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def labels_of(outputs: Sequence[str]) -> list[str]:
    """Return the labels that have a tag to begin with."""
    return [name[2:] for name in outputs if name.startswith("B-")]


def align(documents: Iterable[Document], cut: Cut | None = None) -> AlignmentReport:
    """List what cannot be learned from these documents, before any training.

    ``cut`` is what a tokenizer made of their tokens. They are read once.
    """
    read = tokens = spans = 0
    reasons: Counter[str] = Counter({reason.value: 0 for reason in Reason})
    items: list[dict[str, Any]] = []
    for document in documents:
        read, tokens, spans = read + 1, tokens + len(document.tokens), spans + len(document.spans)
        for span, reason in place(document, document.spans).problems:
            reasons[reason.value] += 1
            if len(items) < SHOWN_PROBLEMS:
                quote = document.text[span.start : span.end]
                items.append(
                    {
                        "document": document.id,
                        "start": span.start,
                        "end": span.end,
                        "label": span.label,
                        "quote": quote,
                        "reason": reason.value,
                    }
                )
    return AlignmentReport(
        documents=read,
        tokens=tokens,
        spans=spans,
        problems=dict(reasons),
        wordless=cut and cut.wordless,
        pieces=cut and cut.pieces,
        items=tuple(items),
    )


def encode(
    documents: Iterable[Document],
    pieces: Pieces,
    labels: Sequence[str],
    max_length: int,
    stride: int,
) -> Windows:
    """Turn documents into windows of at most ``max_length`` pieces, in document order.

    A label that is not among ``labels`` is no class of the model: what bears it has no known
    tag. Raises InputError where a window has no room for two pieces.
    """
    tag_of = {name: number for number, name in enumerate(tag_names(labels))}
    lengths: Counter[int] = Counter()
    found = Windows.of(
        windows(
            *(documents, pieces, max_length, stride, lambda document: tags_of(document, tag_of)),
            background=OUTSIDE,
            hear=lambda words: lengths.update(map(len, words)),
        )
    )
    found.cut = Cut(sum(length * count for length, count in lengths.items()), lengths[0])
    return found


def tags_of(document: Document, tag_of: Mapping[str, int]) -> list[int]:
    """Return the number of each token's tag; IGNORED where it is not known."""
    placement = place(document, document.spans)
    ranges = [(item.first, item.last, item.span.label) for item in placement.placed]
    names = schemes.encode(ranges, len(document.tokens), Scheme.IOB2)
    tags = [tag_of.get(name, IGNORED) for name in names]
    held = {token for item in placement.placed for token in range(item.first, item.last)}
    # Tokens of a span that tags cannot hold are not outside: the loss passes them over.
    for first, last in placement.left_out:
        for token in set(range(first, last)) - held:
            tags[token] = IGNORED
    return tags
