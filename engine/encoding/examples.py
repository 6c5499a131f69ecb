"""Documents to examples: windows of word-pieces, with a place for every token.

Works on ``tokenizers`` alone. A token is answered for at its first piece. A document longer
than a window gets several that share ``stride`` pieces, and every token belongs to exactly
one of them, the one where it has the most context: so there are always as many answers as
tokens, and each token counts once in the loss. What is asked, a target for each token or one
for the whole document, is the task's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, tee

from engine.encoding.shapes import SPECIAL, shapes_of, spread
from engine.encoding.tokens import tokenize
from engine.encoding.word_pieces import Pieces, cut
from storage.errors import InputError
from storage.types import Document

IGNORED = -100
"""The target of a unit for which nothing is asked."""
NOWHERE = -1
"""The token of a piece that is of none."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a document as the model reads it, and what is asked of it."""

    document: int
    """Position of the document in the list that was encoded."""
    pieces: tuple[int, ...]
    """Piece ids, special ones included."""
    units: tuple[int, ...]
    """What is answered for here, by number, rising: tokens, or 0 for the document as a whole."""
    places: tuple[int, ...]
    """Where in ``pieces`` the model answers for each unit; empty where it answers once in all."""
    targets: tuple[int, ...]
    """The right answer for each unit, a number of an output; IGNORED where it is not known."""
    words: int = 0
    """How many of the document's tokens, in both of its texts, it stands for: what speed is
    counted in."""
    segments: tuple[int, ...] = ()
    """Which text each piece is of (``token_type_ids``), where there are two, or the shape of its
    word, where the model reads shapes; else empty."""
    share: float = 1.0
    """How much its targets count: windows that answer for the same have one among them."""
    background: bool = False
    """It shows nothing but what most of them show: an epoch may leave it out (see Sampler)."""


