"""Documents to examples: windows of word-pieces with one labelled place for every token.

Works on ``tokenizers`` alone. The first piece of a token carries its tag, all other pieces
none. A document longer than a window gets several that share ``stride`` pieces, and every
token belongs to exactly one of them, the one where it has the most context: so there are
always as many predictions as tokens, and each token counts once in the loss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from tokenizers import Tokenizer

from engine.encoding.word_pieces import Pieces, cut, prepare
from engine.tasks.spans import schemes
from engine.tasks.spans.alignment import Reason, place
from engine.tasks.spans.schemes import Scheme
from storage.errors import InputError
from storage.types import Document

IGNORED = -100
SHOWN_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a document as the model reads it."""

    document: int
    """Position of the document in the list that was encoded."""
    pieces: tuple[int, ...]
    """Piece ids, special ones included."""
    words: tuple[int, ...]
    """The tokens that belong to this window, by number, rising."""
    heads: tuple[int, ...]
    """Where in ``pieces`` the first piece of each of these tokens is."""
    tags: tuple[int, ...]
    """Tag id of each of these tokens; IGNORED where it is not known."""


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


def align(documents: Sequence[Document], tokenizer: Tokenizer | None = None) -> AlignmentReport:
    """List what cannot be learned from these documents, before any training."""
    reasons: Counter[str] = Counter({reason.value: 0 for reason in Reason})
    items: list[dict[str, Any]] = []
    for document in documents:
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
    lengths = None
    if tokenizer is not None:
        lengths = [len(word) for words in cut(documents, prepare(tokenizer)) for word in words]
    return AlignmentReport(
        documents=len(documents),
        tokens=sum(len(document.tokens) for document in documents),
        spans=sum(len(document.spans) for document in documents),
        problems=dict(reasons),
        wordless=None if lengths is None else lengths.count(0),
        pieces=None if lengths is None else sum(lengths),
        items=tuple(items),
    )


def encode(
    documents: Sequence[Document],
    pieces: Pieces,
    labels: Sequence[str],
    max_length: int,
    stride: int,
) -> list[Window]:
    """Turn documents into windows of at most ``max_length`` pieces, in document order.

    A label that is not among ``labels`` is no class of the model: what bears it has no known
    tag. Raises InputError where a window has no room for two pieces.
    """
    room = max_length - pieces.specials
    if room < 2:
        raise InputError(
            f"The window length of {max_length} leaves no room for words; choose at least 16."
        )
    tag_of = {name: number for number, name in enumerate(tag_names(labels))}
    windows: list[Window] = []
    for number, words in enumerate(cut(documents, pieces)):
        words = [word[:room] or [pieces.unknown] for word in words]
        tags = _tag(documents[number], tag_of)
        windows += _windows(number, words, tags, pieces, room, min(stride, room // 2))
    return windows


def _tag(document: Document, tag_of: dict[str, int]) -> list[int]:
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


def _windows(
    document: int,
    words: list[list[int]],
    tags: list[int],
    pieces: Pieces,
    room: int,
    stride: int,
) -> Iterator[Window]:
    at = [0, *accumulate(len(word) for word in words)]
    ranges = list(_ranges(at, room, stride))
    for (first, last), owned in zip(ranges, _owned(at, ranges), strict=True):
        if not owned:
            continue
        body = [piece for word in words[first:last] for piece in word]
        shift = len(pieces.prefix) - at[first]
        yield Window(
            document=document,
            pieces=(*pieces.prefix, *body, *pieces.suffix),
            words=tuple(owned),
            heads=tuple(at[word] + shift for word in owned),
            tags=tuple(tags[word] for word in owned),
        )


def _ranges(at: list[int], room: int, stride: int) -> Iterator[tuple[int, int]]:
    """Cut words, whose pieces begin ``at``, into ranges that fit the room and overlap."""
    count = len(at) - 1
    first = last = 0
    while last < count:
        while last < count and at[last + 1] - at[first] <= room:
            last += 1
        yield first, last
        if last == count:
            return
        # The next range reaches back by the stride, but must hold at least one word more.
        first = last
        while at[last] - at[first - 1] <= stride and at[last + 1] - at[first - 1] <= room:
            first -= 1


def _owned(at: list[int], ranges: list[tuple[int, int]]) -> list[list[int]]:
    """Give each word to the range where the nearer border is farthest; ties to the earlier."""
    count = len(at) - 1
    best: dict[int, tuple[float, int]] = {}
    for number, (first, last) in enumerate(ranges):
        for word in range(first, last):
            left = at[word] - at[first] if first else float("inf")
            right = at[last] - at[word + 1] if last < count else float("inf")
            context = min(left, right)
            if word not in best or context > best[word][0]:
                best[word] = (context, number)
    owned: list[list[int]] = [[] for _ in ranges]
    for word in sorted(best):
        owned[best[word][1]].append(word)
    return owned
