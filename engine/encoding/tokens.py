"""Tokens: where words begin and end in a text, in code points.

A token is a word, a number, a character of a script that puts no spaces between words,
or a single other sign. Tokens never hold whitespace, cover all the rest of the text,
and never cut what a reader sees as one character (a grapheme cluster of Unicode
Standard Annex 29): a family emoji, a flag, a letter with its accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import accumulate

import regex

from storage.types import Token

# Scripts that write words without spaces; Hangul is here because particles stick to names.
UNSPACED = (
    r"\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}"
    r"\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}"
)
# A prepended mark would take a following space into its cluster.
_LONELY = r"\p{Grapheme_Cluster_Break=Prepend}++(?=\s)"
_WORD = rf"(?=[\p{{L}}\p{{N}}\p{{M}}_])(?![{UNSPACED}])(?!{_LONELY})\X"
_GENERAL = regex.compile(
    rf"{_LONELY}|(?:{_WORD}(?:(?<=\p{{Nd}})[.,](?=\p{{Nd}}))?)+|(?=[^\s\x1c-\x1f])\X", regex.V1
)

# Below U+0300 and among common signs every character is a grapheme cluster of its own,
# which lets the much faster `re` do the work for most Western text.
_SIMPLE_TEXT = re.compile(r"[\x00-\u02ff\u2010-\u2027\u2030-\u203a\u20ac]*")
_SIMPLE = re.compile(r"(\w+(?:(?<=\d)[.,](?=\d)\w+)*|\S)")

# Ranges between which a token file's words are joined without a space: CJK marks and
# kana, ideographs (also the supplementary planes), compatibility and full-width forms.
_CJK = re.compile(
    "[\u2e80-\u2fdf\u3000-\u312f\u3190-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff01-\uff9f\uffe0-\uffee\U00020000-\U0003ffff]"
)


def tokenize(text: str) -> tuple[Token, ...]:
    """Return the (start, end) of every token of a raw text, in time linear in its length."""
    if text.isascii() or _SIMPLE_TEXT.fullmatch(text):
        # What is between tokens, and tokens, in turn: where each ends the other begins.
        edges = accumulate(map(len, _SIMPLE.split(text)))
        return tuple(zip(edges, edges, strict=False))
    return tuple([match.span() for match in _GENERAL.finditer(text)])


def join_tokens(words: Iterable[str]) -> tuple[str, tuple[Token, ...]]:
    """Join the words of a token file into a text and say where each word is.

    Words are joined by one space, by nothing between CJK characters.
    """
    parts: list[str] = []
    tokens: list[Token] = []
    position, before = 0, ""
    for word in words:
        if parts and not (_starts_cjk(word) and _ends_cjk(before)):
            parts.append(" ")
            position += 1
        parts.append(word)
        tokens.append((position, position + len(word)))
        position += len(word)
        before = word
    return "".join(parts), tuple(tokens)


def _starts_cjk(word: str) -> bool:
    return word >= "\u2e80" and _CJK.match(word) is not None


def _ends_cjk(word: str) -> bool:
    end = len(word) - 1
    # A variation selector or a voicing mark belongs to the character before it.
    while end > 0 and word[end] >= "\u0300" and unicodedata.category(word[end])[0] == "M":
        end -= 1
    return end >= 0 and _CJK.match(word, end) is not None
