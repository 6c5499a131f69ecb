"""A string is found in every script, at code points that hold it, and never inside a word."""

from __future__ import annotations

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from engine.corpus.phrase_matcher import find, fold

# Text that is dense in what goes wrong: growing and shrinking case, joiners, marks, flags.
ODD = st.text(
    st.sampled_from("aAbß\u1e9eİıiIſsŉΣςσéE\u0301 -9_我カ서ไ\u200d👩🚒🇩🇪🏽\r\n"), max_size=20
)
TEXTS = st.one_of(st.text(max_size=30), ODD)


def found(text: str, needle: str, **options: bool) -> list[str]:
    return [text[start:end] for start, end in find(text, needle, **options)]


@pytest.mark.parametrize(
    ("text", "needle", "places"),
    [
        ("Ada met Adam. Ada!", "Ada", [0, 14]),
        ("COVID19, COVID-19", "COVID", [9]),
        ("2024 and 20245", "2024", [0]),
        ("e\u0301tude de\u0301ja", "tude", []),
        ("Ada\u0301 Ada", "Ada", [5]),
        ("نام می‌خواهم می", "می", [13]),
        ("❤️Ada", "Ada", [2]),
        ("@ada_b #ada", "ada", [1, 8]),
    ],
)
def test_a_whole_word_touches_no_letter_or_digit(text, needle, places):
    assert [start for start, _ in find(text, needle)] == places


@pytest.mark.parametrize(
    ("text", "needle", "places"),
    [
        ("東京都と東京Tower", "東京", [0, 4]),
        ("東京Towerへ", "Tower", [2]),
        ("ประเทศไทยงาม", "ไทย", [6]),
        ("서울에서", "서울", [0]),
        ("ພາສາລາວ", "ລາວ", [4]),
        ("ភាសាខ្មែរ", "ខ្មែរ", [4]),
        ("မြန်မာစာ", "စာ", [6]),
    ],
)
def test_scripts_without_spaces_have_no_word_borders_to_check(text, needle, places):
    assert [start for start, _ in find(text, needle)] == places


@pytest.mark.parametrize(
    ("text", "needle", "expected"),
    [
        ("Die Straße, STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("ISTANBUL, İstanbul, istanbul", "istanbul", ["ISTANBUL", "İstanbul", "istanbul"]),
        ("ΟΔΟΣ οδός ὁδος οδος", "οδος", ["ΟΔΟΣ", "οδος"]),
        ("ﬁnden FINDEN", "finden", ["ﬁnden", "FINDEN"]),
        ("Ada ADA ada", "aDa", ["Ada", "ADA", "ada"]),
    ],
)
def test_without_case_the_hits_are_the_characters_of_the_text(text, needle, expected):
    assert found(text, needle, match_case=False) == expected
    assert found("👩‍🚒 " + text, needle, match_case=False) == expected


def test_a_hit_holds_whole_characters_also_where_case_makes_them_longer():
    assert found("ß", "s", whole_words=False, match_case=False) == []
    assert found("👩‍🚒 👩", "👩", whole_words=False) == ["👩"]
    assert find("👩‍🚒 👩", "👩", whole_words=False) == [(4, 5)]
    assert find("🇦🇩🇪🇺 🇩🇪", "🇩🇪", whole_words=False) == [(5, 7)]


def test_inside_of_words_only_where_asked():
    assert find("Ada met Adam", "Ada", whole_words=False) == [(0, 3), (8, 11)]


def test_of_overlapping_hits_the_leftmost_stays():
    assert find("aaaaa", "aa", whole_words=False) == [(0, 2), (2, 4)]
    assert find("xaa aa aa", "aa aa") == [(4, 9)]


@pytest.mark.parametrize("needle", ["", " ", "\n\t", "\u3000"])
def test_nothing_is_found_for_nothing(needle):
    assert find(f"a{needle}b", needle, whole_words=False) == []


@given(TEXTS, TEXTS, TEXTS, st.booleans(), st.booleans())
@example("a", "ß", "b", False, False)
@example("İ", "i", "", False, False)
def test_every_hit_holds_the_needle_and_none_overlaps_another(
    before, needle, after, whole_words, match_case
):
    text = before + needle + after
    hits = find(text, needle, whole_words, match_case)
    for start, end in hits:
        assert 0 <= start < end <= len(text)
        assert fold(text[start:end], match_case).text == fold(needle, match_case).text
    assert all(one[1] <= two[0] for one, two in zip(hits, hits[1:], strict=False))


@given(TEXTS, TEXTS, TEXTS)
def test_a_needle_between_spaces_is_always_found(before, needle, after):
    needle = needle.strip()
    text = f"{before} {needle} {after}"
    clusters = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    start, end = len(before) + 1, len(before) + 1 + len(needle)
    if needle and {start, end} <= clusters:
        assert any(one <= start < two or one < end <= two for one, two in find(text, needle))


@given(TEXTS, TEXTS, st.booleans())
def test_no_hit_cuts_what_a_reader_sees_as_one_character(text, needle, whole_words):
    clusters = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    borders = {border for hit in find(text, needle, whole_words) for border in hit}
    assert borders <= clusters


@given(ODD, st.integers(1, 19))
@example("a\u0301" * 20, 3)
@example("👩\u200d🚒🇩🇪" * 9, 1)
def test_of_many_borders_each_is_found_as_of_one(text, size):
    text = text * 12
    every = [match.span() for match in regex.finditer(r"\X", text)]
    edges = {0, *(end for _, end in every)}
    for needle in {text[:size], text[size : size + 2]}:
        for start, end in find(text, needle, whole_words=False, match_case=True):
            assert {start, end} <= edges
