"""CoNLL: one token a row, its tag in the last column, a blank line after each sentence.

An unedited document goes out byte for byte as it came in; an edited one keeps all but
its last column, which is written in the file's own scheme.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from engine import schemes
from engine.formats import conll_rows
from engine.formats.base import Options, Problems, Reading, Source, shorten, text_of
from engine.formats.conll_rows import Block, Line
from engine.schemes import Scheme, TokenSpan
from engine.tokens import join_tokens, tokenize
from storage.types import Document, Span, Status, Token
from storage.types import Source as Maker

_PLAIN = {"format": "conll", "scheme": Scheme.IOB2, "separator": "\t", "columns": 2}
_BOM = "\ufeff"


class Conll:
    """CoNLL with two or more columns. Write option ``layout``: "own" (default) or "plain"."""

    name = "conll"
    title = "CoNLL (token and tag columns)"
    extensions = (".conll", ".iob", ".iob2", ".bio", ".bioes", ".bmes")

    def sniff(self, source: Source) -> float:
        """Count the rows that end in a tag; the extension only settles a doubt."""
        lines, _ = conll_rows.scan(source.head, conll_rows.separator_of(source.head))
        rows = [line for line in lines if line.kind == "row"]
        tagged = sum(row.columns > 1 and not schemes.fault(row.tag) for row in rows)
        share = tagged / len(rows) if rows else 0.0
        return max(0.95 * share, 0.5 * source.name.lower().endswith(self.extensions))

    def read(self, source: Source, options: Options, problems: Problems) -> Reading:
        """Read every sentence as a finished document with the layout to write it back."""
        text = text_of(source, problems)
        if text is None:
            return Reading()
        separator = conll_rows.separator_of(text)
        lines, columns = conll_rows.scan(text.removeprefix(_BOM), separator)
        if all(row.columns < 2 or schemes.fault(row.tag) for row in _rows(lines)):
            problems.refuse(
                "No row has a token and a tag such as O or B-PER; add a tag column, or import "
                "the file as text.",
                next((row.number for row in _rows(lines)), 0),
            )
            return Reading()
        lines, scheme = _good_lines(lines, columns, problems)
        layout = {
            "format": self.name,
            "scheme": str(scheme),
            "separator": separator,
            "columns": columns,
        }
        blocks = conll_rows.blocks(lines)
        has_sections = any(line.kind == "docstart" for line in lines)
        documents = [
            _document(block, layout, source.name, has_sections, problems) for block in blocks
        ]
        if documents and text.startswith(_BOM):
            layout = {**documents[0].layout, "bom": True}
            documents[0] = replace(documents[0], layout=layout)
        return Reading(
            tuple(documents),
            tuple(block.rows[0].number for block in blocks),
            str(scheme),
        )

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield the documents' blocks, with a blank line where two would run together."""
        plain = options.get("layout", "own") == "plain"
        layouts = set()
        before = ""
        for document in documents:
            layout = _layout_of(document, plain)
            block = _block(document, layout, problems)
            if not block:
                continue
            mark = _BOM if layout.get("bom") and not before else ""
            yield (mark + _gap(before, block) + block).encode("utf-8")
            before = block
            layouts.add((layout["scheme"], layout["separator"], layout["columns"]))
        if len(layouts) > 1:
            problems.warn(
                0,
                "The documents came from files with different columns or tag schemes and each "
                "kept its own; choose the plain layout to write all of them alike.",
            )


def fit(document: Document, tokens: Sequence[Token], problems: Problems) -> list[TokenSpan]:
    """Express a document's spans in whole tokens and report every span that this changes.

    Of overlapping spans the longest stays, then the leftmost, as in training.
    """
    starts = [start for start, _ in tokens]
    ends = [end for _, end in tokens]
    fitted: list[TokenSpan] = []
    taken: set[int] = set()
    for span in sorted(document.spans, key=lambda span: (span.start - span.end, span)):
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        if first >= last:
            _report(document, span, "holds no token and is left out", problems)
        elif not taken.isdisjoint(range(first, last)):
            _report(document, span, "overlaps another span and is left out", problems)
        else:
            if (starts[first], ends[last - 1]) != (span.start, span.end):
                whole = shorten(document.text[starts[first] : ends[last - 1]])
                _report(document, span, f'is written as the whole tokens "{whole}"', problems)
            fitted.append((first, last, span.label))
            taken.update(range(first, last))
    return fitted


def _report(document: Document, span: Span, message: str, problems: Problems) -> None:
    quote = shorten(document.text[span.start : span.end])
    name = document.name or f"document {document.id}"
    problems.warn(0, f'In {name}, the span "{quote}" ({span.label}) {message}.')


def _good_lines(lines: list[Line], columns: int, problems: Problems) -> tuple[list[Line], Scheme]:
    """Leave out and report bad rows; say which scheme the good ones are in."""
    _warn_of_comments(lines, problems)
    lines = _drop(lines, {row.number: _fault(row, columns) for row in _rows(lines)}, problems)
    detection = schemes.detect(_tags(block) for block in conll_rows.blocks(lines))
    return _drop(lines, _outside(lines, detection), problems), detection.scheme


def _rows(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if line.kind == "row")


