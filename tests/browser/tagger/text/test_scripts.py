"""Every script and every hostile text: stored is exactly what was selected on the screen."""

from __future__ import annotations

import pytest

from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

CASES = {
    "after an emoji": ("👩‍🚒 firemen came", "firemen"),
    "ZWJ family": ("the 👨‍👩‍👧‍👦 went", "👨‍👩‍👧‍👦"),
    "flag": ("to 🇧🇷 by 🇺🇳 plane", "🇺🇳"),
    "skin tone": ("ok 👍🏽 then", "👍🏽"),
    "combining marks": ("un e\u0301clair\u0301 bon", "e\u0301clair\u0301"),
    "astral letters": ("𝒳𝒴 = 𝒵 here", "𝒵"),
    "Chinese": ("李明在北京大学学习", "北京大学"),
    "Japanese": ("東京タワーへ行く", "東京"),
    "Hebrew": ("דוד בן גוריון נולד", "גוריון"),
    "Arabic": ("ولد أحمد زويل في دمنهور", "زويل"),
    "mixed directions": ("He said שלום עולם to Bob", "עולם"),
    "Devanagari": ("मैं दिल्ली में हूँ", "दिल्ली"),
    "a bidi control": ("abc \u202edef\u202c ghi", "ghi"),
    "line separator": ("one\u2028two three", "three"),
    "a carriage return": ("one\r\ntwo three", "two"),
    "markup": ("a <script>alert(1)</script> b", "script"),
}


@pytest.mark.long
def test_what_is_dragged_over_is_what_is_stored(bench) -> None:
    desk = bench(*[text for text, _ in CASES.values()])
    tagger = desk.open()
    for number, (case, (text, wanted)) in enumerate(CASES.items(), start=1):
        tagger.expect_document(f"text {number}")
        assert (
            tagger.page.locator(".text").evaluate("(textView) => textView.textContent") == text
        ), case
        tagger.drag(wanted)
        tagger.press("1", "Enter")
    tagger.expect_saved()
    stored = {case: desk.stored(number) for number, case in enumerate(CASES)}
    assert stored == {case: [f"{wanted}, PER"] for case, (_, wanted) in CASES.items()}


@pytest.mark.long
def test_what_is_walked_to_by_keys_is_what_is_stored(bench) -> None:
    desk = bench(*[text for text, _ in CASES.values()])
    tagger = desk.open()
    for number, (text, wanted) in enumerate(CASES.values()):
        tagger.expect_document(f"text {number + 1}")
        begin, end = text.index(wanted), text.index(wanted) + len(wanted)
        starts = [start for start, _ in desk.annotation(number).document.tokens]
        before = sum(start < begin for start in starts)
        within = sum(begin <= start < end for start in starts)
        tagger.press(*["j"] * (before + 1), *["Shift+J"] * (within - 1), "2", "Enter")
    tagger.expect_saved()
    stored = {case: desk.stored(number) for number, case in enumerate(CASES)}
    assert stored == {case: [f"{wanted}, ORG"] for case, (_, wanted) in CASES.items()}


LEFTWARD = {
    "Hebrew": ("דוד בן גוריון נולד בשנת 1886 בפלונסק", "בשנת 1886 בפלונסק"),
    "Arabic": ("ولد أحمد زويل سنة 1946 في دمنهور", "زويل سنة 1946 في"),
    "Arabic digits": ("في عام ١٩٤٦ ولد زويل", "عام ١٩٤٦ ولد"),
}


@pytest.mark.parametrize("case", LEFTWARD)
def test_right_to_left_text_is_selected_as_it_is_highlighted(bench, case) -> None:
    text, wanted = LEFTWARD[case]
    desk = bench(text)
    tagger = desk.open()
    for backward in (False, True):
        tagger.drag(wanted, backward=backward)
        expect_highlighted(tagger, wanted)
        tagger.press("1")
        tagger.expect_spans(f"{wanted}, PER")
        tagger.press("Backspace", "Escape")
    # The number too, at whose ends the directions meet.
    for word in wanted.split():
        tagger.double_click(word)
        expect_highlighted(tagger, word)
        tagger.press("Escape")
        expect_highlighted(tagger, "")
    starts = [start for start, _ in desk.annotation().document.tokens]
    tagger.click(text.split()[0])
    tagger.press(*["j"] * (starts.index(text.index(word)) + 1))
    expect_highlighted(tagger, word)
    tagger.press("2")
    tagger.expect_saved()
    assert desk.stored() == [f"{word}, ORG"]


HIGHLIGHTED = """(wanted) => {
    const ranges = CSS.highlights.get("whetstone-selection") ?? [];
    return [...ranges].map(String).join("|") === wanted;
}"""


def expect_highlighted(tagger, wanted: str) -> None:
    tagger.page.wait_for_function(HIGHLIGHTED, arg=wanted)


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "\"'><script>alert(1)</script>",
    "${alert(1)} {{7*7}}",
    "[x](javascript:alert(1)) :red[y] $z$",
    "a\\00000a b",
]


@pytest.mark.usefixtures("alone")
def test_hostile_labels_texts_and_names_are_shown_as_they_are(bench) -> None:
    text = " ".join(HOSTILE)
    desk = bench(text, labels=HOSTILE)
    tagger = desk.open()
    tagger.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    for number, label in enumerate(HOSTILE, start=1):
        expect(tagger.page.locator(".chip span").nth(number - 1)).to_have_text(label)
        tagger.press("Escape", "Escape")
        tagger.drag(label[-4:] if number < 5 else "00000a")
        tagger.press(str(number))
    tagger.expect_saved()
    stored = desk.stored()
    assert [span.rsplit(", ", 1)[1] for span in stored] and len(stored) == len(HOSTILE)
    shown = tagger.page.locator(".span").evaluate_all("(all) => all.map((e) => e.dataset.label)")
    assert shown == HOSTILE
    assert tagger.page.locator(".tagger img, .tagger script").count() == 0
    assert tagger.page.locator(".text").evaluate("(textView) => textView.textContent") == text


def test_lines_of_both_directions_are_each_laid_out_in_their_own(bench) -> None:
    tagger = bench("English first\nעברית אחר כך").open()
    directions = tagger.page.locator(".block").evaluate_all(
        "(blocks) => blocks.map((block) => getComputedStyle(block).direction)"
    )
    assert directions == ["ltr", "rtl"]
