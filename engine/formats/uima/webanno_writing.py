"""WebAnno TSV 3.3 written: one sentence a document, tokens cut where spans begin or end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from engine.encoding.tokens import tokenize
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.zip_writing import member_name, pack
from engine.formats.uima.layers import NAMED_ENTITY
from engine.formats.uima.webanno_rows import NONE, escape, escape_text
from storage.types import Document, Span, Token

_HEAD = f"#FORMAT=WebAnno TSV 3.3\n#T_SP={NAMED_ENTITY}|value\n\n\n"


def write(documents: Iterable[Document], problems: Problems) -> Iterator[bytes]:
    """Yield a zip with a file for each document."""
    yield from pack(_members(documents, problems))


def _members(documents: Iterable[Document], problems: Problems) -> Iterator[tuple[str, bytes]]:
    for number, document in enumerate(documents, 1):
        name = member_name(number, document.name, ".tsv")
        yield name, _file(document, problems).encode("utf-8")


def _file(document: Document, problems: Problems) -> str:
    text = document.text
    if text != text.strip():
        message = "The blanks around the text are not written"
        problems.warn(0, f"{_name(document)}: {message}.", message)
    spans = list(_fitting(document, problems))
    tokens = _tokens(document, spans)
    units = [0, *accumulate(1 + (char > "\uffff") for char in text)]
    cells = _cells(spans, tokens)
    rows = (
        f"1-{n}\t{units[start]}-{units[end]}\t{escape_text(text[start:end])}\t{cell}\t\n"
        for n, ((start, end), cell) in enumerate(zip(tokens, cells, strict=True), 1)
    )
    written = text[tokens[0][0] : tokens[-1][1]] if tokens else ""
    lines = (f"#Text={escape_text(line)}\n" for line in written.split("\n"))
    return _HEAD + "".join(lines) + "".join(rows)


def _name(document: Document) -> str:
    return document.name or f"document {document.id}"


def _fitting(document: Document, problems: Problems) -> Iterator[Span]:
    """Yield the spans without blanks at their ends, which no token has."""
    text = document.text
    for span in sorted(document.spans):
        quote = text[span.start : span.end]
        start = span.end - len(quote.lstrip())
        end = span.start + len(quote.rstrip())
        if (start, end) == (span.start, span.end):
            yield span
        elif start < end:
            problems.warn(
                0,
                f'In {_name(document)}, the span "{shorten(quote)}" ({span.label}) is written '
                "without the blanks at its ends.",
            )
            yield Span(start, end, span.label)
        else:
            problems.warn(
                0,
                f"In {_name(document)}, a span of blanks ({span.label}) is left out.",
            )


def _tokens(document: Document, spans: Iterable[Span]) -> list[Token]:
    """Return the tokens, cut where spans begin or end, and all else that is no blank."""
    text = document.text
    borders = {0, len(text)} | {at for span in spans for at in (span.start, span.end)}
    borders |= {at for token in document.tokens or tokenize(text) for at in token}
    ordered = sorted(borders)
    found = []
    for start, end in zip(ordered, ordered[1:], strict=False):
        piece = text[start:end]
        start, end = end - len(piece.lstrip()), start + len(piece.rstrip())
        if start < end:
            found.append((start, end))
    return found


def _cells(spans: list[Span], tokens: list[Token]) -> list[str]:
    """Return each token's cell: all spans over it; numbers where one would not be enough."""
    starts = {start: at for at, (start, _) in enumerate(tokens)}
    ends = {end: at for at, (_, end) in enumerate(tokens)}
    over: list[list[tuple[str, int]]] = [[] for _ in tokens]
    for number, span in enumerate(spans, 1):
        for at in range(starts[span.start], ends[span.end] + 1):
            over[at].append((escape(span.label), number))
    single = {
        number
        for number, span in enumerate(spans, 1)
        if starts[span.start] == ends[span.end] and len(over[starts[span.start]]) == 1
    }
    cells = []
    for here in over:
        parts = (label if number in single else f"{label}[{number}]" for label, number in here)
        cells.append("|".join(parts) or NONE)
    return cells
