r"""WebAnno TSV 3: its lines taken apart, with what is escaped in them.

A cell holds one annotation or several with "|" between, each with its number in brackets where
it spans several rows: ``PER[1]|LOC[2]``; "_" is none, "*" one without a value. A backslash
before one of ``\ [ ] | _ -> ; tab newline *`` takes its meaning away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.formats.common.problems import shorten
from storage.errors import InputError

NONE, WITHOUT_VALUE = "_", "*"
_ESCAPED = re.compile(r"\\(->|[\\\[\]|_;*tnrfb])")
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b"}
_TO_ESCAPE = re.compile(r"->|[\\\[\]|_;*\t\n\r]")
_IN_TEXT = re.compile(r"[\\\t\r]")
_SIGNS = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_PARTS = re.compile(r"(?:\\.|[^|\\])*", re.DOTALL)
_NUMBERED = re.compile(r"((?:\\.|[^\\])*?)(?:\[([0-9]{1,9})\])?", re.DOTALL)
_ROW = re.compile(r"([0-9]{1,9})-([0-9]{1,9})(?:\.([0-9]{1,9}))?")
_OFFSETS = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_HEADER = re.compile(r"#T_(SP|CH|RL)=([^|]*)\|?(.*)")
_SENTENCE_DATA = re.compile(r"#Sentence\.")


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as the head names it: its kind ("SP", "CH", "RL") and its columns."""

    kind: str
    name: str
    features: Sequence[str]


@dataclass(frozen=True, slots=True)
class Unit:
    """A row: a token, or a part of one, with its offsets in UTF-16 and its cells."""

    line: int
    sentence: int
    begin: int
    end: int
    form: str
    cells: Sequence[str]
    is_part: bool = False


@dataclass
class Sentence:
    """The text of a sentence and its rows."""

    line: int
    text: str
    units: list[Unit] = field(default_factory=list)


def escape(value: str) -> str:
    """Write a value so that nothing in it has a meaning."""
    return _TO_ESCAPE.sub(lambda match: _SIGNS.get(match[0], f"\\{match[0]}"), value)


def escape_text(text: str) -> str:
    """Write a line of a text: tabs, returns and backslashes only."""
    return _IN_TEXT.sub(lambda match: _SIGNS.get(match[0], f"\\{match[0]}"), text)


def unescape(written: str) -> str:
    """Read a value or a text."""
    return _ESCAPED.sub(lambda match: _LETTERS.get(match[1], match[1]), written)


def values(cell: str) -> list[tuple[str, str]]:
    """Return (value as it is written, number or "") of each annotation in a cell."""
    if cell == NONE:
        return []
    found = []
    for part in _split(cell):
        match = _NUMBERED.fullmatch(part)
        found.append((match[1], match[2] or "") if match else (part, ""))
    return found


def _split(cell: str) -> Iterator[str]:
    at = 0
    while True:
        match = _PARTS.match(cell, at)
        assert match, "the pattern matches nothing, too"
        yield match[0]
        at = match.end()
        # A backslash that ends the cell escapes nothing.
        if at >= len(cell) or cell[at] != "|":
            return
        at += 1


def layer_of(line: str) -> Layer | None:
    """Return the layer that a line of the head names, None where it names none."""
    match = _HEADER.fullmatch(line)
    return Layer(match[1], match[2], match[3].split("|")) if match else None


def scan(lines: Iterable[str]) -> Iterator[Layer | Sentence]:
    """Yield the layers of the head, then each sentence; raise InputError with the line."""
    texts: list[str] = []
    sentence: Sentence | None = None
    for number, ended in enumerate(lines, 1):
        line = ended.rstrip("\n").removesuffix("\r")
        if layer := layer_of(line):
            yield layer
        elif line.startswith("#Text="):
            if sentence and sentence.units:
                yield sentence
                sentence = None
            if sentence is None:
                texts, sentence = [], Sentence(number, "")
            texts.append(unescape(line.removeprefix("#Text=")))
            sentence.text = "\n".join(texts)
        elif not line or line.startswith("#FORMAT=") or _SENTENCE_DATA.match(line):
            continue
        elif unit := _unit(number, line):
            # Version 3.2 and files of other programs may go without a text.
            if sentence is None:
                raise InputError(f"line {number}: the row stands before any #Text=")
            sentence.units.append(unit)
        elif not line.startswith("#"):
            raise InputError(f'line {number}: "{shorten(line)}" is no row of WebAnno TSV')
    if sentence:
        yield sentence


def _unit(number: int, line: str) -> Unit | None:
    fields = line.split("\t")
    if len(fields) < 3:
        return None
    row, offsets = _ROW.fullmatch(fields[0]), _OFFSETS.fullmatch(fields[1])
    if not row or not offsets:
        return None
    cells = fields[3:-1] if fields[-1] == "" else fields[3:]
    begin, end = int(offsets[1]), int(offsets[2])
    return Unit(number, int(row[1]), begin, end, fields[2], cells, row[3] is not None)
