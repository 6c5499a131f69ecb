"""One label for the same words elsewhere: in the document, and over the whole project."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.expecting import expect
from tests.browser.tagging import Tagger

pytestmark = pytest.mark.browser


def offer(tagger: Tagger):
    """Return what stands under the text about the words that were just labelled."""
    return tagger.page.locator(".suggestion-bar [role=status]")


def preview(page: Page):
    """Return the dialog with all places in the project."""
    return page.locator("dialog.preview")


def test_r_labels_the_same_words_in_the_document_in_one_step(bench) -> None:
    desk = bench("Ada saw Ada. Adalbert saw ada, Ada and Ada Lovelace.", "Ada slept.", "No one.")
    tagger = desk.open()
    tagger.double_click("Lovelace")
    tagger.press("Shift+K", "1")
    top = tagger.page.locator(".text").bounding_box()
    tagger.label("Ada", "1")
    expect(offer(tagger)).to_have_text("“Ada”: 2 more in this document, 1 in the project")
    assert tagger.page.locator(".text").bounding_box()["y"] == top["y"]
    tagger.press("r")
    four = ["Ada, PER"] * 3 + ["Ada Lovelace, PER"]
    tagger.expect_spans(*four)
    expect(offer(tagger)).to_have_text("“Ada”: 1 in the project")
    tagger.press("Control+z")
    tagger.expect_spans(four[0], four[3])
    # Without waiting for the answer: what is asked for is done when it comes.
    tagger.double_click("saw")
    tagger.press("2", "r")
    tagger.expect_spans(four[0], "saw, ORG", "saw, ORG", four[3])
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "saw, ORG", "saw, ORG", "Ada Lovelace, PER"]


@pytest.mark.long
def test_shift_r_shows_every_place_first_and_keys_are_enough(bench) -> None:
    desk = bench("Ada saw Bob.", "Ada slept. Adalbert, too.", "They know ada.", "Is Ada here?")
    tagger = desk.open()
    tagger.label("Ada", "1")
    tagger.press("Shift+R")
    dialog = preview(tagger.page)
    apply = dialog.locator(".main")
    expect(apply).to_contain_text("Label 2 in 2 documents")
    expect(dialog.locator(".hit")).to_contain_text(["Ada slept. Adalbert", "Is Ada here?"])
    dialog.get_by_text("Whole words").click()
    expect(apply).to_contain_text("Label 3 in 2 documents")
    dialog.get_by_text("Match case").click()
    expect(apply).to_contain_text("Label 4 in 3 documents")
    expect(dialog.get_by_label("Match case")).to_be_focused()
    tagger.press("Tab", "Tab")
    expect(dialog.locator(".hit input").first).to_be_focused()
    tagger.press("ArrowDown", "Space", "End", "ArrowUp", "Space", "ArrowUp", "Tab")
    expect(apply).to_contain_text("Label 2 in 2 documents")
    tagger.press("Shift+Tab", "Escape")
    expect(dialog).to_be_hidden()
    expect(tagger.pane).to_be_focused()
    tagger.press("Shift+R")
    expect(apply).to_contain_text("Label 2 in 2 documents")
    tagger.press("Space", "Enter")
    expect(dialog).to_be_hidden()
    tagger.expect_hint("1 span in 1 document labelled PER")
    assert [desk.stored(number) for number in range(4)] == [["Ada, PER"], [], [], ["Ada, PER"]]


def test_a_repetition_whose_answer_is_lost_is_done_once(bench) -> None:
    desk = bench("Ada.", *["Ada and Ada."] * 3)
    tagger = desk.open()
    tagger.label("Ada", "1")
    tagger.press("Shift+R")
    expect(preview(tagger.page).locator(".main")).to_contain_text("Label 6 in 3 documents")
    lost: list[Any] = []

    def lose(route) -> None:
        if not lost:
            lost.append(route.fetch().status)
            return route.abort("connectionreset")
        return route.continue_()

    tagger.page.route("**/api/apply", lose)
    tagger.press("Enter")
    tagger.expect_hint("6 spans in 3 documents labelled PER")
    assert lost == [200]
    tagger.press("Control+z")
    tagger.expect_hint("Undone: 6 spans in 3 documents")
    assert [desk.stored(number) for number in range(4)] == [["Ada, PER"], [], [], []]


@pytest.mark.long
def test_five_hundred_places_are_labelled_and_taken_back_in_one_step(bench) -> None:
    texts = [f"Number {number}: Ada met Ada." for number in range(250)]
    desk = bench("Here is Ada alone.", *texts)
    tagger = desk.open()
    tagger.label("Ada", "1")
    expect(offer(tagger)).to_have_text("“Ada”: 500 in the project")
    tagger.press("Shift+R")
    dialog = preview(tagger.page)
    expect(dialog.locator(".main")).to_contain_text("Label 500 in 250 documents")
    tagger.press("Enter")
    tagger.expect_hint("500 spans in 250 documents labelled PER")
    both = ["Ada, PER", "Ada, PER"]
    assert all(desk.stored(number) == both for number in (1, 100, 250))
    tagger.page.reload()
    tagger.wait()
    tagger.press("Control+z")
    tagger.expect_hint("Undone: 500 spans in 250 documents")
    assert not any(desk.stored(number) for number in (1, 100, 250))
    tagger.press("Control+Shift+z")
    tagger.expect_hint("Redone: 500 spans in 250 documents")
    assert all(desk.stored(number) == both for number in (1, 100, 250))
    tagger.press("Control+z", "Control+z")
    tagger.expect_spans()
    tagger.expect_saved()


def test_without_a_connection_nothing_is_offered(bench) -> None:
    tagger = bench("Ada saw Ada.").open()
    tagger.page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    tagger.label("Ada", "1")
    tagger.press("r")
    tagger.expect_hint("Not repeated: the server is out of reach")
    expect(offer(tagger)).to_be_empty()
    tagger.press("Shift+R")
    expect(preview(tagger.page)).to_contain_text("Not searched: the server is out of reach")
    tagger.press("Escape")
    tagger.expect_spans("Ada, PER")
    tagger.page.unroute("**/api/**")
