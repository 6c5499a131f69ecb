"""What differs between two texts, and what texts that have little in common share."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser


def marked(site: Page, first: str, second: str) -> tuple[str, list[str], list[str]]:
    """Return the look, and the words that are marked in each text."""
    found = run(site, "choosing/difference", "return m.differences(...given)", [first, second])
    sides = zip((first, second), (found["first"], found["second"]), strict=True)
    one, other = ([text[r["start"] : r["end"]] for r in ranges] for text, ranges in sides)
    return found["look"], one, other


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("The cat sat", "The dog sat", ("differs", ["cat"], ["dog"])),
        ("the CAT sat", "The cat sat down", ("differs", [], [" down"[1:]])),
        ("同样的问题怎么办", "同样的问题如何办", ("differs", ["怎么"], ["如何"])),
        ("👩‍🚒 says yes", "👩‍🚒 says no", ("differs", ["yes"], ["no"])),
        ("same", "same", ("differs", [], [])),
        ("", "", ("shares", [], [])),
        (
            "How do I reset my password?",
            "Click the link in the e-mail: it lets you choose a new password.",
            ("shares", ["password"], ["password"]),
        ),
    ],
)
def test_the_words_that_tell_two_texts_apart_are_marked(
    site: Page, first: str, second: str, found: tuple
) -> None:
    assert marked(site, first, second) == found


def test_long_texts_take_no_longer_than_a_glance(site: Page) -> None:
    first = " ".join(f"word{n % 97}" for n in range(20_000))
    look, _, other = marked(site, first, f"{first[:5000]} more")
    assert look in ("differs", "shares")
    assert other is not None
