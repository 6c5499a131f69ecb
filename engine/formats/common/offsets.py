"""The unit in which a file counts the offsets of its spans, told by the words at those offsets.

Python counts code points, browsers and Java UTF-16 code units, some editors what a reader sees as
one character, and a text may have lost or won line ends between who counted and who saved it.
Where a file carries the words of its spans, the unit is taken under which all of them stand where
the file says; where none is, or several are needed, somebody has to say. Without words, borders
of spans and of tokens are compared.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

import regex

from engine.encoding.tokens import tokenize
from engine.formats.common.problems import Problems, shorten
from storage.errors import InputError

EXAMPLES = 3


class Unit(StrEnum):
    """What offsets count, in the order in which a tie is settled."""

    CODEPOINTS = "codepoints"
    UTF16 = "utf16"
    CODEPOINTS_LF = "codepoints-lf"
    UTF16_LF = "utf16-lf"
    GRAPHEMES = "graphemes"
    CODEPOINTS_CRLF = "codepoints-crlf"
    UTF16_CRLF = "utf16-crlf"
    UTF8 = "utf8"

    @property
    def noun(self) -> str:
        """What people call it."""
        return _TITLES[self]


AUTO = "auto"
OPTIONS = (AUTO, *Unit)
"""What the option ``offsets`` of a format may be."""
_TITLES = {
    Unit.CODEPOINTS: "code points",
    Unit.UTF16: "UTF-16 units",
    Unit.GRAPHEMES: "characters as a reader sees them",
    Unit.CODEPOINTS_LF: "code points, with each line end counted as one",
    Unit.UTF16_LF: "UTF-16 units, with each line end counted as one",
    Unit.CODEPOINTS_CRLF: "code points, with each line end counted as two",
    Unit.UTF16_CRLF: "UTF-16 units, with each line end counted as two",
    Unit.UTF8: "bytes of UTF-8",
}
# Without words, line ends tell nothing: a span with a blank around it is as common.
_BY_BORDERS = (Unit.CODEPOINTS, Unit.UTF16, Unit.GRAPHEMES)
# However a tool writes a line end inside of a span's words: as it is, as "\n" in two characters
# (Label Studio), as a blank (brat).
_BREAKS = re.compile(r"(?:\\[nr]|\s)+")
_LINE_END = re.compile(r"\r?\n")


class Claim(NamedTuple):
    """A span as a file writes it; ``words`` is what it says stands there, None where nothing."""

    start: int
    end: int
    label: str
    words: str | None = None


class Claims(NamedTuple):
    """The spans of one text, and the line or item at which it begins."""

    line: int
    text: str
    spans: Sequence[Claim]


class Ruler:
    """Offsets into one text, from a unit to code points and back."""

    def __init__(self, text: str, unit: Unit = Unit.CODEPOINTS) -> None:
        self._length = len(text)
        self._edges: Sequence[int]
        self._points: Sequence[int]
        if unit is Unit.CODEPOINTS or is_plain(text):
            self._points = self._edges = range(len(text) + 1)
        elif unit is Unit.GRAPHEMES:
            self._points = [0, *(match.end() for match in regex.finditer(r"\X", text))]
            self._edges = range(len(self._points))
        else:
            self._points = range(len(text) + 1)
            self._edges = list(accumulate(_widths(text, unit), initial=0))

    def point(self, offset: int) -> int:
        """Return the code point at an offset, beyond the text for one beyond it.

        Raises InputError for an offset inside of a character.
        """
        beyond = offset - self._edges[-1]
        if offset < 0 or beyond > 0:
            return offset if offset < 0 else self._length + beyond
        at = bisect_left(self._edges, offset)
        if self._edges[at] != offset:
            raise InputError(f"The offset {offset} is inside a character of several units")
        return self._points[at]

    def offset(self, point: int) -> int:
        """Return the offset of a code point; raise InputError inside of what counts as one."""
        at = bisect_left(self._points, point)
        if at == len(self._points) or self._points[at] != point:
            raise InputError(f"The position {point} is inside a character")
        # Between the two parts of a line end that counts as one.
        if self.point(self._edges[at]) != point:
            raise InputError(f"The position {point} is inside a line end")
        return self._edges[at]


def is_plain(text: str) -> bool:
    """Tell a text whose offsets are the same in all units."""
    return text.isascii() and "\n" not in text


def is_telling(text: str) -> bool:
    """Tell a text whose characters could be counted in more than one way, line ends aside."""
    return not text.isascii() and (
        max(text) > "\uffff" or len(regex.findall(r"\X", text)) < len(text.replace("\r\n", "\n"))
    )


def same(words: str, found: str) -> bool:
    """Tell whether two texts are the same, however their line ends and blanks are written."""
    return words == found or _BREAKS.sub(" ", words) == _BREAKS.sub(" ", found)


def chosen(options: Mapping[str, object]) -> Unit | None:
    """Return the unit that somebody chose by the option ``offsets``; raise InputError."""
    asked = str(options.get("offsets") or AUTO)
    if asked not in OPTIONS:
        raise InputError(f"Offsets are {', '.join(OPTIONS)}, not {asked[:40]}.")
    return None if asked == AUTO else Unit(asked)


def unit_of(
    options: Mapping[str, object], found: Iterable[Claims], problems: Problems
) -> Unit | None:
    """Return the chosen unit, else the one that fits all of a file; None after it was refused.

    ``found`` is taken only where nobody chose. Texts that are plain need not be in it if their
    words, too, are compared later by `placed`.
    """
    return chosen(options) or _Detection().decide(found, problems)


def placed(claims: Claims, unit: Unit) -> list[tuple[int, int, str]]:
    """Return the spans of a text in code points.

    Raises InputError for an offset inside of a character, and where other words stand.
    """
    if not claims.spans:
        return []
    ruler = Ruler(claims.text, unit)
    triples = []
    for claim in claims.spans:
        start, end = ruler.point(claim.start), ruler.point(claim.end)
        if claim.words is not None and not _fits(claim, (start, end), claims.text):
            found = claims.text[start:end] if 0 <= start <= end else ""
            raise InputError(
                f"The span {claim.start}–{claim.end} ({shorten(claim.label)}) should be "
                f'"{shorten(claim.words)}", and "{shorten(found)}" stands there'
            )
        triples.append((start, end, claim.label))
    return triples


class _Detection:
    """What was seen of a file: the units that fit all words, and examples where one does not."""

    def __init__(self) -> None:
        self._common = set(Unit)
        self._apart: set[tuple[Unit, Unit]] = set()
        self._hits: Counter[Unit] = Counter()
        self._words = self._broken = 0
        self._doubtful = 0
        self._first = 0
        self._examples: dict[frozenset[Unit], str] = {}
        self._nowhere: list[str] = []

    def decide(self, found: Iterable[Claims], problems: Problems) -> Unit | None:
        for claims in found:
            self._see(claims)
        if not self._common or 2 * self._broken > self._words:
            self._refuse(problems)
            return None
        unit = max(self._common, key=lambda each: (self._hits[each], -_ORDER[each]))
        self._tell(unit, problems)
        return unit

    def _see(self, claims: Claims) -> None:
        with_words = [claim for claim in claims.spans if claim.words is not None]
        without = [claim for claim in claims.spans if claim.words is None]
        if is_plain(claims.text):
            # All units say the same, so only what stands nowhere is to be counted.
            self._words += len(with_words)
            ruler = Ruler(claims.text)
            for claim in with_words:
                if not _fits(claim, _place(ruler, claim), claims.text):
                    self._note_nowhere(claim, claims)
            return
        rulers = {unit: Ruler(claims.text, unit) for unit in Unit} if with_words else {}
        for claim in with_words:
            self._compare(claim, claims, rulers)
        if without and is_telling(claims.text):
            self._first = self._first or claims.line
            self._count_borders(without, claims.text)

    def _compare(self, claim: Claim, claims: Claims, rulers: Mapping[Unit, Ruler]) -> None:
        self._words += 1
        places = {unit: _place(ruler, claim) for unit, ruler in rulers.items()}
        fitting = frozenset(u for u, place in places.items() if _fits(claim, place, claims.text))
        if not fitting:
            self._note_nowhere(claim, claims)
            return
        if Unit.CODEPOINTS not in fitting:
            self._first = self._first or claims.line
        self._common &= fitting
        self._examples.setdefault(fitting, _quote(claim, claims.line))
        self._apart |= {(a, b) for a in fitting for b in fitting if places[a] != places[b]}

    def _note_nowhere(self, claim: Claim, claims: Claims) -> None:
        self._broken += 1
        if len(self._nowhere) < EXAMPLES:
            self._nowhere.append(_quote(claim, claims.line))

    def _count_borders(self, found: Sequence[Claim], text: str) -> None:
        tokens = tokenize(text)
        starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
        for unit in _BY_BORDERS:
            ruler = Ruler(text, unit)
            for place in (_place(ruler, claim) for claim in found):
                if place:
                    self._hits[unit] += (place[0] in starts) + (place[1] in ends)

    def _refuse(self, problems: Problems) -> None:
        if self._common:
            what = "The words of most spans do not stand at their offsets, whatever these count"
            examples = self._nowhere
        else:
            what = "No one way of counting offsets fits all spans of the file"
            examples = [
                f"{said} in {' or '.join(sorted(unit.noun for unit in units)[:2])}"
                for units, said in list(self._examples.items())[:EXAMPLES]
            ]
        problems.refuse(
            f"{what}: {'; '.join(examples)}. Correct the file, or choose what the offsets count.",
            option="offsets",
        )

    def _tell(self, unit: Unit, problems: Problems) -> None:
        """Say what was taken where it is not simply code points."""
        rivals = [
            u for u in sorted(self._common, key=_ORDER.__getitem__) if (unit, u) in self._apart
        ]
        if rivals and not self._hits:
            problems.warn(
                self._first,
                f"The words of the spans fit offsets in {unit.noun} and in {rivals[0].noun}; "
                "the former were taken.",
                option="offsets",
            )
        if unit is Unit.CODEPOINTS:
            return
        by = (
            f"{self._hits[unit]:,} span borders fall between words this way, "
            f"{self._hits[Unit.CODEPOINTS]:,} otherwise."
            if Unit.CODEPOINTS in self._common
            else "so the words of all spans stand where they should."
        )
        problems.warn(
            self._first,
            f"The offsets are counted in {unit.noun} and were converted: {by}",
            option="offsets",
        )


_ORDER = {unit: number for number, unit in enumerate(Unit)}


def _place(ruler: Ruler, claim: Claim) -> tuple[int, int] | None:
    try:
        return ruler.point(claim.start), ruler.point(claim.end)
    except InputError:
        return None


def _fits(claim: Claim, place: tuple[int, int] | None, text: str) -> bool:
    if place is None or not 0 <= place[0] <= place[1] <= len(text) or claim.words is None:
        return False
    return same(claim.words, text[slice(*place)])


def _quote(claim: Claim, line: int) -> str:
    return f'"{shorten(claim.words or "")}" at {claim.start}–{claim.end} (line {line})'


def _widths(text: str, unit: Unit) -> Iterable[int]:
    if unit is Unit.UTF8:
        return (len(char.encode("utf-8", "surrogatepass")) for char in text)
    wide = unit.startswith("utf16")
    widths = [1 + (wide and char > "\uffff") for char in text]
    if unit.endswith("-lf"):
        for match in _LINE_END.finditer(text):
            widths[match.start()] = int(len(match[0]) == 1)
    elif unit.endswith("-crlf"):
        for match in _LINE_END.finditer(text):
            widths[match.end() - 1] = 3 - len(match[0])
    return widths
