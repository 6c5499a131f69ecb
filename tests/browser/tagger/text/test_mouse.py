"""Tagging by mouse: what is selected on the screen is what the database holds."""

from __future__ import annotations

import pytest

from engine.encoding.tokens import tokenize
from storage.types import Document, Source, Span, Status
from tests.browser.expecting import expect
from tests.browser.tagging import resize

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


def labelled(text: str, *spans: tuple[str, str]) -> Document:
    """A document with spans, each given by its quote and label."""
    found = [
        Span(text.index(quote), text.index(quote) + len(quote), label) for quote, label in spans
    ]
    return Document(text, tokenize(text), tuple(found), status=Status.DONE, name="labelled")


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
def test_a_drag_snaps_to_words_and_a_digit_labels_it(bench, backward) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.drag("velace", "Charl", backward=backward)
    tagger.press("1")
    tagger.expect_spans("Lovelace met Charles, PER")
    tagger.expect_saved()
    assert desk.stored() == ["Lovelace met Charles, PER"]


def test_what_is_selected_is_painted_until_it_is_labelled(bench) -> None:
    tagger = bench(ADA).open()
    painted = """() => [...(CSS.highlights.get("whetstone-selection") ?? [])].join()"""
    tagger.drag("velace", "Charl")
    assert tagger.page.evaluate(painted) == "Lovelace met Charles"
    tagger.press("1")
    assert tagger.page.evaluate(painted) == ""
    tagger.click("London")
    tagger.press("j")
    assert tagger.page.evaluate(painted) == "London"
    tagger.press("Escape")
    assert tagger.page.evaluate(painted) == ""


