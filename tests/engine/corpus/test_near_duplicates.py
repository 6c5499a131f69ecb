"""Texts that are nearly the same are found, all of them and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.near_duplicates import ALIKE, Index, pieces_of

TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8).map(" ".join), max_size=8)


def like(*texts: str) -> dict[int, float]:
    """Return the texts that are like the first, by their place, and how alike they are."""
    return dict(Index.of(enumerate(texts)).like(0))


@pytest.mark.parametrize(
    "other",
    ["MY CARD 4 IS LOST", "my  card 123 is lost!!", "«My card 7» is lost", "Ｍｙ card 7 is lost"],
)
def test_case_signs_spaces_and_numbers_make_no_difference(other: str) -> None:
    assert like("My card 17 is lost", other) == {1: 1.0}


def test_most_words_are_enough_and_half_of_them_are_not() -> None:
    words = ["i", "have", "lost", "my", "card", "on", "the", "way", "to", "work", "this", "morning"]
    changed = " ".join([*words[:5], "bag", *words[6:]])
    assert like(" ".join(words), changed, " ".join(words[:6])).keys() == {1}


def test_a_script_without_spaces_is_compared_sign_by_sign() -> None:
    assert like(
        "我的银行卡昨天在国外丢了怎么办", "我的银行卡昨天在国外丢了该怎么办", "你好"
    ).keys() == {1}


def test_texts_without_words_are_like_nothing() -> None:
    assert like("!!!", "???", "") == {}


@given(TEXTS)
def test_it_finds_what_looking_at_all_pairs_finds(texts: list[str]) -> None:
    index = Index.of(enumerate(texts))
    pieces = [pieces_of(text) for text in texts]
    for one, mine in enumerate(pieces):
        shares = {
            other: len(mine & theirs) / len(mine | theirs)
            for other, theirs in enumerate(pieces)
            if other != one and mine and mine | theirs
        }
        expected = {other: share for other, share in shares.items() if share >= ALIKE}
        assert dict(index.like(one)) == expected
