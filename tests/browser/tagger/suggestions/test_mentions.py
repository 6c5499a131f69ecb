"""One key leads from one likely mention to the next: a name, a number, a suggestion."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from engine.encoding.tokens import tokenize
from storage.types import Document, Span
from tests.browser.expecting import expect
from tests.browser.modules import run

pytestmark = pytest.mark.browser
MARA = "Mara Lindqvist joined Volvo in Gothenburg."


@pytest.mark.long
def test_three_mentions_take_six_keys(bench) -> None:
    desk = bench(MARA)
    tagger = desk.open()
    keys = ("Space", "1", "Space", "2", "Space", "3")
    tagger.press(*keys)
    tagger.expect_saved()
    assert desk.stored() == ["Mara Lindqvist, PER", "Volvo, ORG", "Gothenburg, LOC"]
    assert len(keys) == 6
    tagger.press("Space")
    tagger.expect_hint("No likely mention from here on")


def test_what_a_model_suggests_comes_in_its_place_and_what_is_labelled_is_passed(bench) -> None:
    text = "Ada met the old countess near Bonn and Tom in 1833."
    desk = bench(Document(text, tokenize(text), (Span(30, 34, "LOC"),), name="one"))
    desk.suggest((0, "old countess", "PER", 0.7))
    tagger = desk.open()
    tagger.press("Space", "1", "Space")
    expect(tagger.page.locator(".chosen")).to_have_attribute(
        "aria-label", "old countess, suggested PER, 70 %"
    )
    tagger.press("1", "Space", "1", "Space", "2")
    tagger.expect_saved()
    assert desk.stored() == [
        "Ada, PER",
        "old countess, PER",
        "Bonn, LOC",
        "Tom, PER",
        "1833, ORG",
    ]


@pytest.mark.long
def test_the_key_is_in_the_help(bench) -> None:
    tagger = bench(MARA).open()
    tagger.expect_hint("Space jumps to the next likely mention")
    tagger.press("?")
    listed = tagger.page.get_by_role("dialog", name="Keys")
    expect(listed).to_contain_text("SpaceJump to the next likely mention")


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        (MARA, ["Mara Lindqvist", "Volvo", "Gothenburg"]),
        (
            "The European Commission met. It went to The Hague.",
            ["European Commission", "The Hague"],
        ),
        ("He and I saw the Bank of America; I'm told so.", ["Bank of America"]),
        ("Ludwig van Beethoven, Vincent van Gogh", ["Ludwig van Beethoven", "Vincent van Gogh"]),
        ("An iPhone cost 3.5 % more in June 1833.", ["iPhone", "3.5", "June 1833"]),
        (
            "“But Anna's Volvo,” said U.S. President Obama.",
            ["Anna", "Volvo", "U.S. President Obama"],
        ),
        ("one\nTwo Three\nFour", ["Two Three", "Four"]),
        ("Toruń. Łódź ist schön. Der Éclair", ["Toruń", "Łódź", "Éclair"]),
        ("王小明在上海住了3年", ["3"]),
        ("nothing here, at all.", []),
        ("", []),
    ],
)
def test_what_is_likely_a_mention(site: Page, text: str, mentions: list[str]) -> None:
    body = """const found = [];
        for (let next = m.nextMention(given, 0); next; next = m.nextMention(given, next.to))
            found.push(given.slice(next.from, next.to));
        return found"""
    assert run(site, "suggestions/mentions", body, text) == mentions
