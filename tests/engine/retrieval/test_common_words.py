"""The words that matched: the same ones, and those that mean something alike."""

from __future__ import annotations

import numpy as np

from engine.encoding.tokens import tokenize
from engine.retrieval.common_words import Common, Words, common

MEAN = np.zeros(3, dtype=np.float32)
MEANINGS = {"money": [1, 0, 0], "currency": [0.8, 0.6, 0], "card": [0, 1, 0], "rain": [0, 0, 1]}


def words(text: str) -> Words:
    tokens = tokenize(text)
    vectors = [MEANINGS.get(text[slice(*token)].lower(), [0, 0, 0]) for token in tokens]
    return Words(text, tokens, np.array(vectors, dtype=np.float32).reshape(len(tokens), 3))


def test_the_same_word_is_told_from_one_that_means_something_alike() -> None:
    found = common(words("The MONEY, my card?"), words("A card for currency: the rain"), MEAN)
    assert found == [Common(2, 6, "card", True), Common(11, 19, "MONEY", False)]


def test_words_that_stand_everywhere_and_signs_tell_nothing() -> None:
    assert common(words("Is it the card?"), words("Is it the rain?"), MEAN) == []
    assert common(words("¿ ?"), words("the card"), MEAN) == []
