"""What a model suggests: seen as a suggestion, decided by one key, never in the person's way."""

from __future__ import annotations

import pytest

from engine.encoding.tokens import tokenize
from storage.coaching import choices
from storage.coaching.choices import Choices
from storage.types import Document, Source, Span
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."
FOUND = (
    (0, "Ada Lovelace", "PER", 0.93),
    (0, "Babbage", "ORG", 0.55),
    (0, "London", "LOC", 0.8),
)
GHOSTS = (
    "Ada Lovelace, suggested PER, 93 %",
    "Babbage, suggested ORG, 55 %",
    "London, suggested LOC, 80 %",
)


def test_suggestions_are_accepted_and_rejected_by_one_key_each(bench) -> None:
    desk = bench(ADA)
    desk.suggest(*FOUND)
    tagger = desk.open()
    tagger.expect_ghosts(*GHOSTS)
    assert tagger.page.locator(".text").text_content() == ADA
    expect(tagger.page.locator(".chosen")).to_have_attribute("aria-label", GHOSTS[0])
    tagger.expect_hint("Y accepts")
    expect(tagger.page.locator(".card")).to_be_hidden()
    expect(tagger.page.locator("span.aside[aria-live]")).to_be_empty()
    tagger.press("y")
    expect(tagger.page.locator(".chosen")).to_have_attribute("aria-label", GHOSTS[1])
    tagger.press("x", "y")
    tagger.expect_spans("Ada Lovelace, PER", "London, LOC")
    tagger.expect_ghosts()
    tagger.expect_hint("No suggestions left")
    tagger.expect_saved()
    spans = desk.annotation().spans
    assert [(span.source, span.score) for span in spans] == [
        (Source.MODEL, 0.93),
        (Source.MODEL, 0.8),
    ]
    # A newer model finds the same; what was rejected stays so, until that is taken back.
    desk.suggest(*FOUND)
    tagger.page.reload()
    tagger.wait()
    tagger.expect_spans("Ada Lovelace, PER", "London, LOC")
    tagger.expect_ghosts()
    tagger.press("Control+z", "Control+z")
    tagger.expect_ghosts(*GHOSTS[1:])
    tagger.press("Control+Shift+z")
    tagger.expect_ghosts(GHOSTS[2])


def test_a_suggestion_can_be_walked_to_clicked_and_mended(bench) -> None:
    desk = bench(Document(ADA, tokenize(ADA), (Span(0, 3, "LOC"),), name="one"), overlaps=True)
    desk.suggest(*FOUND)
    tagger = desk.open()
    chosen = tagger.page.locator(".chosen")
    for key, expected in (("", GHOSTS[0]), ("Tab", "Ada, LOC"), *(("Tab", g) for g in GHOSTS[1:])):
        tagger.press(*key and [key])
        expect(chosen.first).to_have_attribute("aria-label", expected)
        described = tagger.pane.get_attribute("aria-activedescendant")
        expect(tagger.page.locator(f'[id="{described}"]')).to_have_attribute("aria-label", expected)
    tagger.press("Shift+Tab", "1")
    tagger.expect_spans("Ada, LOC", "Babbage, PER")
    tagger.expect_ghosts(GHOSTS[0], GHOSTS[2])
    tagger.click("London")
    card = tagger.page.locator(".card")
    expect(card).to_contain_text("LOC")
    expect(card).to_contain_text("· 80 %")
    card.get_by_role("button", name="Reject").click()
    tagger.expect_ghosts(GHOSTS[0])
    tagger.click("Lovelace")
    tagger.press("}")
    tagger.expect_spans("Ada Lovelace met, PER", "Ada, LOC", "Babbage, PER")
    tagger.expect_ghosts()
    tagger.expect_saved()
    assert desk.stored() == ["Ada, LOC", "Ada Lovelace met, PER", "Babbage, PER"]
    tagger.press("Control+z")
    tagger.expect_ghosts(GHOSTS[0])


def test_all_above_the_threshold_are_accepted_in_one_step(bench) -> None:
    spans = (Span(25, 32, "PER"),)
    desk = bench(Document(ADA, tokenize(ADA), spans, name="one"))
    desk.suggest(*FOUND, (0, "Charles Babbage", "PER", 0.99))
    tagger = desk.open()
    bar = tagger.page.locator(".sure")
    expect(bar).to_contain_text("3 suggestions ≥")
    bar.get_by_role("combobox").select_option("0.5")
    expect(bar).to_contain_text("4 suggestions ≥")
    expect(tagger.pane).to_be_focused()
    tagger.page.reload()
    tagger.wait()
    expect(bar).to_contain_text("4 suggestions ≥")
    tagger.press("Shift+Y")
    tagger.expect_spans("Ada Lovelace, PER", "Babbage, PER", "London, LOC")
    tagger.expect_hint("2 suggestions accepted; 2 left out")
    tagger.expect_saved()
    assert desk.stored() == ["Ada Lovelace, PER", "Babbage, PER", "London, LOC"]
    tagger.press("Control+z")
    tagger.expect_spans("Babbage, PER")


