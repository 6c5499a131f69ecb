"""IOB with a sentence a line, as spaCy reads it: "word|tag word|tag", or "word|part-of-speech|tag".

An unedited sentence goes out byte for byte as it came in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.encoding.tokens import join_tokens, tokenize
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile, lines_of
from engine.formats.spans.conll import blocks
from engine.formats.spans.conll.rows import spans_of, split_lines
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.schemes import Scheme
from storage.errors import InputError
from storage.types import Document, Status

_BLANK = " \t\r\n"
_PLAIN: Mapping[str, Any] = {"scheme": Scheme.IOB2, "parts": 2, "separator": " "}


class SentenceLines:
    """spaCy's IOB with one sentence a line."""

    name = "iob_lines"
    title = "IOB, a sentence a line (spaCy)"
    extensions = (".iob",)
    cannot_hold = (
        "It holds words and not the spaces between them, of overlapping spans the longest, and no "
        "border inside of a word."
    )

    def sniff(self, source: InputFile) -> float:
        """Ask for lines of which nearly all words end in a tag."""
        words = [word for line in split_lines(source.head) for word in line.split()]
        tagged = sum("|" in word and not schemes.fault(word.rpartition("|")[2]) for word in words)
        return 0.97 if words and tagged >= 0.95 * len(words) else 0.0

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read every line as a finished document; its scheme is told in a first pass."""
        quiet = Problems(source.name, skip_bad=True)
        parts = _parts(source, quiet)
        scheme = schemes.detect(_tags(source, parts, quiet)).scheme
        layout = {"format": self.name, **_PLAIN, "scheme": str(scheme), "parts": parts}
        return Reading(_rows(source, layout, problems), str(scheme))

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a line for each document."""
        before = "\n"
        for document in documents:
            line = _line(document, problems)
            if line:
                yield ("\n" * (not before.endswith("\n")) + line).encode("utf-8")
                before = line


def _parts(source: InputFile, quiet: Problems) -> int:
    """Return how many parts a word has, with its tag, in most cases."""
    counts = Counter(
        min(word.count("|") + 1, 3)
        for line, _ in zip(lines_of(source, quiet), range(1_000), strict=False)
        for word in line.split()
    )
    return 3 if counts[3] > counts[2] else 2


def _tags(source: InputFile, parts: int, quiet: Problems) -> Iterator[list[str]]:
    for line in lines_of(source, quiet):
        try:
            yield [fields[-1] for fields in _fields(line, parts)]
        except InputError:
            continue


def _fields(line: str, parts: int) -> list[list[str]]:
    """Return the parts of each word of a line; a word may hold bars itself. Raises InputError."""
    found = []
    for word in (each for each in line.strip(_BLANK).split(" ") if each):
        fields = word.rsplit("|", parts - 1)
        if len(fields) != parts or not fields[0]:
            raise InputError(f'"{shorten(word)}" is not a word with {parts - 1} marks behind it')
        if fault := schemes.fault(fields[-1]):
            raise InputError(f'The tag "{shorten(fields[-1])}" {fault}')
        found.append(fields)
    return found


def _rows(source: InputFile, layout: Mapping[str, Any], problems: Problems) -> Iterator[Row]:
    """Yield the documents; blank lines go with the next one, those at the end with the last."""
    held: Row | None = None
    blank = ""
    for number, line in enumerate(lines_of(source, problems), 1):
        if not line.strip(_BLANK):
            blank += line
            continue
        try:
            document = _document(line, layout, f"{source.name}:{number}")
        except InputError as error:
            problems.drop(number, str(error), "correct the line")
            continue
        if held:
            yield held
        held, blank = (number, _with(document, blank + line)), ""
    if held:
        yield held[0], _with(held[1], held[1].layout["line"] + blank)


def _with(document: Document, line: str) -> Document:
    return replace(document, layout={**document.layout, "line": line})


def _document(line: str, layout: Mapping[str, Any], name: str) -> Document:
    fields = _fields(line, layout["parts"])
    text, tokens = join_tokens(each[0] for each in fields)
    spans = spans_of([each[-1] for each in fields], tokens)
    return Document(
        text=text, tokens=tokens, spans=spans, status=Status.DONE, name=name, layout=layout
    )


def _line(document: Document, problems: Problems) -> str:
    layout = document.layout if document.layout.get("format") == SentenceLines.name else _PLAIN
    if "line" not in layout:
        return _plain(document, problems)
    raw = layout["line"]
    bare = raw.strip(_BLANK)
    fields = _fields(bare, layout["parts"])
    _, tokens = join_tokens(each[0] for each in fields)
    if set(document.spans) == set(spans_of([each[-1] for each in fields], tokens)):
        return raw
    tags = _encode(document, tokens, layout, problems)
    words = " ".join("|".join([*f[:-1], tag]) for f, tag in zip(fields, tags, strict=True))
    start = raw.index(bare)
    return raw[:start] + words + raw[start + len(bare) :]


def _plain(document: Document, problems: Problems) -> str:
    text = document.text
    tokens = [place for place in document.tokens or tokenize(text) if text[slice(*place)].strip()]
    if not tokens:
        problems.warn(0, f"{document.name or document.id} has no tokens and is left out.")
        return ""
    words = ["_".join(text[start:end].split()) for start, end in tokens]
    tags = _encode(document, tokens, _PLAIN, problems)
    return " ".join(f"{word}|{tag}" for word, tag in zip(words, tags, strict=True)) + "\n"


def _encode(
    document: Document, tokens: Sequence[Any], layout: Mapping[str, Any], problems: Problems
) -> list[str]:
    tags = blocks.encode(document, tokens, layout, problems)
    if any("|" in tag for tag in tags):
        problems.warn(0, "Bars in labels are written as underlines.", "bars in labels")
    return [tag.replace("|", "_") for tag in tags]
