"""What a screen reader hears: the words selected, what was done, taken back, and opened."""

from __future__ import annotations

import pytest

from tests.browser.expecting import expect

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage."


def test_words_are_said_as_they_are_selected_and_so_is_what_becomes_of_them(bench) -> None:
    tagger = bench(ADA, "Nobody was there.").open()
    live = tagger.page.locator(".aside[aria-live]")
    tagger.press("j")
    expect(live).to_have_text("Ada, selected")
    tagger.press("Shift+J")
    expect(live).to_have_text("Ada Lovelace, selected")
    tagger.press("1")
    expect(live).to_have_text("Ada Lovelace: PER")
    tagger.press("2", "Control+z")
    expect(live).to_have_text("Undone: ORG on “Ada Lovelace”")
    tagger.press("Backspace", "Control+z")
    expect(live).to_have_text("Undone: deleting PER on “Ada Lovelace”")
    tagger.press("Control+y")
    expect(live).to_have_text("Redone: deleting PER on “Ada Lovelace”")
    tagger.double_click("Charles")
    expect(live).to_have_text("Charles, selected")
    tagger.press("ArrowRight")
    tagger.expect_document("text 2")
    expect(live).to_have_text("text 2, 2 of 2, Not started")


def test_a_long_selection_is_said_by_its_beginning_and_its_end(bench) -> None:
    tagger = bench("one " + "more and " * 40 + "last").open()
    tagger.drag("one", "last")
    said = tagger.page.locator(".aside[aria-live]")
    expect(said).to_contain_text("one more and")
    expect(said).to_contain_text(" … ")
    expect(said).to_contain_text("and last, selected")


def test_a_span_that_is_selected_is_pointed_at(bench) -> None:
    tagger = bench(ADA).open()
    tagger.press("j", "1", "j", "Escape", "Shift+Tab")
    span = tagger.page.locator(".pane .span.first")
    expect(tagger.pane).to_have_attribute("aria-activedescendant", span.get_attribute("id"))
    expect(tagger.pane).to_be_focused()


def test_with_no_labels_yet_the_first_is_made_from_the_text(bench) -> None:
    tagger = bench(ADA, labels=()).open()
    tagger.expect_hint("then choose “Make a label”")
    tagger.press("j")
    tagger.page.get_by_role("button", name="Make a label (/)").click()
    tagger.page.keyboard.type("person")
    tagger.press("Enter")
    tagger.expect_spans("Ada, person")
    expect(tagger.page.get_by_role("button", name="Make a label (/)")).to_have_count(0)
