"""The lines of an .ann file: textbound annotations, and everything that refers to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.formats.common.problems import shorten
from storage.errors import InputError

_PLACES = re.compile(r"(\S+) ([0-9]+ [0-9]+(?:;[0-9]+ [0-9]+)*)")
_ID = re.compile(r"[TERAMN#*][0-9]*")
KINDS = {
    "R": "Relations",
    "E": "Events",
    "A": "Attributes",
    "M": "Attributes",
    "N": "References to other databases",
    "#": "Notes",
    "*": "Equivalences",
}
"""What is no span, by the first character of its line."""


@dataclass(frozen=True, slots=True)
class Textbound:
    """A "T" line: a label over one or several fragments of the text, and their words."""

    line: int
    id: str
    label: str
    fragments: tuple[tuple[int, int], ...]
    words: str
    raw: str


@dataclass(frozen=True, slots=True)
class Other:
    """A line of another kind, kept as it is."""

    line: int
    raw: str

    @property
    def kind(self) -> str:
        return KINDS[self.raw[0]]

    @property
    def id(self) -> str:
        return self.raw.partition("\t")[0]

    @property
    def targets(self) -> frozenset[str]:
        """The ids of what the line speaks of."""
        words = self.raw.partition("\t")[2].partition("\t")[0].split()
        if self.raw[0] in "RE":
            # "Binding:T5 Theme:T2", "Located Arg1:T1 Arg2:T2"
            found = [word.partition(":")[2] for word in words if ":" in word]
        else:
            found = words[1:] if self.raw[0] == "*" else words[1:2]
        return frozenset(found)

    @property
    def type(self) -> str:
        return self.raw.partition("\t")[2].split(" ")[0].partition(":")[0].strip()


def parse(lines: Iterable[str]) -> Iterator[Textbound | Other | tuple[int, str]]:
    """Yield what each line is, or its number with what is wrong with it."""
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if not line.strip():
            continue
        try:
            yield _textbound(number, line) if line.startswith("T") else _other(number, line)
        except InputError as error:
            yield number, str(error)


def _textbound(number: int, line: str) -> Textbound:
    id, _, rest = line.partition("\t")
    places, _, words = rest.partition("\t")
    match = _PLACES.fullmatch(places.strip())
    if not re.fullmatch("T[0-9]+", id) or match is None:
        raise InputError(f'"{shorten(line)}" is not an annotation such as T1⇥Person 0 4⇥Jane')
    pairs = (pair.split(" ") for pair in match[2].split(";"))
    fragments = tuple((int(start[:12]), int(end[:12])) for start, end in pairs)
    return Textbound(number, id, match[1], fragments, words, line)


def _other(number: int, line: str) -> Other:
    if line[0] not in KINDS or "\t" not in line or not _ID.fullmatch(line.partition("\t")[0]):
        raise InputError(f'"{shorten(line)}" is no line of an .ann file')
    return Other(number, line)