def windows(
    documents: Iterable[Document],
    pieces: Pieces,
    max_length: int,
    stride: int,
    target: Callable[[Document], Sequence[int]] = lambda document: [IGNORED] * len(document.tokens),
    background: int | None = None,
    hear: Callable[[list[list[int]]], None] = lambda words: None,
) -> Iterator[Window]:
    """Yield the windows of documents, of at most ``max_length`` pieces, in document order.

    ``target`` says what is right for each token; windows with no other target than
    ``background`` are marked. ``hear`` is told what each document's tokens are cut into. Raises
    InputError where a window has no room for two pieces.
    """
    room = room_for(pieces, max_length)
    for number, (document, words) in enumerate(_with_words(documents, pieces)):
        hear(words)
        words = [word[:room] or [pieces.unknown] for word in words]
        asked, shapes = target(document), shapes_of(document) if pieces.shapes else []
        step = min(stride, room // 2)
        yield from _windows(number, words, shapes, asked, pieces, room, step, background)


def whole(
    documents: Iterable[Document],
    pieces: Pieces,
    max_length: int,
    target: Callable[[Document], int | Sequence[int]] = lambda document: IGNORED,
    stride: int = 0,
) -> Iterator[Window]:
    """Yield the windows of documents that are answered for as a whole, nothing cut off.

    A longer document has several that share ``stride`` pieces; each asks for all of ``target``
    and counts for its share. Where a document has a second text, a window shows both: all of a
    short one beside stretches of a long one, stretches of both where both are long.
    """
    room = room_for(pieces, max_length)
    for number, (document, words) in enumerate(_with_words(documents, pieces)):
        second, total = None, len(document.tokens)
        if document.second_text is not None:
            others = _second(document, pieces)
            second, total = list(chain(*others)), total + len(others)
        bodies = list(_bodies(list(chain(*words)), second, pieces, room, stride))
        asked = target(document)
        targets = (asked,) if isinstance(asked, int) else tuple(asked)
        for at, (body, segments) in enumerate(bodies):
            read = (*pieces.prefix, *body, *pieces.suffix)
            length, share = _part(total, at, len(bodies)), 1 / len(bodies)
            yield Window(number, read, (0,), (), targets, length, segments, share)


def _with_words(
    documents: Iterable[Document], pieces: Pieces
) -> Iterator[tuple[Document, list[list[int]]]]:
    """Yield documents beside their tokens as pieces; they are read once."""
    read, cut_ = tee(documents)
    return zip(read, cut(cut_, pieces), strict=True)


def places(document: Document, pieces: Pieces, max_length: int, stride: int = 0) -> list[list[int]]:
    """Return for each window of ``whole`` which token each of its pieces is of; -1 for none.

    Tokens of a second text are counted on from those of the first.
    """
    (words,) = cut([document], pieces)
    first, second = _numbers(words, 0), None
    if document.second_text is not None:
        second = _numbers(_second(document, pieces), len(words))
    blank = replace(pieces, between=(NOWHERE,) * len(pieces.between))
    bodies = _bodies(first, second, blank, room_for(pieces, max_length), stride)
    ends = [NOWHERE] * len(pieces.prefix), [NOWHERE] * len(pieces.suffix)
    return [[*ends[0], *body, *ends[1]] for body, _ in bodies]


def _numbers(words: list[list[int]], start: int) -> list[int]:
    return [number for number, word in enumerate(words, start) for _ in word]


def _bodies(
    first: list[int], second: list[int] | None, pieces: Pieces, room: int, stride: int
) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """Yield the pieces between a window's special ones, and the segments of all its pieces."""
    if second is None:
        yield from ((stretch, ()) for stretch in _stretches(first, room, stride))
        return
    left = room - len(pieces.between)
    # The shorter text has half of the room at most, the other one what is left of it.
    half = max(left // 2, 1)
    size = max(left - len(second), half), max(left - min(len(first), left - half), half)
    ones, others = _stretches(first, size[0], stride), _stretches(second, size[1], stride)
    count = max(len(ones), len(others))
    for at in range(count):
        one, other = ones[_along(at, count, len(ones))], others[_along(at, count, len(others))]
        yield _join(one, other, pieces)


def _along(at: int, of: int, others: int) -> int:
    """Return which of ``others`` stretches lies as far along as the ``at``-th of ``of``."""
    return at * others // of


def _stretches(body: list[int], room: int, stride: int) -> list[list[int]]:
    """Cut pieces into as few stretches as share at least ``stride`` pieces, all of one size."""
    if len(body) <= room:
        return [body]
    step = room - min(stride, room // 2)
    count = 1 + -(-(len(body) - room) // step)
    last = len(body) - room
    return [body[at : at + room] for at in (n * last // (count - 1) for n in range(count))]


def _part(total: int, at: int, of: int) -> int:
    return total * (at + 1) // of - total * at // of


def _second(document: Document, pieces: Pieces) -> list[list[int]]:
    text = document.second_text or ""
    (words,) = cut([Document(text, tokenize(text))], pieces)
    return words


def _join(first: list[int], second: list[int], pieces: Pieces) -> tuple[list[int], tuple[int, ...]]:
    """Return the pieces of two texts as one body, and the segments of the window."""
    before = len(pieces.prefix) + len(first) + len(pieces.between)
    after = len(second) + len(pieces.suffix)
    return [*first, *pieces.between, *second], (0,) * before + (pieces.second,) * after


def room_for(pieces: Pieces, max_length: int) -> int:
    """Return how many pieces a window holds besides special ones; raise InputError below two."""
    room = max_length - pieces.specials
    if room < 2:
        raise InputError(
            f"The window length of {max_length} leaves no room for words; choose at least 16."
        )
    return room


def _windows(
    document: int,
    words: list[list[int]],
    shapes: list[int],
    targets: Sequence[int],
    pieces: Pieces,
    room: int,
    stride: int,
    background: int | None,
) -> Iterator[Window]:
    at = [0, *accumulate(len(word) for word in words)]
    ranges = list(_ranges(at, room, stride))
    for (first, last), owned in zip(ranges, _owned(at, ranges), strict=True):
        if not owned:
            continue
        body = [piece for word in words[first:last] for piece in word]
        shift = len(pieces.prefix) - at[first]
        asked = tuple(targets[word] for word in owned)
        yield Window(
            document=document,
            pieces=(*pieces.prefix, *body, *pieces.suffix),
            units=tuple(owned),
            places=tuple(at[word] + shift for word in owned),
            targets=asked,
            words=len(owned),
            segments=_shaped(shapes[first:last], words[first:last], pieces),
            background=all(one == background for one in asked),
        )


def _shaped(shapes: list[int], words: list[list[int]], pieces: Pieces) -> tuple[int, ...]:
    """Return the shapes of a window's pieces; nothing where the model reads none."""
    if not pieces.shapes:
        return ()
    before, after = (SPECIAL,) * len(pieces.prefix), (SPECIAL,) * len(pieces.suffix)
    return (*before, *spread(shapes, words), *after)


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
