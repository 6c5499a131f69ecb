"""Tagging by keys alone: everything the mouse does can be done without it."""

from __future__ import annotations

import re

import pytest

from engine.encoding.tokens import tokenize
from pages.widgets.tag import keymap
from storage.database import settings
from storage.types import Document, Span, Status
from tests.browser.expecting import expect
from tests.browser.modules import run

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


def test_words_are_walked_and_labelled_without_a_mouse(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    expect(tagger.pane).to_be_focused()
    tagger.press("j", "Shift+J", "1", "j", "j", "Shift+J", "Shift+J", "Shift+K", "1")
    tagger.press("j", "k", "k", "k", "j", "j", "j", "j", "3")
    tagger.expect_saved()
    assert desk.stored() == ["Ada Lovelace, PER", "Charles Babbage, PER", "London, LOC"]


def test_a_selection_grows_backwards_past_its_beginning(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.double_click("Charles")
    tagger.press("Shift+K", "Shift+K", "2")
    tagger.expect_saved()
    assert desk.stored() == ["Lovelace met Charles, ORG"]


def test_tab_walks_the_spans_and_then_leaves_the_text(bench) -> None:
    spans = (Span(0, 12, "PER"), Span(17, 32, "PER"), Span(36, 42, "LOC"))
    tagger = bench(Document(ADA, tokenize(ADA), spans, name="three")).open()
    chosen = tagger.page.locator(".chosen")
    for expected in ("Ada Lovelace, PER", "Charles Babbage, PER", "London, LOC"):
        tagger.press("Tab")
        expect(chosen).to_have_attribute("aria-label", expected)
        expect(tagger.pane).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    tagger.press("Shift+Tab")
    expect(chosen).to_have_attribute("aria-label", "Charles Babbage, PER")
    tagger.press("Tab", "Tab")
    expect(tagger.pane).not_to_be_focused()


@pytest.mark.long
def test_a_new_span_can_be_mended_at_once(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.double_click("Lovelace")
    tagger.press("2", "1", "[", "}", "{")
    tagger.expect_spans("Ada Lovelace, PER")
    tagger.press("]")
    tagger.expect_spans("Lovelace, PER")
    tagger.press("Delete")
    tagger.expect_spans()
    tagger.expect_saved()
    assert desk.stored() == []


def test_what_is_walked_to_is_scrolled_into_view(bench) -> None:
    text = "\n".join(f"Line {number} has words." for number in range(80))
    place = text.index("60")
    desk = bench(Document(text, tokenize(text), (Span(place, place + 2, "PER"),), name="long"))
    tagger = desk.open()
    tagger.press("Tab")
    expect(tagger.page.locator(".chosen")).to_be_in_viewport()
    tagger.press("Escape", "j", "Shift+J", "1")
    expect(tagger.page.locator(".chosen")).to_be_in_viewport()
    tagger.expect_saved()
    assert desk.stored() == ["60, PER", "has words, PER"]


def test_keys_work_again_after_a_click_beside_the_tagger(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.page.get_by_text("Words before the tagger.").click()
    expect(tagger.pane).not_to_be_focused()
    tagger.press("j", "1")
    expect(tagger.pane).to_be_focused()
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER"]


def test_a_digit_with_nothing_selected_chooses_a_label_and_escape_puts_it_down(bench) -> None:
    tagger = bench(ADA).open()
    tagger.press("2")
    expect(tagger.chip("ORG")).to_have_attribute("aria-pressed", "true")
    tagger.press("2")
    expect(tagger.chip("ORG")).to_have_attribute("aria-pressed", "false")
    tagger.press("3", "j", "Escape")
    expect(tagger.chip("LOC")).to_have_attribute("aria-pressed", "true")
    tagger.press("Escape")
    expect(tagger.chip("LOC")).to_have_attribute("aria-pressed", "false")


@pytest.mark.long
def test_undo_and_redo_reach_behind_a_reload(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    for word, key in (("Ada", "1"), ("London", "3"), ("June", "2")):
        tagger.double_click(word)
        tagger.press(key)
    tagger.expect_saved()
    tagger.page.reload()
    tagger.wait()
    tagger.press("Control+z")
    tagger.expect_spans("Ada, PER", "London, LOC")
    tagger.press("Control+z")
    tagger.expect_saved()
    tagger.page.reload()
    tagger.wait()
    tagger.press("Control+Shift+z")
    tagger.expect_spans("Ada, PER", "London, LOC")
    tagger.press("Control+y", "Control+y")
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, LOC", "June, ORG"]
    tagger.press(*["Control+z"] * 5)
    tagger.expect_spans()
    expect(tagger.page.locator(".status")).to_have_text("Not started")
    tagger.expect_saved()
    assert (desk.stored(), desk.annotation().status) == ([], Status.UNTOUCHED)


def test_enter_marks_done_and_opens_the_next_until_there_is_none(bench) -> None:
    desk = bench(ADA, "Nobody was there.")
    tagger = desk.open()
    tagger.press("Enter")
    tagger.expect_document("text 2")
    expect(tagger.page.locator(".place")).to_have_text("2 of 2")
    tagger.press("Enter")
    expect(tagger.page.locator(".hint")).to_contain_text("last document of this queue")
    expect(tagger.page.locator(".status")).to_have_text("Done, no entities")
    tagger.expect_saved()
    assert [desk.annotation(number).status for number in (0, 1)] == [Status.DONE, Status.DONE]


def test_what_is_to_do_goes_down_with_each_document_that_is_done(bench) -> None:
    tagger = bench(ADA, ADA, ADA).open()
    left = tagger.page.locator(".left")
    expect(left).to_have_text("3 to do")
    tagger.press("Enter")
    tagger.expect_document("text 2")
    expect(left).to_have_text("2 to do")
    tagger.press("s")
    tagger.expect_document("text 3")
    expect(left).to_have_text("1 to do")
    tagger.press("Enter")
    expect(left).to_have_text("nothing to do")
    tagger.press("Control+z")
    expect(left).to_have_text("1 to do")


@pytest.mark.long
def test_a_done_document_stays_done_when_it_is_mended(bench) -> None:
    desk = bench(ADA, "Nobody was there.")
    tagger = desk.open()
    tagger.press("Enter")
    tagger.expect_document("text 2")
    tagger.press("ArrowLeft")
    tagger.expect_document("text 1")
    tagger.double_click("London")
    tagger.press("3")
    tagger.expect_saved()
    assert (desk.stored(), desk.annotation().status) == (["London, LOC"], Status.DONE)


@pytest.mark.long
def test_s_skips_and_a_skipped_document_is_taken_up_again(bench) -> None:
    desk = bench(ADA, "Nobody was there.")
    tagger = desk.open()
    tagger.press("s")
    tagger.expect_document("text 2")
    tagger.press("ArrowLeft")
    tagger.expect_document("text 1")
    expect(tagger.page.locator(".status")).to_have_text("Skipped")
    tagger.page.get_by_role("button", name="Skip").click()
    expect(tagger.page.locator(".status")).to_have_text("In progress")
    tagger.expect_saved()
    assert desk.annotation().status == Status.IN_PROGRESS


def test_arrows_page_and_several_presses_go_several_documents_on(bench) -> None:
    tagger = bench(*[f"Document number {number}." for number in range(6)]).open()
    tagger.press("ArrowRight", "ArrowRight", "ArrowRight")
    tagger.expect_document("text 4")
    tagger.press("ArrowLeft")
    tagger.expect_document("text 3")
    expect(tagger.pane).to_be_focused()


def test_between_two_documents_no_key_edits(bench) -> None:
    desk = bench(ADA, ADA, ADA)
    tagger = desk.open()
    tagger.press("j")
    # All at once: on a slow machine the next document would come between two real presses.
    tagger.pane.evaluate(
        """pane => {
            for (const key of ["ArrowRight", "1", "Enter"]) {
                const how = { key, bubbles: true, composed: true, cancelable: true };
                pane.dispatchEvent(new KeyboardEvent("keydown", how));
            }
        }"""
    )
    tagger.expect_document("text 2")
    tagger.press("j", "1")
    tagger.expect_saved()
    assert [desk.stored(number) for number in range(3)] == [[], ["Ada, PER"], []]


@pytest.mark.usefixtures("alone")
def test_keys_of_the_tagger_do_not_reach_the_page(bench) -> None:
    tagger = bench(ADA).open()
    runs = tagger.page.locator("[data-testid=stApp]")
    tagger.page.evaluate(
        """() => document.addEventListener("keydown", (event) => {
            document.body.dataset.leaked = (document.body.dataset.leaked ?? "") + event.key; })"""
    )
    tagger.press("r", "c", "j", "1", "?", "Escape", "Control+z", "Control+k")
    leaked = tagger.page.evaluate("document.body.dataset.leaked")
    assert leaked == "ControlControlk"
    expect(runs).to_have_attribute("data-test-script-state", "notRunning")
    expect(tagger.page.get_by_text("Clear caches")).to_have_count(0)


def test_the_keys_are_listed_on_demand(bench) -> None:
    tagger = bench(ADA).open()
    help_ = tagger.page.get_by_role("dialog", name="Keys")
    tagger.press("?")
    expect(help_).to_be_visible()
    tagger.press("Escape")
    expect(help_).to_be_hidden()
    tagger.page.get_by_role("button", name="Keys (?)").click()
    help_.get_by_role("button", name="Close").click()
    expect(help_).to_be_hidden()
    expect(tagger.pane).to_be_focused()


def test_an_end_moves_by_what_reads_as_one_character(bench) -> None:
    text = "Die 👩‍🚒🇧🇷e\u0301x half."
    desk = bench(Document(text, tokenize(text), (Span(4, 7, "PER"),), name="emoji"))
    tagger = desk.open()
    name = desk.annotation().spans[0].id
    tagger.press("Tab")
    for expected in ("👩‍🚒🇧🇷", "👩‍🚒🇧🇷e\u0301", "👩‍🚒🇧🇷e\u0301x"):
        tagger.press("Alt+}")
        tagger.expect_spans(f"{expected}, PER")
    tagger.press("Control+Alt+{", "Alt+]")
    tagger.expect_spans("🇧🇷e\u0301, PER")
    tagger.press("Alt+[", "Alt+[", "Alt+[")
    tagger.expect_saved()
    assert desk.stored() == ["e 👩‍🚒🇧🇷e\u0301, PER"]
    assert desk.annotation().spans[0].id == name


def test_keys_chosen_in_settings_are_the_ones_that_work(bench, tagger_database) -> None:
    settings.put(tagger_database, "keys", {"nextToken": "d", "done": "Ctrl+Enter", "skip": ""})
    try:
        desk = bench(ADA, ADA)
        tagger = desk.open()
        tagger.press("j", "Enter", "s", "d", "Shift+J", "1")
        tagger.expect_spans("Ada Lovelace, PER")
        expect(tagger.page.get_by_role("button", name="Done (Ctrl Enter)")).to_be_visible()
        tagger.press("?")
        listed = tagger.page.get_by_role("dialog", name="Keys")
        expect(listed).to_contain_text("DSelect the next word")
        expect(listed).not_to_contain_text("Skip and open")
        tagger.press("Escape", "Control+Enter")
        tagger.expect_document("text 2")
        tagger.expect_saved()
        assert desk.annotation().status == Status.DONE
    finally:
        settings.put(tagger_database, "keys", {})


def test_every_command_that_has_a_key_does_something(site) -> None:
    body = """return Object.values(m.COMMANDS).map((commands) =>
        [...commands.values()].filter(({run}) => run).map(({name}) => name))"""
    for room, known in zip(("", "whole"), run(site, "keys/commands", body), strict=True):
        assert {each.name for each in keymap.commands() if room in each.rooms} < set(known)


def test_a_project_without_labels_says_where_to_add_them(bench) -> None:
    tagger = bench(ADA, labels=[]).open()
    expect(tagger.page.locator(".labels")).to_contain_text("no labels yet")
    tagger.press("1", "j", "1")
    tagger.expect_spans()
    tagger.page.get_by_role("button", name="Make a label").click()
    tagger.page.keyboard.type("PER")
    tagger.press("Enter")
    expect(tagger.page.locator(".labels")).to_have_text(re.compile(r"^1?PER\d$"))


@pytest.mark.long
def test_an_end_within_a_word_grows_to_the_words_border_first(bench) -> None:
    desk = bench("He met Babbage today.")
    tagger = desk.open()
    tagger.page.keyboard.down("Alt")
    tagger.drag("bbag")
    tagger.page.keyboard.up("Alt")
    tagger.press("1", "[")
    tagger.expect_spans("Babbag, PER")
    tagger.press("}")
    tagger.expect_spans("Babbage, PER")
    tagger.press("[", "}")
    tagger.expect_spans("met Babbage today, PER")
