"""Which words of an item a query has, too, or has something like.

A word that stands in both is one kind of mark. The other is a word that means nearly the same:
each word of the item is held against every word of the query by the cosine of their vectors, as
late interaction does (Khattab and Zaharia 2020, "ColBERT"), seen from the mean of all words at
hand, since what all vectors have in common says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

import numpy as np

from storage.types import Token

# Seen with the bundled encoder on pairs of questions and answers: from there on a person would
# say that the two words have to do with each other (abroad and foreign, purchase and bought).
ALIKE = 0.4
# Words that stand in any text; what they match says nothing about it.
_EMPTY_WORDS = (
    "a about after all also am an and any are as at be been before but by can could did do does "
    "for from had has have he her him his how i if in into is it its just me my no not now of on "
    "one or our out she should so some than that the their them then there they this to too up "
    "us was we were what when where which while who why will with would you your "
    "的 了 是 在 我 你 他 她 它 们 这 那 有 和 与 就 都 也 还 不 吗 呢 吧 啊 个 么 什"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True, order=True)
class Common:
    """A word of one text, in code points, and the word of the other text that it goes with."""

    start: int
    end: int
    word: str
    same: bool
    """Whether they are one word; else they only mean something alike."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its words as vectors: float32 of shape (tokens, width)."""

    text: str
    tokens: Sequence[Token]
    vectors: np.ndarray

    @property
    def telling(self) -> list[int]:
        """The places of the tokens that say something."""
        return [at for at, token in enumerate(self.tokens) if _tells(self.text[slice(*token)])]

    def word(self, at: int) -> str:
        """Return a token as it is written."""
        return self.text[slice(*self.tokens[at])]


def common(query: Words, item: Words, mean: np.ndarray) -> list[Common]:
    """Return the words of ``item`` that go with one of ``query``, in reading order.

    ``mean``, of shape (width,), is that of the vectors of all words at hand.
    """
    asked, own = query.telling, item.telling
    if not asked or not own:
        return []
    folded = {_fold(query.word(at)): query.word(at) for at in reversed(asked)}
    near = _directions(item.vectors[own] - mean) @ _directions(query.vectors[asked] - mean).T
    found = []
    for place, at in enumerate(own):
        same = folded.get(_fold(item.word(at)))
        best = int(near[place].argmax())
        if same is not None:
            found.append(Common(*item.tokens[at], same, True))
        elif near[place, best] >= ALIKE:
            found.append(Common(*item.tokens[at], query.word(asked[best]), False))
    return found


def _tells(word: str) -> bool:
    return any(map(str.isalnum, word)) and _fold(word) not in _EMPTY


def _fold(word: str) -> str:
    return normalize("NFC", normalize("NFC", word).casefold())


def _directions(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms > 0, norms, 1)
