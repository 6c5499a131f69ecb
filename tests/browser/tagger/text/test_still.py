"""The text stands still: whatever is labelled, selected or accepted, no word moves.

The boxes of all words are compared before and after, in the middle of a line and at its end, in
scripts of both directions, on wide and on narrow windows.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.encoding.tokens import tokenize
from storage.types import Document, Span
from tests.browser.expecting import expect
from tests.browser.tagging import Tagger

pytestmark = pytest.mark.browser
ADA = (
    "Ada Lovelace, who met Charles Babbage in London in June 1833, wrote AVATAR to Tom; the "
    "Analytical Society, Trinity College, and Tycho Brahe answered her from Yverdon-les-Bains, "
    "Vaduz, Toruń and Wyk auf Föhr, where a longwordthatnobodybreaksanywhere stood."
)
MIXED = (
    "Yesterday שלמה המלך and فاطمة الزهراء met 王小明在上海 "
    "with 👩‍🚒 Zoë Ångström, e\u0301tait Tom."
)
FOUND = (("Charles Babbage", "PER", 0.93), ("Trinity College", "ORG", 0.8), ("Toruń", "LOC", 0.55))
# The box of every character that is no space, found by its place in the text.
BOXES = """() => {
    const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot);
    const root = roots.find((each) => each?.querySelector(".pane"));
    const textView = root.querySelector(".pane .text");
    const walker = document.createTreeWalker(textView, NodeFilter.SHOW_TEXT);
    const boxes = [];
    while (walker.nextNode()) {
        const { data } = walker.currentNode;
        for (let at = 0; at < data.length; at += 1) {
            const range = new Range();
            range.setStart(walker.currentNode, at); range.setEnd(walker.currentNode, at + 1);
            const [box] = range.getClientRects();
            if (box && data[at].trim()) boxes.push([box.left, box.top, box.right, box.bottom]);
            else boxes.push(null);
        }
    }
    return boxes; }"""
# Browsers lay text out in 64ths of a pixel, and round each run of letters by itself.
ROUNDING = 1 / 10
VIEWPORTS = ({"width": 1280, "height": 800}, {"width": 390, "height": 844})


def boxes(tagger: Tagger) -> list:
    tagger.page.evaluate("document.fonts.ready")
    return tagger.page.evaluate(BOXES)


def moved(before: list, after: list) -> list[int]:
    """Return which characters stand elsewhere, by more than the browser's own rounding."""
    assert len(before) == len(after)
    pairs = [pair for pair in zip(before, after, strict=True) if all(pair)]
    far = [max(abs(one - other) for one, other in zip(*pair, strict=True)) for pair in pairs]
    return [round(way, 3) for way in far if way > ROUNDING]


@pytest.mark.parametrize(
    "viewport",
    [VIEWPORTS[0], pytest.param(VIEWPORTS[1], marks=pytest.mark.long)],
    ids=["wide", "narrow"],
)
def test_no_word_moves_while_a_document_is_tagged(bench, viewport) -> None:
    desk = bench(ADA)
    desk.suggest(*((0, *found) for found in FOUND))
    tagger = desk.open(viewport=viewport)
    before = boxes(tagger)

    def still() -> None:
        assert moved(before, boxes(tagger)) == []

    tagger.label("Lovelace", "1")
    tagger.expect_spans("Lovelace, PER")
    still()
    for keys in (("[",), ("3",), ("Escape", "j"), ("Shift+J",), ("2",), ("Backspace",)):
        tagger.press(*keys)
        still()
    tagger.click("Babbage")
    expect(tagger.page.locator(".card")).to_be_visible()
    still()
    for key in ("y", "x", "Shift+Y", "Control+z", "n", "Tab", "Tab", "r"):
        tagger.press(key)
        still()
    tagger.page.keyboard.down("Alt")
    tagger.drag("thatnobody")
    tagger.page.keyboard.up("Alt")
    tagger.press("1")
    still()
    tagger.expect_saved()
    for key in ("f", "g", "Enter"):
        tagger.press(key)
        still()


@pytest.mark.long
def test_no_word_moves_in_scripts_of_both_directions(bench) -> None:
    tagger = bench(MIXED).open(viewport=VIEWPORTS[1])
    before = boxes(tagger)
    for word in ("שלמה", "الزهراء", "上海", "👩", "Zoë", "tait"):
        tagger.label(word, "1")
        assert moved(before, boxes(tagger)) == [], word


@pytest.mark.long
def test_no_word_moves_where_spans_lie_in_one_another(bench) -> None:
    tagger = bench(ADA, overlaps=True).open()
    before = boxes(tagger)
    for first, last, key in (
        ("Ada", "Lovelace", "1"),
        ("Lovelace", "Charles", "2"),
        ("met", "met", "3"),
    ):
        tagger.drag(first, last)
        tagger.press(key)
        assert moved(before, boxes(tagger)) == []
    expect(tagger.page.locator(".pane .span.first")).to_have_count(3)


@pytest.mark.long
def test_the_frame_of_a_selected_span_covers_neither_a_comma_nor_a_neighbour(bench) -> None:
    text = "He met Ada,Bob and Eve."
    spans = (Span(7, 10, "PER"), Span(11, 14, "ORG"))
    desk = bench(Document(text, tokenize(text), spans, name="close"))
    tagger = desk.open()
    before = boxes(tagger)
    comma, neighbour = before[10], before[11:14]
    room = (comma[0], comma[1] - 2, neighbour[-1][2] - comma[0], comma[3] - comma[1] + 4)
    clip = dict(zip(("x", "y", "width", "height"), room, strict=True))
    unselected = tagger.page.screenshot(clip=clip)
    tagger = desk.open(focus="7-10")
    expect(tagger.page.locator(".chosen")).to_have_attribute("aria-label", "Ada, PER")
    expect(tagger.page.locator(".grip.end")).to_be_visible()
    assert tagger.page.screenshot(clip=clip) == unselected


def test_the_name_of_a_label_hangs_below_its_word_and_covers_no_text(bench) -> None:
    tagger = bench(Document(ADA, tokenize(ADA), (Span(0, 12, "PER"),), name="one")).open()
    rows = sorted({(box[1], box[3]) for box in boxes(tagger) if box})
    name = tagger.page.locator(".pane .span.first").evaluate(
        """(span) => { const style = getComputedStyle(span, "::before");
            const { content, position, marginTop, fontSize } = style;
            return [content, position, parseFloat(marginTop), parseFloat(fontSize)]; }"""
    )
    content, position, below, size = name
    assert (content, position) == ('"PER"', "absolute")
    gaps = [lower[0] - upper[0] for upper, lower in pairwise(rows)]
    assert below + size < min(gaps) * 1.25


@pytest.mark.long
def test_every_label_is_in_sight_on_a_narrow_window(bench) -> None:
    labels = ("PER", "ORG", "LOC", "MISC", "DATE", "EVENT", "PRODUCT", "LAW")
    tagger = bench(ADA, labels=labels).open(viewport=VIEWPORTS[1])
    shown = tagger.page.locator(".labels").bounding_box()
    for chip in tagger.page.locator(".chip").all():
        box = chip.bounding_box()
        assert box["y"] >= shown["y"] and box["y"] + box["height"] <= shown["y"] + shown["height"]
    assert tagger.pane.bounding_box()["height"] > 250
