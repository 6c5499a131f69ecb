"""spaCy's DocBin (``.spacy``): read and written without spaCy.

The file is zlib over one map in MessagePack: numbers of 64 bits for each token's text and entity
(`engine.formats.spacy.strings`), and the strings that they stand for. Layout as in spaCy 3.8,
``spacy/tokens/_serialize.py`` and ``span_group.pyx``. Entities and span groups are spans; what
``cats`` says of a text is its classes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.formats.common import jsonl
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems
from engine.formats.common.shape import SPANS, Shape
from engine.formats.common.sources import ZLIB, InputFile, TextTooLongError, check_length
from engine.formats.spacy import docbin_writing
from engine.formats.spacy.bins import Bin, Doc, unpack
from engine.formats.whole import labels
from storage.errors import InputError
from storage.types import Document, Source, Span, Status, Token

_NO_SPANS = "labels of parts of the text are not imported"
_MISSING, _INSIDE, _BEGIN = 0, 1, 3


@dataclass(frozen=True, slots=True)
class DocBin:
    """spaCy's DocBin: spans, or with a ``shape`` of whole texts their classes."""

    shape: Shape = SPANS
    name: str = "spacy"
    title: str = "spaCy DocBin"
    extensions: tuple[str, ...] = (".spacy",)
    cannot_hold: str = (
        "It has no place for splits, groups, dates, names of documents, and who gave a label."
    )

    def sniff(self, source: InputFile) -> float:
        """Ask for what zlib begins with, and a map in it: a text may begin with "x^", too."""
        return 1.0 * (source.start.startswith(ZLIB) and _holds_map(source.start))

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each Doc; what cannot be read of one leaves it out."""
        try:
            found = unpack(source)
        except InputError as error:
            problems.refuse(str(error))
            return Reading()
        return Reading(_rows(found, self.shape, source.name, problems))

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one file; overlapping spans are in the span group "sc"."""
        yield from docbin_writing.write(documents, self.shape, problems)


def _holds_map(start: bytes) -> bool:
    try:
        first = zlib.decompressobj().decompress(start, 1)
    except zlib.error:
        return False
    # The bytes with which MessagePack begins a map.
    return first[:1] in (b"\xde", b"\xdf") or b"\x80" <= first[:1] <= b"\x8f"


def _rows(found: Bin, shape: Shape, file: str, problems: Problems) -> Iterator[Row]:
    for number, doc in enumerate(found.docs(), 1):
        try:
            document = _document(doc, found, shape, f"{file}:{number}", problems)
        except TextTooLongError as error:
            problems.refuse(str(error))
            return
        except InputError as error:
            problems.drop(0, f"Document {number}: {error}", "write the file anew with spaCy")
            continue
        if document.text.strip():
            yield 0, document
        else:
            problems.warn(0, f"Document {number} is blank and left out.", "blank texts")


def _document(doc: Doc, found: Bin, shape: Shape, name: str, problems: Problems) -> Document:
    text, tokens = _text(doc, found)
    if shape.whole:
        names = labels.names_in(doc.cats, several=True) if doc.cats else None
        if names and len(names) > 1 and not shape.several:
            raise InputError(f"there are {len(names)} labels where a text has one")
        marks = tuple(Span(0, 0, each, source=Source.IMPORT) for each in sorted(names or ()))
        status = Status.UNTOUCHED if names is None else Status.DONE
        if {_INSIDE, _BEGIN} & {*doc.column(found.entity_place)} or doc.packed_groups:
            problems.warn(0, f"In {name}, {_NO_SPANS}.", _NO_SPANS)
    else:
        marks, status = _marks(doc, found, tokens, name, problems)
        if doc.cats:
            problems.warn(0, "Classes of whole texts (cats) are not imported.", "cats")
    words = tuple(token for token in tokens if text[token[0] : token[1]].strip())
    layout = {"format": "spacy"}
    return Document(text=text, tokens=words, spans=marks, status=status, name=name, layout=layout)


def _text(doc: Doc, found: Bin) -> tuple[str, list[Token]]:
    parts: list[str] = []
    tokens: list[Token] = []
    at = 0
    for number, space in zip(doc.column(found.orth), doc.spaces, strict=True):
        word = found.string(number)
        tokens.append((at, at + len(word)))
        parts.append(word + " " * bool(space))
        at += len(parts[-1])
        # A long word that is there once may be said a million times.
        check_length(at)
    text = "".join(parts)
    if "\0" in text:
        raise InputError("the text holds a NUL character")
    # Where nobody knows the spaces, spaCy puts one behind each token.
    return (text.removesuffix(" ") if doc.unknown_spaces else text), tokens


def _marks(
    doc: Doc, found: Bin, tokens: list[Token], name: str, problems: Problems
) -> tuple[tuple[Span, ...], Status]:
    """Return the entities and the spans of groups, each once."""
    ranges = {*_entities(doc, found)}
    groups = list(doc.groups(found))
    ranges.update((start, end, label) for _, start, end, label in groups)
    spans = set[Span]()
    for first, last, label in sorted(ranges):
        if not 0 <= first < last <= len(tokens):
            raise InputError(f"the span over tokens {first} to {last} is impossible")
        if not label.strip():
            problems.warn(0, f"In {name}, spans without a label are left out.", "without a label")
            continue
        start, end = tokens[first][0], tokens[last - 1][1]
        if start < end:
            spans.add(Span(*jsonl.triple_in([start, end, label]), source=Source.IMPORT))
    silent = not groups and all(each == _MISSING for each in doc.column(found.entity_place))
    return tuple(sorted(spans)), Status.UNTOUCHED if silent else Status.DONE


def _entities(doc: Doc, found: Bin) -> Iterator[tuple[int, int, str]]:
    """Yield (first token, last + 1, label); an entity goes on under the same label only."""
    first, label = -1, ""
    places, types = doc.column(found.entity_place), doc.column(found.entity_type)
    for at, (place, type_) in enumerate(zip(places, types, strict=True)):
        name = found.string(type_) if place in (_INSIDE, _BEGIN) else ""
        if first >= 0 and not (place == _INSIDE and name == label):
            yield first, at, label
            first = -1
        if first < 0 and place in (_INSIDE, _BEGIN):
            first, label = at, name
    if first >= 0:
        yield first, len(places), label
