"""fastText's lines: ``__label__x __label__y the text``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.encoding.tokens import tokenize
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile, lines_of
from engine.formats.whole import labels
from storage.types import Document, Source, Span, Status

_PREFIX = "__label__"
_LABELS = re.compile(r"\s*(?:__label__\S+(?:[ \t]*,[ \t]*|[ \t]+|$))+")
_LINES = 50


@dataclass(frozen=True, slots=True)
class FastText:
    """fastText's format: a line is a text, its labels before it; one without has no answer."""

    shape: Shape
    name: str = "fasttext"
    title: str = "fastText (__label__x text)"
    extensions: tuple[str, ...] = (".txt",)
    cannot_hold: str = "It holds texts of one line and their labels, and nothing else."

    def sniff(self, source: InputFile) -> float:
        """Ask for lines that begin with a label."""
        lines = [line for line in source.head.split("\n")[:_LINES] if line.strip()]
        begins = sum(line.lstrip().startswith(_PREFIX) for line in lines)
        return 0.97 * (2 * begins > len(lines) > 0)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each line with a text."""
        return Reading(self._rows(source, problems))

    def _rows(self, source: InputFile, problems: Problems) -> Iterator[Row]:
        for number, ended in enumerate(lines_of(source, problems), 1):
            line = ended.removesuffix("\n")
            match = _LABELS.match(line)
            names = re.findall(rf"{_PREFIX}(\S+?)(?=,|\s|$)", match[0]) if match else []
            said = line[match.end() if match else 0 :].removesuffix("\r")
            names = list(dict.fromkeys(names))
            if not said.strip():
                if line.strip():
                    problems.warn(number, "The text is blank, so it is left out.", "blank texts")
            elif len(names) > 1 and not self.shape.several:
                listed = shorten(", ".join(names))
                message = f"There are {len(names)} labels ({listed}) where a text has one"
                problems.drop(number, message, "correct the line")
            else:
                yield number, _document(said, names, f"{source.name}:{number}")

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a line a document; blanks of labels and line breaks of texts cannot be kept."""
        for number, document in enumerate(documents, 1):
            names = sorted(span.label for span in document.spans)
            good = [re.sub(r"[\s,]+", "_", name) for name in names]
            text = re.sub(r"[\r\n]+", " ", document.text)
            if good != names:
                message = f"A label's blanks became “_”: {', '.join(good)}."
                problems.warn(number, message, "blanks in labels")
            if text != document.text:
                problems.warn(number, "Line breaks of the text became blanks.", "line breaks")
            labels.tell_unlabelled(document, number, problems)
            marks = "".join(f"{_PREFIX}{name} " for name in good)
            yield f"{marks}{text}\n".encode()


def _document(text: str, names: list[str], file: str) -> Document:
    marks = [Span(0, 0, found, source=Source.IMPORT) for n in names if (found := labels.name_of(n))]
    return Document(
        text=text,
        tokens=tokenize(text),
        spans=tuple(sorted(marks)),
        status=Status.DONE if marks else Status.UNTOUCHED,
        name=file,
        layout={"format": "fasttext"},
    )
