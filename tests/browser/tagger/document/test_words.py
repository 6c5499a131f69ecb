"""What a double-click takes for one word, and that punctuation alone is no slip away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("left the U.S. for", ["left", "the", "U.S.", "for"]),
        ("in the U.S.", ["in", "the", "U.S."]),
        ("J. K. Rowling, e.g. here.", ["J.", "K.", "Rowling", "e.g.", "here"]),
        ("Jean-Luc O’Brien’s café", ["Jean-Luc", "O’Brien", "café"]),
        ("Anna's AT&T (don't)", ["Anna", "AT&T", "don't"]),
        ("3.5 million, 1,000.50 at 12:30 on 2026-11-25.", None),
        ("the end.Next one of Node.js", ["the", "end", "Next", "one", "of", "Node.js"]),
        ("see https://example.com/a?b=c#d, www.who.int.", None),
        ("ask ada.l@example.co.uk or @ada #tag", None),
        ("“London”/Paris—Rome…", ["London", "Paris", "Rome"]),
        ("می‌خواهم عَرَبِيّ हिन्दी e\u0301te\u0301", None),
        ("5G C3PO 80s", ["5G", "C3PO", "80s"]),
        (". , …", []),
    ],
)
def test_words_are_what_a_person_takes_for_one(site: Page, text, words) -> None:
    body = "return [...m.eachWord(given)].map(([from, to]) => given.slice(from, to))"
    expected = [part.strip(",.") for part in text.split()] if words is None else words
    assert run(site, "document/words", body, text) == expected


@pytest.mark.parametrize(
    ("text", "sign", "word"),
    [
        ("马云出生于浙江省杭州市。", "州", "杭州市"),
        ("東京タワーに行く", "タ", "東京タワー"),
        ("left the U.S. for", ".", "U.S."),
        ("ends here.", ".", None),
        ("a 3.5 b", ".", "3.5"),
        ("x" * 1000, "x", "x" * 300),
        ("👩‍🚒 Ada", "A", "Ada"),
    ],
)
def test_the_word_at_a_place_is_found(site: Page, text, sign, word) -> None:
    body = """const found = m.wordAt(given.text, given.text.indexOf(given.sign));
        return found && given.text.slice(found.from, found.to)"""
    assert run(site, "document/words", body, {"text": text, "sign": sign}) == word


CLICKED = (
    ("He left the U.S. for good.", "U.S", "U.S."),
    ("He left the U.S. for good.", ".S. for", "U.S."),
    ("It cost 3.5 million.", ".5", "3.5"),
    ("Jean-Luc left.", "-Luc", "Jean-Luc"),
    ("Ada's book", "da", "Ada"),
    ("他住在北京。", "京", "北京"),
)


def test_a_double_click_takes_the_word_a_person_means(bench) -> None:
    desk = bench(*(text for text, _, _ in CLICKED))
    tagger = desk.open()
    for number, (_, clicked, word) in enumerate(CLICKED, start=1):
        tagger.expect_document(f"text {number}")
        tagger.double_click(clicked)
        tagger.press("3")
        tagger.expect_spans(f"{word}, LOC")
        tagger.press("Enter")
    tagger.expect_saved()
    found = [desk.stored(number) for number in range(len(CLICKED))]
    assert found == [[f"{word}, LOC"] for _, _, word in CLICKED]


@pytest.mark.long
def test_punctuation_alone_is_labelled_and_repeated_only_when_asked_for_twice(bench) -> None:
    desk = bench("One. Two. Three.")
    tagger = desk.open()
    tagger.double_click(". Two")
    tagger.press("1")
    tagger.expect_hint("“.” is only punctuation. Press the key again to label it")
    tagger.expect_spans()
    tagger.press("1")
    tagger.expect_spans("., PER")
    tagger.press("r")
    tagger.expect_hint("“.” is only punctuation. Press the key again")
    tagger.expect_spans("., PER")
    tagger.press("r")
    tagger.expect_spans("., PER", "., PER", "., PER")
    tagger.expect_saved()
    assert desk.stored() == ["., PER"] * 3