def test_a_double_click_takes_one_word(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.double_click("London")
    tagger.press("3")
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


@pytest.mark.usefixtures("alone")
def test_a_key_pressed_before_the_page_has_dealt_with_the_click_labels_the_word(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.page.evaluate(
        "() => { const wait = setTimeout; setTimeout = (f, ms) => wait(f, ms || 300); }"
    )
    tagger.double_click("London")
    tagger.press("3")
    tagger.expect_spans("London, LOC")
    expect(tagger.chip("LOC")).not_to_have_attribute("aria-pressed", "true")


def test_with_alt_held_the_selection_is_exact(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.page.keyboard.down("Alt")
    tagger.drag("ovel")
    tagger.page.keyboard.up("Alt")
    tagger.press("1")
    tagger.expect_saved()
    assert desk.stored() == ["ovel, PER"]


@pytest.mark.parametrize(
    ("dx", "dy", "expected"),
    [
        (0, 400, "London in June 1833."),
        pytest.param(
            *(-900, -300, "Ada Lovelace met Charles Babbage in London"), marks=pytest.mark.long
        ),
    ],
    ids=["below", "above"],
)
def test_a_drag_may_end_outside_the_text(bench, dx, dy, expected) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    x, y = tagger.place("ndon")
    tagger.drag_points((x + 2, y), (max(5, x + dx), max(5, y + dy)))
    tagger.press("3")
    tagger.expect_saved()
    assert desk.stored() == [f"{expected}, LOC"]


@pytest.mark.parametrize(
    ("neighbour", "expected"),
    [
        ("Words behind", "London in June 1833."),
        ("Words before", "Ada Lovelace met Charles Babbage in London"),
    ],
)
@pytest.mark.long
def test_a_drag_may_end_in_the_text_of_the_page(bench, neighbour, expected) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.page.get_by_text(neighbour).scroll_into_view_if_needed()
    x, y = tagger.place("ndon")
    box = tagger.page.get_by_text(neighbour).bounding_box()
    tagger.drag_points((x + 2, y), (box["x"] + 40, box["y"] + box["height"] / 2))
    tagger.press("3")
    tagger.expect_saved()
    assert desk.stored() == [f"{expected}, LOC"]


@pytest.mark.long
def test_a_drag_from_the_very_middle_of_a_character_counts(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.drag_points(tagger.place("velace"), tagger.place("arles"))
    tagger.press("1")
    tagger.expect_saved()
    assert desk.stored() == ["Lovelace met Charles, PER"]


def test_a_chosen_label_labels_each_drag_at_once_until_it_is_put_down(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.chip("PER").click()
    expect(tagger.chip("PER")).to_have_attribute("aria-pressed", "true")
    tagger.drag("Ada", "Lovelace")
    tagger.double_click("Charles")
    tagger.expect_spans("Ada Lovelace, PER", "Charles, PER")
    tagger.chip("PER").click()
    expect(tagger.chip("PER")).to_have_attribute("aria-pressed", "false")
    tagger.drag("London")
    tagger.expect_saved()
    assert desk.stored() == ["Ada Lovelace, PER", "Charles, PER"]


def test_a_selection_is_labelled_by_a_chip_and_the_text_keeps_the_keyboard(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.drag("London")
    tagger.chip("LOC").click()
    expect(tagger.pane).to_be_focused()
    expect(tagger.chip("LOC")).to_have_attribute("aria-label", "LOC, 1 span, key 3")
    tagger.press("Backspace")
    tagger.expect_spans()
    tagger.expect_saved()
    assert desk.stored() == []


def test_a_span_is_clicked_relabelled_and_deleted(bench) -> None:
    desk = bench(labelled(ADA, ("London", "LOC")))
    tagger = desk.open()
    tagger.click("London")
    card = tagger.page.locator(".card")
    expect(card).to_contain_text("LOC")
    expect(card).to_contain_text("imported")
    tagger.press("2")
    tagger.expect_spans("London, ORG")
    tagger.chip("PER").click()
    tagger.expect_spans("London, PER")
    card.get_by_role("button", name="Delete").click()
    tagger.expect_spans()
    tagger.expect_saved()
    assert desk.stored() == []
    expect(card).to_be_hidden()


@pytest.mark.long
def test_the_card_says_how_sure_a_model_was(bench) -> None:
    span = Span(0, 3, "PER", source=Source.MODEL, score=0.934)
    desk = bench(Document(ADA, tokenize(ADA), (span,), name="predicted"))
    tagger = desk.open()
    tagger.click("Ada")
    expect(tagger.page.locator(".card")).to_contain_text("by a model, 93 % sure")


def test_an_end_of_a_span_is_dragged_to_another_word(bench) -> None:
    desk = bench(labelled(ADA, ("Ada", "PER")))
    tagger = desk.open()
    tagger.click("Ada")
    bar = tagger.page.locator(".grip.end").bounding_box()
    knob = (bar["x"] + 1, bar["y"] + bar["height"] + 2)
    tagger.drag_points(knob, tagger.place("velace"))
    tagger.expect_spans("Ada Lovelace, PER")
    tagger.expect_saved()
    assert desk.stored() == ["Ada Lovelace, PER"]


@pytest.mark.long
def test_where_spans_may_not_overlap_the_old_one_is_replaced_only_on_demand(bench) -> None:
    desk = bench(labelled(ADA, ("Charles", "PER"), ("London", "LOC")))
    tagger = desk.open()
    tagger.drag("Charles", "Babbage")
    tagger.press("2")
    hint = tagger.page.locator(".hint")
    expect(hint).to_contain_text("Overlaps “Charles” (PER).")
    tagger.expect_spans("Charles, PER", "London, LOC")
    tagger.press("2")
    tagger.expect_spans("Charles Babbage, ORG", "London, LOC")
    tagger.drag("Babbage", "London")
    tagger.press("3")
    expect(hint).to_contain_text("and 1 more span")
    hint.get_by_role("button", name="replace").click()
    tagger.expect_spans("Babbage in London, LOC")
    tagger.expect_saved()
    assert desk.stored() == ["Babbage in London, LOC"]


@pytest.mark.long
def test_where_spans_may_overlap_clicks_go_through_those_lying_in_one_another(bench) -> None:
    text = "the University of São Paulo is old"
    desk = bench(text, overlaps=True)
    tagger = desk.open()
    tagger.drag("University", "Paulo")
    tagger.press("2")
    tagger.drag("São", "Paulo")
    tagger.press("3")
    tagger.drag("Paulo", "old")
    tagger.press("1")
    tagger.expect_saved()
    assert desk.stored() == [
        "University of São Paulo, ORG",
        "São Paulo, LOC",
        "Paulo is old, PER",
    ]
    chosen = tagger.page.locator(".chosen").first
    seen = []
    for _ in range(4):
        tagger.click("Paulo")
        # Two clicks at once would be a double-click.
        tagger.page.wait_for_timeout(600)
        seen.append(chosen.get_attribute("aria-label").split(", ")[1])
    assert sorted(seen[:3]) == ["LOC", "ORG", "PER"]
    assert seen[3] == seen[0]


def test_a_span_from_a_report_is_shown_and_selected(bench) -> None:
    text = "\n".join([ADA] * 80)
    start = text.rindex("London")
    document = Document(text, tokenize(text), (Span(start, start + 6, "LOC"),), name="long")
    tagger = bench(document).open(focus=f"{start}-{start + 6}")
    expect(tagger.page.locator(".chosen")).to_be_in_viewport()
    tagger.press("1")
    tagger.expect_spans("London, PER")


@pytest.mark.long
def test_a_place_without_a_span_from_a_report_is_selected_as_text(bench) -> None:
    start = ADA.index("London")
    desk = bench(ADA)
    tagger = desk.open(focus=f"{start}-{start + 6}")
    tagger.press("3")
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


@pytest.mark.long
def test_what_is_selected_is_copied_without_the_names_of_labels(bench) -> None:
    tagger = bench(labelled(ADA, ("Ada Lovelace", "PER"))).open()
    tagger.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tagger.drag("Lovelace", "Charles")
    tagger.press("Control+c")
    copied = tagger.page.evaluate("navigator.clipboard.readText()")
    assert copied == "Lovelace met Charles"


def test_on_a_touch_screen_a_tap_selects_a_span_and_a_chip_relabels_it(bench) -> None:
    desk = bench(labelled(ADA, ("London", "LOC")))
    tagger = desk.open(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    tagger.page.touchscreen.tap(*tagger.place("ndon"))
    expect(tagger.page.locator(".chosen")).to_have_count(1)
    tagger.chip("ORG").tap()
    tagger.expect_spans("London, ORG")
    tagger.expect_saved()
    assert desk.stored() == ["London, ORG"]


@pytest.mark.long
def test_at_no_width_does_anything_stick_out(bench) -> None:
    desk = bench("word " * 50 + "x" * 300, labels=["L" * 120, *(f"label {n}" for n in range(14))])
    tagger = desk.open()
    for width in (320, 480, 1600):
        resize(tagger.page, width, 700)
        inner = tagger.page.evaluate("document.scrollingElement.scrollWidth")
        assert inner <= width
        for part in (".tagger", ".top", ".head", ".pane", ".labels", ".foot"):
            box = tagger.page.locator(part).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, (part, width)
        assert tagger.pane.evaluate("(pane) => pane.scrollWidth <= pane.clientWidth")


def test_a_colour_is_never_the_only_sign(bench) -> None:
    tagger = bench(labelled(ADA, ("London", "LOC"))).open()
    content, underline = tagger.page.locator(".span").evaluate(
        """(span) => [getComputedStyle(span, "::before").content.replace("attr(data-label)",
            span.dataset.label), getComputedStyle(span).borderBottomWidth]"""
    )
    assert "LOC" in content
    assert underline == "2px"
    expect(tagger.page.locator(".status")).to_have_text("Done")
