"""Matching: where a string occurs in a text, in code points.

A hit never cuts what a reader sees as one character. Whole words are asked for where
words have borders: scripts written without spaces (and Hangul, whose particles stick to
names) have none to check. Ignoring case never shifts an offset, also where a folded
character is longer: "STRASSE" finds "straße" at its six characters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import regex

from engine.encoding.tokens import UNSPACED

Hit = tuple[int, int]

_SPACED = regex.compile(rf"(?![{UNSPACED}])[\p{{L}}\p{{N}}]", regex.V1)
_CLUSTER = regex.compile(r"\X", regex.V1)
# Below it every character but a line feed stands alone.
_SIMPLE = "\u0300"
# How far back a cluster is looked for where no ASCII character ends the search.
_REACH = 64
# So many borders of one text are looked at one by one.
_FEW = 16


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without case; ``origins`` leads from its offsets back, None where nothing moved."""

    text: str
    origins: dict[int, int] | None = None

    def origin(self, offset: int) -> int | None:
        """Return the offset in the text as it was, None inside of one of its characters."""
        return offset if self.origins is None else self.origins.get(offset)


def find(text: str, needle: str, whole_words: bool = True, match_case: bool = True) -> list[Hit]:
    """Return the hits of a string as (start, end), the leftmost first, none overlapping another.

    An empty needle, or one of white space alone, has no hits.
    """
    found: list[Hit] = []
    for hit in candidates(text, needle, match_case):
        free = not found or hit[0] >= found[-1][1]
        if free and fits(text, hit, whole_words):
            found.append(hit)
    return found


def fold(text: str, match_case: bool = False) -> Folded:
    """Return a text as it is compared; with ``match_case`` unchanged."""
    if match_case:
        return Folded(text)
    if text.isascii():
        return Folded(text.lower())
    # Its full folding would keep a dot that nobody types.
    text = text.replace("İ", "i")
    folded = text.casefold()
    # Folding never shortens a character, so an equal length means that none has grown.
    return Folded(folded) if len(folded) == len(text) else Folded(folded, _origins(text))


def candidates(text: str, needle: str, match_case: bool) -> Iterator[Hit]:
    """Yield every place where the string stands, overlapping ones too, borders unchecked."""
    if not needle.strip():
        return
    wanted = fold(needle, match_case).text
    folded = fold(text, match_case)
    at = folded.text.find(wanted)
    while at >= 0:
        start, end = folded.origin(at), folded.origin(at + len(wanted))
        if start is not None and end is not None:
            yield start, end
        at = folded.text.find(wanted, at + 1)


def fits(text: str, hit: Hit, whole_words: bool) -> bool:
    """Tell whether a hit cuts no character and, where asked, no word."""
    return all(_may_cut(text, border, whole_words) for border in hit)


def _may_cut(text: str, border: int, whole_words: bool) -> bool:
    if not 0 < border < len(text):
        return True
    before, after = text[border - 1], text[border]
    if before >= _SIMPLE or after >= _SIMPLE or after == "\n":
        start, end = _cluster(text, border)
        if end > border:
            return False
        before = text[start]
    return not (whole_words and _is_spaced(before) and _is_spaced(after))


def _cluster(text: str, border: int) -> Hit:
    """Return what a reader sees as one character, the one that the last before a border is in."""
    borders = _borders(text)
    borders.asked += 1
    if borders.asked > _FEW:
        return borders.around(border)
    start, reach = border - 1, max(0, border - _REACH)
    while start > reach and not text[start].isascii():
        start -= 1
    clusters = (match.span() for match in _CLUSTER.finditer(text, start))
    return next(cluster for cluster in clusters if cluster[1] >= border)


class _Borders:
    """The borders of a text's characters, all looked up at once where many are asked for.

    A look around one border may read to the end of a text: of a hundred thousand accents on one
    letter, each would.
    """

    def __init__(self, text: str):
        self.asked = 0
        self._text = text

    @cached_property
    def _all(self) -> list[int]:
        return [0, *(match.end() for match in _CLUSTER.finditer(self._text))]

    def around(self, border: int) -> Hit:
        """Return the character that the last code point before a border is in."""
        end = bisect_left(self._all, border)
        return self._all[end - 1], self._all[end]


@lru_cache(maxsize=4)
def _borders(text: str) -> _Borders:
    return _Borders(text)


def _is_spaced(character: str) -> bool:
    """Tell whether this is a letter or digit of a script that puts spaces between words."""
    return character.isalnum() and (character.isascii() or _SPACED.match(character) is not None)


def _origins(text: str) -> dict[int, int]:
    origins, offset = {0: 0}, 0
    for index, character in enumerate(text, start=1):
        offset += len(character.casefold())
        origins[offset] = index
    return origins
