"""What a word looks like: the case that an uncased vocabulary throws away.

A model's token types (``token_type_ids``) say which of two texts a piece is of. Where a text
stands alone they are free, and say of what shape the piece's word is, in as many rows of the
embedding as there are shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tokenizers import Tokenizer

from storage.types import Document

SHAPES = ("other", "capitalised", "all capitals", "digits", "mixed", "special")
"""The token types' names, by number. Who gives a model none gives it 0: words in small letters."""
RULE = "word_shapes"
"""What ``tokenizer_config.json`` calls the shapes that a model reads as its token types."""
OTHER, CAPITALISED, CAPITALS, DIGITS, MIXED, SPECIAL = range(len(SHAPES))
# A text has few words that it does not use again; a long one is not worth remembering.
KNOWN_WORDS = 1 << 16


def shapes_of(document: Document) -> list[int]:
    """Return the number of each token's shape."""
    text = document.text
    return [shape(text[start:end]) for start, end in document.tokens]


@lru_cache(KNOWN_WORDS)
def shape(word: str) -> int:
    """Return the number of a word's shape; letters without case count as small ones."""
    digits = any(map(str.isdigit, word))
    small, large = word.lower(), word.upper()
    if small == word:
        letters = small != large or any(map(str.isalpha, word))
        return OTHER if not digits else MIXED if letters else DIGITS
    if digits:
        return MIXED
    if word[1:] == word[1:].lower():
        return CAPITALISED
    return CAPITALS if word == large else MIXED


def loses_case(tokenizer: Tokenizer) -> bool:
    """Tell whether a tokenizer's own normalizer makes capitals small letters."""
    normalizer = tokenizer.normalizer
    return normalizer is not None and normalizer.normalize_str("Ab") == "ab"


def spread(shapes: Sequence[int], words: Sequence[Sequence[int]]) -> list[int]:
    """Return a shape for each piece of words: its word's."""
    return [shape for shape, word in zip(shapes, words, strict=True) for _ in word]
