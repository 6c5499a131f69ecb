"""A DocBin written piece by piece: what grows with the documents waits on disk."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Any

import msgpack

from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.spacy import cutting
from engine.formats.spacy.bins import ENT_IOB, ENT_TYPE, ORTH
from engine.formats.spacy.strings import number_of
from storage.types import Document, Span, Status, Token

GROUP = "sc"
"""The span group that spaCy's span categorizer reads unless it is told another."""
_IN_MEMORY = 4 * 1024**2
_MISSING, _INSIDE, _OUTSIDE, _BEGIN = 0, 1, 2, 3
_PARTS = ("tokens", "spaces", "lengths", "names", "groups")
_NO_GROUPS = msgpack.packb([])


def write(documents: Iterable[Document], shape: Shape, problems: Problems) -> Iterator[bytes]:
    """Yield the file; it is complete only at the end, and all or nothing for who reads it."""
    with ExitStack() as stack:
        parts: dict[str, IO[bytes]] = {
            name: stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY)) for name in _PARTS
        }
        strings: set[str] = {""}
        labels: set[str] = set()
        count = 0
        for document in documents:
            _add(document, shape, parts, strings, labels, problems)
            count += 1
        deflater = zlib.compressobj()
        for piece in _packed(parts, count, sorted(strings), sorted(labels)):
            if deflated := deflater.compress(piece):
                yield deflated
        yield deflater.flush()


def _add(
    document: Document,
    shape: Shape,
    parts: dict[str, IO[bytes]],
    strings: set[str],
    labels: set[str],
    problems: Problems,
) -> None:
    """Put one document behind the others."""
    spans = () if shape.whole else document.spans
    tokens = cutting.cut(document, spans)
    words = [document.text[start:end] for start, end in tokens]
    places, types, more = _entities(document, spans, tokens)
    for word, place, label in zip(words, places, types, strict=True):
        parts["tokens"].write(struct.pack("<QQQ", number_of(word), place, number_of(label)))
    follows = [start for start, _ in tokens[1:]] + [len(document.text)]
    spaces = (start > end for (_, end), start in zip(tokens, follows, strict=True))
    parts["spaces"].write(bytes(spaces))
    parts["lengths"].write(struct.pack("<i", len(tokens)))
    strings.update(words, (span.label for span in spans))
    parts["groups"].write(msgpack.packb(_group(spans, tokens) if more else _NO_GROUPS))
    if shape.whole:
        names = sorted(span.label for span in document.spans)
        labels.update(names)
        said = None if not names and document.status is Status.UNTOUCHED else names
        parts["names"].write(msgpack.packb(said))
    _tell_padded(document, spans, problems)


def _entities(
    document: Document, spans: tuple[Span, ...], tokens: list[Token]
) -> tuple[list[int], list[str], bool]:
    """Return each token's place in an entity and its label, and whether some spans overlap."""
    silent = not spans and document.status is Status.UNTOUCHED
    places, types = [_MISSING if silent else _OUTSIDE] * len(tokens), [""] * len(tokens)
    kept, ranges = cutting.places(spans, tokens)
    for span, (first, last) in zip(kept, ranges, strict=True):
        types[first:last] = [span.label] * (last - first)
        places[first:last] = [_BEGIN] + [_INSIDE] * (last - first - 1)
    return places, types, len(kept) < len(spans)


def _group(spans: tuple[Span, ...], tokens: list[Token]) -> bytes:
    """Return all spans as one span group."""
    starts = {start: at for at, (start, _) in enumerate(tokens)}
    ends = {end: at for at, (_, end) in enumerate(tokens)}
    packed = [
        struct.pack(
            ">QQQllll",
            *(0, 0, number_of(span.label)),
            *(starts[span.start], ends[span.end] + 1, span.start, span.end),
        )
        for span in sorted(spans)
    ]
    group = msgpack.packb({"name": GROUP, "attrs": {}, "spans": packed})
    return bytes(msgpack.packb({group: [GROUP]}))


def _tell_padded(document: Document, spans: Iterable[Span], problems: Problems) -> None:
    for span in spans:
        quote = document.text[span.start : span.end]
        if quote != quote.strip():
            problems.warn(
                0,
                f'In {document.name or document.id}, the span "{shorten(quote)}" ({span.label}) '
                "begins or ends with a blank, with which spaCy does not train.",
                "spans that begin or end with a blank",
            )


def _packed(
    parts: dict[str, IO[bytes]], count: int, strings: list[str], labels: list[str]
) -> Iterator[bytes]:
    """Yield the map in MessagePack."""
    pack = msgpack.Packer()
    yield pack.pack_map_header(9)
    yield pack.pack("version") + pack.pack("0.1")
    yield pack.pack("attrs") + pack.pack([ORTH, ENT_IOB, ENT_TYPE])
    for name in ("tokens", "spaces", "lengths"):
        size = parts[name].tell()
        yield pack.pack(name) + b"\xc6" + struct.pack(">I", size)
        yield from _taken(parts[name])
    yield pack.pack("strings") + pack.pack(strings)
    yield pack.pack("cats") + pack.pack_array_header(count)
    yield from _cats(parts["names"], count, labels)
    yield pack.pack("flags") + pack.pack_array_header(count)
    for _ in range(count):
        yield pack.pack({"has_unknown_spaces": False})
    yield pack.pack("span_groups") + pack.pack_array_header(count)
    yield from _taken(parts["groups"])


def _taken(part: IO[bytes]) -> Iterator[bytes]:
    part.seek(0)
    while piece := part.read(1024**2):
        yield piece


def _cats(part: IO[bytes], count: int, labels: list[str]) -> Iterator[bytes]:
    """Yield what each text is of all labels, as spaCy's text categorizer wants it."""
    if not part.tell():
        yield from (msgpack.packb({}) for _ in range(count))
        return
    part.seek(0)
    names: Any
    for names in msgpack.Unpacker(part, raw=False):
        said = {} if names is None else {label: float(label in names) for label in labels}
        yield bytes(msgpack.packb(said))