def _tags(block: Block) -> list[str]:
    return [row.tag for row in block.rows]


def _fault(row: Line, columns: int) -> tuple[str, str] | None:
    if row.columns < 2:
        return "The row has one column where a token and a tag are needed", "add what is missing"
    if not row.token.strip(" "):
        return "The row has no token before its tag", "add the token"
    if row.columns != columns:
        message = f"The row has {row.columns} columns where the file has {columns}"
        return message, "give every row the same columns"
    if reason := schemes.fault(row.tag):
        return f'The tag "{shorten(row.tag)}" {reason}', "correct the tag"
    return None


def _outside(
    lines: Iterable[Line], detection: schemes.Detection
) -> dict[int, tuple[str, str] | None]:
    reason = f"is outside the scheme {detection.scheme} of the file"
    return {
        row.number: (f'The tag "{shorten(row.tag)}" {reason}', "correct the tag")
        for row in _rows(lines)
        if row.tag in detection.outside
    }


def _drop(
    lines: list[Line], faults: Mapping[int, tuple[str, str] | None], problems: Problems
) -> list[Line]:
    for number, reason in faults.items():
        if reason:
            problems.drop(number, *reason)
    return [line for line in lines if not faults.get(line.number)]


def _warn_of_comments(lines: list[Line], problems: Problems) -> None:
    comments = [line.number for line in lines if line.kind == "comment"]
    if comments:
        problems.warn(
            comments[0],
            f"Lines that begin with # and have no tag are kept as comments: {len(comments):,}.",
        )


def _document(
    block: Block,
    layout: Mapping[str, object],
    file: str,
    has_sections: bool,
    problems: Problems,
) -> Document:
    for row in block.rows:
        if " " in row.token:
            problems.warn(row.number, "The token has a space in it.", "spaces inside a token")
    tags = _tags(block)
    for position, name in schemes.repairs(tags, Scheme(layout["scheme"])):
        row = block.rows[position]
        problems.warn(row.number, f"{name.capitalize()} ({row.tag}) is read as one.", name)
    text, tokens = join_tokens(row.token for row in block.rows)
    return Document(
        text=text,
        tokens=tokens,
        spans=_spans(tags, tokens),
        group=f"{file}#{block.section}" if has_sections else "",
        status=Status.DONE,
        name=f"{file}:{block.rows[0].number}",
        layout={**layout, "block": block.raw},
    )


def _spans(tags: Sequence[str], tokens: Sequence[Token]) -> tuple[Span, ...]:
    return tuple(
        Span(tokens[first][0], tokens[last - 1][1], label, source=Maker.IMPORT)
        for first, last, label in schemes.decode(tags)
    )


def _layout_of(document: Document, plain: bool) -> Mapping[str, object]:
    if not plain and document.layout.get("format") == _PLAIN["format"]:
        return document.layout
    return _PLAIN


def _block(document: Document, layout: Mapping[str, object], problems: Problems) -> str:
    if "block" not in layout:
        return _plain_block(document, problems)
    lines, _ = conll_rows.scan(layout["block"], layout["separator"], layout["columns"])
    rows = list(_rows(lines))
    _, tokens = join_tokens(row.token for row in rows)
    if set(document.spans) == set(_spans([row.tag for row in rows], tokens)):
        return layout["block"]
    tags = _encode(document, tokens, layout, problems)
    for row, tag in zip(rows, tags, strict=True):
        if tag != row.tag:
            row.raw = conll_rows.with_tag(row, layout["separator"], tag)
    return "".join(line.raw for line in lines)


def _plain_block(document: Document, problems: Problems) -> str:
    text = document.text
    # Other tools count line breaks as tokens; a row cannot hold them.
    tokens = [
        (start, end) for start, end in document.tokens or tokenize(text) if text[start:end].strip()
    ]
    if not tokens:
        problems.warn(0, f"{document.name or document.id} has no tokens and is left out.")
        return ""
    words = [re.sub(r"[\t\n]", " ", text[start:end]) for start, end in tokens]
    tags = _encode(document, tokens, _PLAIN, problems)
    rows = (f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True))
    return "".join(rows) + "\n"


def _encode(
    document: Document,
    tokens: Sequence[Token],
    layout: Mapping[str, object],
    problems: Problems,
) -> list[str]:
    spans = [
        (first, last, _writable(label, layout["separator"], problems))
        for first, last, label in fit(document, tokens, problems)
    ]
    return schemes.encode(spans, len(tokens), Scheme(layout["scheme"]))


def _writable(label: str, separator: object, problems: Problems) -> str:
    """Replace what would cut a tag in two when it is read back."""
    blank = r"[\t\r\n]|^ | $" if separator == "\t" else r"\s"
    clean = re.sub(rf"{blank}|[,|;](?=\s*[BIESLUM]-)", "_", label)
    if clean != label:
        problems.warn(0, f'The label "{label}" is written as "{clean}".')
    return clean


def _gap(before: str, block: str) -> str:
    if not before:
        return ""
    end = "" if before.endswith("\n") else "\n"
    needs_blank = conll_rows.ends_open(before) and not conll_rows.starts_document(block)
    return end + "\n" * needs_blank