def test_what_is_shown_with_80_percent_reaches_80_percent(bench) -> None:
    desk = bench(ADA)
    desk.suggest((0, "London", "LOC", 0.7951), (0, "Babbage", "PER", 0.7949))
    tagger = desk.open()
    tagger.expect_ghosts("Babbage, suggested PER, 79 %", "London, suggested LOC, 80 %")
    expect(tagger.page.locator(".sure")).to_contain_text("1 suggestion ≥")
    tagger.press("Shift+Y")
    tagger.expect_spans("London, LOC")


def test_a_suggestion_over_a_span_is_shown_and_asks_before_it_replaces(bench) -> None:
    spans = (Span(0, 3, "LOC"), Span(36, 42, "PER"))
    desk = bench(Document(ADA, tokenize(ADA), spans, name="one"))
    desk.suggest(FOUND[0], FOUND[2])
    tagger = desk.open()
    expect(tagger.page.locator(".suggestion.crossing.first")).to_have_count(2)
    tagger.expect_spans("Ada, LOC", "London, PER")
    tagger.press("y")
    tagger.expect_hint("Overlaps “Ada” (LOC). Press the key again to replace")
    tagger.expect_spans("Ada, LOC", "London, PER")
    tagger.press("y", "y")
    tagger.expect_spans("Ada Lovelace, PER", "London, PER")
    tagger.expect_hint("Overlaps “London” (PER)")
    tagger.page.get_by_role("button", name="replace").click()
    tagger.expect_spans("Ada Lovelace, PER", "London, LOC")
    tagger.expect_saved()
    tagger.press("Control+z", "Control+z")
    tagger.expect_spans("Ada, LOC", "London, PER")
    tagger.expect_saved()
    assert desk.stored() == ["Ada, LOC", "London, PER"]


@pytest.mark.long
def test_n_goes_to_each_disagreement_and_on_to_the_next_document(bench) -> None:
    one = Document(ADA, tokenize(ADA), (Span(0, 12, "PER"), Span(46, 50, "ORG")), name="one")
    desk = bench(one, "Nobody was in Paris.", "Nothing.")
    desk.suggest(*FOUND[:2], (1, "Paris", "LOC", 0.7), looked=(0, 1))
    tagger = desk.open()
    chosen = tagger.page.locator(".chosen")
    tagger.press("n")
    expect(chosen).to_have_attribute("aria-label", GHOSTS[1])
    tagger.expect_hint("The model suggests ORG (55 %) for “Babbage”.")
    tagger.press("n")
    expect(chosen).to_have_attribute("aria-label", "June, ORG")
    tagger.expect_hint("You labelled “June” ORG; the model did not.")
    tagger.press("n")
    tagger.expect_document("text 2")
    tagger.expect_hint("No more disagreements in one. Now text 2: The model suggests LOC")
    expect(chosen).to_have_attribute("aria-label", "Paris, suggested LOC, 70 %")
    tagger.press("x", "n")
    tagger.expect_document("text 3")
    tagger.expect_hint("none in text 3")
    tagger.press("n")
    tagger.expect_hint("No model has looked at text 3 yet; it is the last document")


@pytest.mark.long
def test_the_first_suggestion_is_at_hand_where_nothing_else_was_asked_for(bench) -> None:
    far = "Nothing here. " * 400 + "London"
    texts = ADA, Document("Ada met Emmy", ((0, 3), (4, 7), (8, 12)), (Span(0, 3, "LOC"),)), far, ADA
    desk = bench(*texts)
    desk.suggest(
        (0, "Babbage", "ORG", 0.55),
        *((1, word, "PER", 0.9) for word in ("Ada met", "Emmy")),
        (2, "London", "LOC", 0.9),
        (3, "Babbage", "ORG", 0.55),
        looked=(0, 1, 2, 3),
    )
    chosen = desk.open(focus="0-3").page.locator(".chosen")
    expect(chosen).to_have_count(0)
    tagger = desk.open()
    tagger.press("1")
    tagger.expect_spans("Babbage, PER")
    tagger.press("Enter")
    chosen = tagger.page.locator(".chosen")
    expect(chosen).to_have_attribute("aria-label", "Emmy, suggested PER, 90 %")
    tagger.press("Enter")
    tagger.expect_document("text 3")
    expect(chosen).to_have_count(0)
    # With a label taken up, digits are about the next drag.
    tagger.press("2", "Enter")
    tagger.expect_document("text 4")
    tagger.press("1")
    tagger.expect_ghosts(GHOSTS[1])
    tagger.drag("Ada", "Lovelace")
    tagger.expect_spans("Ada Lovelace, PER")


