"""The palette: a hundred labels are as quick as five, and a new one needs no other page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page

from storage.corpus import projects
from tests.browser.expecting import expect
from tests.browser.modules import run
from tests.browser.tagging import Tagger

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."
WORDS = ("Person", "Ort", "Événement", "Work of art", "Straße", "B2B", "Law", "Ding", "Q4", "Øre")
HUNDRED = [f"{word} {letter}" for word in WORDS for letter in "abcdefghij"]


def rows(tagger: Tagger) -> Locator:
    return tagger.page.get_by_role("option")


def find(tagger: Tagger, typed: str) -> None:
    """Open the palette and type."""
    tagger.press("/")
    expect(tagger.page.get_by_role("combobox", name="Label")).to_be_focused()
    tagger.page.keyboard.type(typed)


def test_a_hundred_labels_are_reached_by_keys_alone(bench) -> None:
    desk = bench(ADA, labels=HUNDRED)
    tagger = desk.open()
    assert tagger.pane.bounding_box()["y"] < 400, "the labels leave room for the text"
    tagger.press("j", "Shift+J")
    find(tagger, "evenement")
    expect(rows(tagger)).to_have_count(11)
    tagger.press("4")
    tagger.expect_spans("Ada Lovelace, Événement d")
    expect(tagger.pane).to_be_focused()
    find(tagger, "ART")
    tagger.press("ArrowDown", "ArrowDown", "ArrowUp", "Enter")
    tagger.expect_spans("Ada Lovelace, Work of art b")
    find(tagger, "ding")
    tagger.press("Escape", "j")
    find(tagger, "strasse")
    expect(rows(tagger)).to_have_text(["+Create label “strasse”"])
    tagger.press("Escape", "/", "9")
    tagger.expect_saved()
    assert desk.stored() == ["Ada Lovelace, Work of art b", "met, Person i"]


def test_a_digit_that_goes_on_a_name_is_typed(bench) -> None:
    desk = bench(ADA, labels=["Quarter", "Q4", "Q5", "Unit 22"])
    tagger = desk.open()
    tagger.press("j")
    find(tagger, "q")
    numbers = rows(tagger).locator("kbd")
    expect(numbers).to_have_text(["1", "2", "3", "+"])
    tagger.page.keyboard.type("4")
    expect(rows(tagger)).to_have_text(["1Q4"])
    tagger.press("Enter")
    tagger.expect_spans("Ada, Q4")
    find(tagger, '"9 to 5')
    expect(rows(tagger)).to_have_text(["+Create label “9 to 5”"])


def test_a_label_is_made_without_leaving_the_text(bench, tagger_database) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.press("j", "Shift+J")
    find(tagger, "Countess")
    tagger.press("Enter")
    tagger.expect_spans("Ada Lovelace, Countess")
    expect(tagger.pane).to_be_focused()
    expect(tagger.chip("Countess")).to_be_visible()
    tagger.press("j", "4")
    tagger.expect_spans("Ada Lovelace, Countess", "met, Countess")
    tagger.expect_saved()
    found = [label.name for label in projects.list_labels(tagger_database, desk.project)]
    assert found == ["PER", "ORG", "LOC", "Countess"]
    assert desk.stored() == ["Ada Lovelace, Countess", "met, Countess"]


def test_a_new_name_is_made_though_another_labels_description_holds_the_word(
    bench, tagger_database
) -> None:
    desk = bench(ADA, labels=["PER", "ORG"])
    per = projects.list_labels(tagger_database, desk.project)[0]
    projects.update_label(tagger_database, replace(per, description="no city, nor a citizen"))
    tagger = desk.open()
    tagger.double_click("London")
    find(tagger, "City")
    expect(rows(tagger)).to_have_text(["+Create label “City”", "1PERno city, nor a citizen"])
    tagger.press("Enter")
    tagger.expect_spans("London, City")
    tagger.double_click("Ada")
    find(tagger, "citizen")
    tagger.press("1")
    tagger.expect_spans("Ada, PER", "London, City")


def test_a_label_that_cannot_be_made_is_not_lost(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.page.route("**/api/labels", lambda route: route.abort("internetdisconnected"))
    tagger.press("j")
    find(tagger, "Countess")
    tagger.press("Enter")
    palette = tagger.page.get_by_role("dialog", name="Labels")
    expect(palette).to_contain_text("Not made: the server is out of reach")
    tagger.page.unroute("**/api/labels")
    tagger.press("Enter")
    tagger.expect_spans("Ada, Countess")


def test_with_nothing_selected_the_palette_chooses_the_label_of_the_next_drag(bench) -> None:
    tagger = bench(ADA).open()
    find(tagger, "loc")
    tagger.press("Enter")
    expect(tagger.chip("LOC")).to_have_attribute("aria-pressed", "true")
    tagger.drag("London")
    tagger.expect_spans("London, LOC")
    tagger.page.get_by_role("button", name="Find a label (/)").click()
    rows(tagger).filter(has_text="PER").click()
    expect(tagger.chip("PER")).to_have_attribute("aria-pressed", "true")
    tagger.press("/")
    tagger.page.mouse.click(640, 700)
    expect(tagger.page.get_by_role("combobox")).to_be_hidden()


def test_an_input_method_chooses_its_own_words(bench) -> None:
    desk = bench(ADA, labels=["人名", "地名"])
    tagger = desk.open()
    ime = tagger.page.context.new_cdp_session(tagger.page)
    tagger.press("j")
    compose(ime, "じ")
    key(ime, "Digit1")
    tagger.expect_spans()
    tagger.press("/")
    compose(ime, "ちめい")
    field = tagger.page.get_by_role("combobox", name="Label")
    expect(field).to_have_value("ちめい")
    for code in ("Digit1", "Enter", "Escape"):
        key(ime, code)
    expect(field).to_be_visible()
    tagger.expect_spans()
    ime.send("Input.insertText", {"text": "地名"})
    expect(field).to_have_value("地名")
    tagger.press("Enter")
    tagger.expect_spans("Ada, 地名")


def compose(ime, text: str) -> None:
    """Type into an input method, which has not decided yet."""
    size = len(text)
    ime.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": size, "selectionEnd": size}
    )


def key(ime, code: str) -> None:
    """Press a key while an input method is at work: the page hears of code 229."""
    press = {"type": "rawKeyDown", "code": code, "key": "Process", "windowsVirtualKeyCode": 229}
    ime.send("Input.dispatchKeyEvent", press)
    ime.send("Input.dispatchKeyEvent", {**press, "type": "keyUp"})


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("per", ["Per", "Work per", "Copper"]),
        ("OEUVRE", []),
        ("é", ["Ére", "Copper", "Work per", "Per"]),
        ("names", []),
        ("", ["Copper", "Work per", "Per", "Ére"]),
    ],
)
def test_names_that_begin_so_come_first(site: Page, typed: str, found: list[str]) -> None:
    labels = [
        {"name": "Copper"},
        {"name": "Work per"},
        {"name": "Per", "description": "people's names"},
        {"name": "Ére"},
    ]
    body = "return m.findLabels(given.labels, given.typed).named.map(({name}) => name)"
    assert run(site, "labels/palette", body, {"labels": labels, "typed": typed}) == found
