"""Tokens cover a text without cutting what a reader sees as one character."""

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from engine.encoding import tokens
from engine.encoding.tokens import join_tokens, tokenize

# Text that is dense in what goes wrong: joiners, marks, flags, skin tones, prepended marks.
ODD = st.text(
    st.sampled_from(
        "aéZ9.,_'@ \t\n\r\u2028\x1c\u00a0我한カไ\u0301\u200d\u200c\ufe0f👨👩🇩🇪🏽👍\u0600क्षि\u202e"
    )
)
TEXTS = st.one_of(st.text(), ODD)


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Angela Merkel’s car.", ["Angela", "Merkel", "’", "s", "car", "."]),
        ("$3.99 or 1,000, no. 5.", ["$", "3.99", "or", "1,000", ",", "no", ".", "5", "."]),
        ("@foo_bar #G20 B2B", ["@", "foo_bar", "#", "G20", "B2B"]),
        ("我在2024年。", ["我", "在", "2024", "年", "。"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("서울에서", ["서", "울", "에", "서"]),
        ("👨‍👩‍👧‍👦🇩🇪🇫🇷👍🏽1️⃣", ["👨‍👩‍👧‍👦", "🇩🇪", "🇫🇷", "👍🏽", "1️⃣"]),
        ("cafe\u0301 नमस्ते", ["cafe\u0301", "नमस्ते"]),
        ("می‌خواهم", ["می‌خواهم"]),
        ("a\u2028b\x85c", ["a", "b", "c"]),
        ("", []),
    ],
)
def test_words_numbers_signs_and_unspaced_scripts_are_told_apart(text, expected):
    assert words(text) == expected


@given(TEXTS)
@example("\u0600 a")
def test_tokens_cover_everything_but_whitespace_in_order(text):
    spans = tokenize(text)
    covered = {place for start, end in spans for place in range(start, end)}
    assert covered == {place for place, char in enumerate(text) if not char.isspace()}
    assert all(start < end for start, end in spans)
    assert sum(end - start for start, end in spans) == len(covered)
    assert list(spans) == sorted(spans)


@given(TEXTS)
def test_no_border_cuts_a_grapheme_unless_whitespace_is_in_it(text):
    borders = {border for span in tokenize(text) for border in span}
    for cluster in regex.finditer(r"\X", text):
        inside = set(range(cluster.start() + 1, cluster.end()))
        assert not inside & borders or any(char.isspace() for char in cluster[0])


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_the_fast_path_for_western_text_agrees_with_the_general_one(text):
    general = tuple(match.span() for match in tokens._GENERAL.finditer(text))
    assert tokenize(text) == general


@pytest.mark.parametrize("piece", ["a", "\u0301", "1.", "👨\u200d", "\u0600", "我", "\u0d4e", " "])
def test_a_hundred_thousand_times_the_same_thing_is_no_trap(piece):
    text = piece * 100_000 + " x"
    assert tokenize(text)[-1] == (len(text) - 1, len(text))


def test_the_words_of_a_token_file_are_joined_by_a_space():
    assert join_tokens(["Jane", "Smith", "."]) == ("Jane Smith .", ((0, 4), (5, 10), (11, 12)))


@pytest.mark.parametrize(
    ("given_words", "text"),
    [
        (["北", "京", "。"], "北京。"),
        (["在", "Berlin", "我"], "在 Berlin 我"),
        (["ビ", "ー", "ル"], "ビール"),
        (["か\u3099", "く"], "か\u3099く"),
        (["葛\U000e0100", "飾"], "葛\U000e0100飾"),
        (["서울", "에서"], "서울 에서"),
        (["𠮷", "野"], "𠮷野"),
    ],
)
def test_cjk_characters_are_joined_by_nothing(given_words, text):
    assert join_tokens(given_words)[0] == text


@given(st.lists(st.text(min_size=1)))
def test_joined_words_are_found_where_the_tokens_say(given_words):
    text, spans = join_tokens(given_words)
    assert [text[start:end] for start, end in spans] == given_words