@pytest.mark.long
def test_a_drag_over_a_suggestion_takes_its_label_with_other_borders(bench) -> None:
    desk = bench(ADA)
    desk.suggest(FOUND[0], (0, "Babbage", "PER", 0.55), (0, "London", "LOC", 0.8))
    tagger = desk.open()
    tagger.drag("Charles", "Babbage")
    tagger.expect_spans("Charles Babbage, PER")
    tagger.expect_ghosts(GHOSTS[0], GHOSTS[2])
    tagger.press("2")
    tagger.expect_spans("Charles Babbage, ORG")
    tagger.drag("Ada Lovelace")
    tagger.double_click("London")
    tagger.expect_spans("Ada Lovelace, PER", "Charles Babbage, ORG", "London, LOC")
    tagger.expect_ghosts()
    tagger.expect_saved()
    found = [(span.source, span.score) for span in desk.annotation().spans]
    assert found == [(Source.MODEL, 0.93), (Source.PERSON, None), (Source.MODEL, 0.8)]
    tagger.press(*["Control+z"] * 3)
    tagger.expect_spans("Charles Babbage, PER")
    tagger.press("Control+z")
    tagger.expect_spans()
    tagger.expect_ghosts(GHOSTS[0], "Babbage, suggested PER, 55 %", GHOSTS[2])


@pytest.mark.long
def test_a_drag_joins_suggestions_that_agree_and_only_selects_where_they_do_not(bench) -> None:
    desk = bench(ADA)
    desk.suggest(
        (0, "Ada", "PER", 0.6), (0, "Lovelace", "PER", 0.7), *FOUND[1:], (0, "1833", "LOC", 0.3)
    )
    tagger = desk.open()
    tagger.drag("Ada", "Lovelace")
    tagger.expect_spans("Ada Lovelace, PER")
    tagger.expect_ghosts(*GHOSTS[1:], "1833, suggested LOC, 30 %")
    # Some words with two names in them, and names of two kinds.
    for first, last in (("in London", "1833"), ("Babbage", "London")):
        tagger.drag(first, last)
        tagger.expect_hint("Press a digit")
        tagger.expect_spans("Ada Lovelace, PER")
    tagger.press("1")
    tagger.expect_spans("Ada Lovelace, PER", "Babbage in London, PER")
    tagger.expect_saved()
    assert desk.stored() == ["Ada Lovelace, PER", "Babbage in London, PER"]


@pytest.mark.long
def test_words_that_are_dragged_over_get_the_likeliest_label(bench) -> None:
    desk = bench(ADA)
    likely = (0, "Charles Babbage", "ORG", 0.4), (0, "June 1833", "LOC", 0.7)
    desk.suggest(FOUND[0], beside=likely)
    tagger = desk.open()
    tagger.expect_ghosts(GHOSTS[0])
    start, end = tagger.place("Charles"), tagger.place("in London")
    tagger.page.mouse.move(start[0] - 3, start[1])
    tagger.page.mouse.down()
    tagger.page.mouse.move(end[0] - 12, end[1], steps=4)
    tagger.expect_hint("Let go to label it ORG")
    tagger.page.mouse.up()
    tagger.expect_spans("Charles Babbage, ORG")
    tagger.expect_hint("A digit relabels")
    tagger.press("1")
    tagger.expect_spans("Charles Babbage, PER")
    # By keys alone likewise.
    tagger.press("Escape", "Space", "Space")
    tagger.expect_hint("Y labels it LOC")
    tagger.press("y")
    tagger.expect_spans("Charles Babbage, PER", "June 1833, LOC")
    tagger.press("Backspace")
    # What is suggested, what is taken up and what nobody knows come as before.
    tagger.drag("Ada Lovelace")
    tagger.drag("met")
    tagger.expect_hint("Press a digit")
    tagger.press("Escape", "2")
    tagger.drag("June 1833")
    tagger.expect_spans("Ada Lovelace, PER", "Charles Babbage, PER", "June 1833, ORG")
    tagger.expect_saved()
    assert {span.source for span in desk.annotation().spans[1:]} == {Source.PERSON}


def test_drags_only_select_where_a_person_wants_that(bench) -> None:
    desk = bench(ADA)
    choices.put(desk.db, desk.project, Choices(labels_drags=False))
    desk.suggest(beside=[(0, "London", "LOC", 0.9)])
    tagger = desk.open()
    tagger.drag("London")
    tagger.expect_hint("Y labels it LOC · Press a digit")
    tagger.expect_spans()
    tagger.press("y")
    tagger.expect_spans("London, LOC")


@pytest.mark.long
def test_the_line_under_the_text_moves_nothing_however_much_it_says(bench) -> None:
    desk = bench(ADA)
    desk.suggest(FOUND[0])
    # As wide as the page is beside its menu in a window of 1280.
    tagger = desk.open(viewport={"width": 880, "height": 800})

    def chips() -> float:
        box = tagger.page.locator(".chip").first.bounding_box()
        assert box
        return float(box["y"])

    tagger.press("x", "Space")
    tagger.expect_saved()
    tagger.expect_hint("Press a digit")
    before = chips()
    tagger.press("Escape")
    tagger.expect_hint("Space jumps to the next likely mention")
    assert chips() == before
