"""Whole documents are labelled at speed: an answer is one key, and none is lost."""

from __future__ import annotations

import time

import pytest

from storage.types import Document
from tests.browser.expecting import expect
from tests.browser.tagging import Tagger

pytestmark = pytest.mark.browser
MOODS = ("good", "bad", "dull")
MINUTE = 60


def chosen(tagger: Tagger) -> list[str]:
    """Return the labels whose chips are pressed."""
    return tagger.page.locator(".labels .chip[aria-pressed=true] span").all_inner_texts()


@pytest.mark.parametrize("answers", [12, pytest.param(60, marks=pytest.mark.long)])
def test_an_answer_is_a_key_and_a_second_at_most_and_all_are_stored(bench, answers) -> None:
    texts = [Document(f"Film {number}", name=f"film {number}") for number in range(answers + 1)]
    desk = bench(*texts, labels=MOODS, task="classes")
    tagger = desk.open()
    begun = time.monotonic()
    for number in range(answers):
        # Some of them wait in the browser until the server can be reached again.
        if number == 6:
            tagger.cut_off()
        if number == 11:
            tagger.reconnect()
        tagger.press(str(number % 3 + 1))
        tagger.expect_document(f"film {number + 1}")
        expect(tagger.page.locator(".left")).to_have_text(f"{answers - number} to do")
    # Beside other tests a machine may be as slow as it likes; sixty are asked for alone.
    assert answers < MINUTE or time.monotonic() - begun < MINUTE
    tagger.expect_delivered()
    assert [desk.labels(number) for number in range(answers)] == [
        ([MOODS[number % 3]], "done") for number in range(answers)
    ]
    tagger.wait()
    tagger.press("z")
    tagger.expect_document(f"film {answers - 1}")
    tagger.expect_delivered()
    assert desk.labels(answers - 1) == ([], "untouched")


def test_none_of_these_and_unsure_are_answers(bench) -> None:
    desk = bench(
        *[Document(f"Film {n}", name=f"film {n}") for n in range(5)], labels=MOODS, task="classes"
    )
    tagger = desk.open()
    tagger.press("Enter")
    tagger.expect_hint("No label is given")
    tagger.press("Enter")
    tagger.expect_document("film 1")
    tagger.press("n")
    tagger.expect_document("film 2")
    tagger.press("Shift+u")
    expect(tagger.page.get_by_label("Comment on this document")).to_be_focused()
    tagger.page.keyboard.type("Irony?")
    tagger.press("Enter")
    tagger.expect_document("film 3")
    # Another answer takes the place of the first, in one step.
    tagger.press("1")
    tagger.expect_document("film 4")
    tagger.press("ArrowLeft")
    tagger.expect_document("film 3")
    tagger.press("2")
    tagger.expect_document("film 4")
    tagger.expect_delivered()
    assert [desk.labels(n) for n in range(4)] == [
        *(([], "done"), ([], "done"), ([], "skipped"), (["bad"], "done"))
    ]
    unsure = desk.annotation(2).work
    assert (unsure.flagged, unsure.comment) == (True, "Irony?")
    tagger.press("z")
    tagger.expect_document("film 3")
    tagger.expect_delivered()
    assert desk.labels(3) == (["good"], "done")


def test_several_labels_are_toggled_and_enter_goes_on(bench) -> None:
    names = ["joy", "anger", "mood/fear", "mood/love"]
    texts = [Document(f"Post {n}", name=f"post {n}") for n in range(2)]
    desk = bench(*texts, labels=names, task="multilabel", overlaps=True)
    desk.guess(0, ("anger", 0.7), ("mood/love", 0.2))
    tagger = desk.open()
    guesses = tagger.page.get_by_role("toolbar", name="The model's first guesses")
    expect(guesses.get_by_role("button").first).to_have_accessible_name(
        "anger: the model says so, 70 % (Q)"
    )
    tagger.press("q", "w", "1", "1", "3")
    expect(tagger.page.locator(".labels .chip[aria-pressed=true]")).to_have_count(3)
    tagger.press("/")
    rows = tagger.page.locator(".pick")
    expect(rows).to_have_text(["1anger70 %", "2mood/love20 %", "3joy", "4fear"])
    tagger.page.keyboard.type("gri")
    tagger.page.keyboard.press("Enter")
    expect(tagger.page.locator(".labels .chip")).to_have_count(5)
    assert chosen(tagger) == ["anger", "mood/fear", "mood/love", "gri"]
    tagger.press("Enter")
    tagger.expect_document("post 1")
    tagger.expect_delivered()
    assert desk.labels(0) == (["anger", "gri", "mood/fear", "mood/love"], "done")
    scores = {span.label: span.score for span in desk.annotation(0).spans}
    assert scores == {"anger": 0.7, "mood/love": 0.2, "mood/fear": None, "gri": None}


def test_two_texts_stand_side_by_side_with_what_differs(bench) -> None:
    pairs = [("The cat sat.", "The dog sat."), ("我怎么重置密码", "我如何重置密码")]
    texts = [Document(a, second_text=b, name=f"pair {n}") for n, (a, b) in enumerate(pairs)]
    desk = bench(*texts, labels=["0", "1", "2", "3"], task="pairs")
    tagger = desk.open()
    marked = tagger.page.locator(".reading .differs")
    expect(marked).to_have_text(["cat", "dog"])
    tagger.press("3")
    tagger.expect_document("pair 1")
    expect(marked).to_have_text(["怎么", "如何"])
    tagger.press("0")
    tagger.expect_delivered()
    assert [desk.labels(n) for n in (0, 1)] == [(["3"], "done"), (["0"], "done")]


def test_what_is_nearly_the_same_is_answered_together_and_taken_back_together(bench) -> None:
    words = [
        "Card 17 was lost abroad",
        "card 4 was LOST abroad!",
        "Card 9 was lost abroad today",
        "Hi",
    ]
    desk = bench(*[Document(each, name=each) for each in words], labels=MOODS, task="classes")
    tagger = desk.open()
    tagger.press("2")
    offered = tagger.page.locator(".alike-words")
    expect(offered).to_have_text(
        "“Card 17 was lost abroad”: bad · 2 more texts nearly the same, 1 of them exactly"
    )
    tagger.press("Shift+r")
    hits = tagger.page.locator(".hit")
    expect(hits).to_have_count(2)
    tagger.press("Escape", "r")
    tagger.expect_hint("2 documents answered")
    assert [desk.labels(n) for n in range(4)] == [(["bad"], "done")] * 3 + [([], "untouched")]
    tagger.press("z")
    tagger.expect_hint("Undone")
    assert [desk.labels(n) for n in range(3)] == [(["bad"], "done")] + [([], "untouched")] * 2


@pytest.mark.long
def test_keys_do_not_reach_what_lies_under_a_dialog_that_found_nothing(bench) -> None:
    desk = bench(
        Document("Hi", name="a"), Document("Film 2", name="b"), labels=MOODS, task="classes"
    )
    tagger = desk.open()
    tagger.press("2")
    tagger.expect_document("b")
    tagger.press("ArrowLeft")
    tagger.expect_document("a")
    tagger.press("Shift+r")
    dialog = tagger.page.locator("dialog.preview")
    expect(dialog.locator(".found")).to_contain_text("No open text is nearly the same")
    tagger.press("1", "Escape")
    expect(dialog).not_to_be_visible()
    tagger.press("3")
    tagger.expect_delivered()
    assert desk.labels(0) == (["dull"], "done")
