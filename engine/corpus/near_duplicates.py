"""Texts that are nearly the same: equal but for case, signs and digits, or in most of their words.

How alike two texts are is the Jaccard index of their words and pairs of neighbouring words
(Broder 1997, "On the resemblance and containment of documents"; here computed exactly). A sign of a
script without spaces counts as a word. Only texts that share one of a text's rarest pieces are
looked at (prefix filtering: Chaudhuri et al. 2006): nothing above the threshold is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import floor
from typing import NamedTuple

# From here on texts are nearly the same: of twelve words one may differ.
ALIKE = 0.75
# Longer texts are compared by their first words.
LONGEST = 400
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W{_UNSPACED}]+")
_DIGITS = re.compile(r"\d+")


class Likeness(NamedTuple):
    """A text like another one: 1.0 is the same but for case, signs and digits."""

    id: int
    share: float


@dataclass(slots=True)
class Index:
    """Texts by number, to be asked for those that are nearly the same as one of them."""

    _pieces: dict[int, frozenset[int]] = field(default_factory=dict)
    _holders: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, texts: Iterable[tuple[int, str]]) -> Index:
        """Read the texts, each with its number."""
        index = cls()
        for id, text in texts:
            index._pieces[id] = pieces = pieces_of(text)
            for piece in pieces:
                index._holders[piece].append(id)
        return index

    def like(self, id: int, least: float = ALIKE) -> list[Likeness]:
        """Return the other texts at least so alike, the most alike first; none of no words."""
        mine = self._pieces.get(id, frozenset())
        rarest = sorted(mine, key=lambda piece: (len(self._holders[piece]), piece))
        needed = len(mine) - floor(least * len(mine) - 1e-9)
        near = {other for piece in rarest[:needed] for other in self._holders[piece]} - {id}
        found = [Likeness(other, jaccard(mine, self._pieces[other])) for other in near]
        alike = [each for each in found if each.share >= least]
        return sorted(alike, key=lambda each: (-each.share, each.id))


def pieces_of(text: str) -> frozenset[int]:
    """Return hashes of a text's words and of its pairs of neighbouring words."""
    words = words_of(text)
    return frozenset(map(hash, [*words, *zip(words, words[1:], strict=False)]))


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared: folded, and every number the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_DIGITS.sub("0", folded))[:LONGEST]


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the share of all pieces of two texts that both have; 0 where there are none."""
    shared = len(one & other)
    return shared / max(len(one) + len(other) - shared, 1)
