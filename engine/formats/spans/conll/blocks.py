"""A document as the rows of a CoNLL file: as they came in, with other tags, or made anew."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from engine.encoding.tokens import join_tokens, tokenize
from engine.formats.common.problems import Problems, shorten
from engine.formats.spans.conll import rows as conll_rows
from engine.formats.spans.conll.columns import Places
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.schemes import Scheme, TokenSpan
from storage.types import Document, Span, Token

_PLAIN = {"format": "conll", "scheme": Scheme.IOB2, "separator": "\t", "columns": 2}


def layout_of(document: Document, plain: bool) -> Mapping[str, Any]:
    """Return how the document's rows look: as in its file, else plain."""
    if not plain and document.layout.get("format") == _PLAIN["format"]:
        return document.layout
    return _PLAIN


def block_of(document: Document, layout: Mapping[str, Any], problems: Problems) -> str:
    """Return the document's rows, "" where it has no tokens."""
    if "block" not in layout:
        return _plain_block(document, problems)
    places = Places.of(layout)
    raw = conll_rows.split_lines(layout["block"])
    lines = list(conll_rows.scan(raw, layout["separator"], places))
    rows = list(conll_rows.only_rows(lines))
    _, tokens = join_tokens(row.token for row in rows)
    if set(document.spans) == set(conll_rows.spans_of([row.tag for row in rows], tokens)):
        return layout["block"]
    tags = encode(document, tokens, layout, problems)
    if places.bare and any(tag.startswith("B-") for tag in tags):
        message = "Neighbours of one label are written as one span: the file's tags have no prefix."
        problems.warn(0, message, "neighbours of one label")
    for row, tag in zip(rows, tags, strict=True):
        if tag != row.tag:
            cell = places.cell_of(tag)
            row.raw = conll_rows.with_tag(row, layout["separator"], places.tag, cell)
    return "".join(line.raw for line in lines)


def gap(before: str, block: str, layout: Mapping[str, Any]) -> str:
    """Return the line ends between two blocks that must not run together.

    ``layout`` is of the later one.
    """
    if not before:
        return ""
    end = "" if before.endswith("\n") else "\n"
    apart = conll_rows.starts_document(block) or _says_another(before, block, layout)
    return end + "\n" * (conll_rows.ends_open(before) and not apart)


def _says_another(before: str, block: str, layout: Mapping[str, Any]) -> bool:
    """Tell whether the block's first row says that it is of another sentence than those before."""
    if "sentence_column" not in layout:
        return False
    first, second = (_scan(raw, layout) for raw in (before, block))
    said = first and first[0].sentence and second
    return bool(said) and conll_rows.begins_other(first, second[0])


def _scan(raw: str, layout: Mapping[str, Any]) -> list[conll_rows.Line]:
    lines = conll_rows.split_lines(raw)
    return list(
        conll_rows.only_rows(conll_rows.scan(lines, layout["separator"], Places.of(layout)))
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
    tags = encode(document, tokens, _PLAIN, problems)
    rows = (f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True))
    return "".join(rows) + "\n"


def encode(
    document: Document,
    tokens: Sequence[Token],
    layout: Mapping[str, Any],
    problems: Problems,
) -> list[str]:
    spans = [
        (first, last, _writable(label, layout["separator"], problems))
        for first, last, label in fit(document, tokens, problems)
    ]
    return schemes.encode(spans, len(tokens), Scheme(layout["scheme"]))


def _writable(label: str, separator: object, problems: Problems) -> str:
    """Replace what would cut a tag in two when it is read back."""
    blank = {"\t": r"[\t\r\n]|^ | $", ",": r"[\s,\"]"}.get(str(separator), r"\s")
    clean = re.sub(rf"{blank}|[,|;](?=\s*[BIESLUM]-)", "_", label)
    if clean != label:
        problems.warn(0, f'The label "{label}" is written as "{clean}".')
    return clean
