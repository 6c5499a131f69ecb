"""Flag, comment and guideline: by keys, beside the text, and never in its way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from storage.corpus import projects
from storage.types import Status
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


def test_from_the_first_token_to_done_by_keys_alone(bench) -> None:
    desk = bench(ADA, "Nobody was there.")
    tagger = desk.open()
    tagger.press("j", "Shift+J", "1", "j", "j", "Shift+J", "/")
    tagger.page.keyboard.type("pe")
    tagger.press("1", "j", "j", "3", "f", "c")
    tagger.page.keyboard.type("Which June? 1 or 2")
    tagger.press("Enter")
    expect(tagger.page.get_by_role("button", name="Flag (F)")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(tagger.page.get_by_role("button", name="Comment (C)")).to_have_text("Which June? 1 or 2")
    tagger.press("Enter")
    tagger.expect_document("text 2")
    tagger.expect_saved()
    assert desk.stored() == ["Ada Lovelace, PER", "Charles Babbage, PER", "London, LOC"]
    annotation = desk.annotation()
    assert (annotation.state["flagged"], annotation.state["comment"]) == (
        True,
        "Which June? 1 or 2",
    )
    assert annotation.status == Status.DONE


def test_flag_and_comment_are_undone_and_redone(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    flag = tagger.page.get_by_role("button", name="Flag (F)")
    comment = tagger.page.get_by_role("button", name="Comment (C)")
    tagger.press("f", "c")
    tagger.page.keyboard.type("Look")
    tagger.press("Enter", "Control+z")
    expect(comment).to_have_text("")
    tagger.press("Control+z")
    expect(flag).to_have_attribute("aria-pressed", "false")
    tagger.press("Control+y", "Control+y")
    expect(comment).to_have_text("Look")
    expect(flag).to_have_attribute("aria-pressed", "true")


def test_what_is_typed_and_not_saved_stays_a_draft(bench) -> None:
    desk = bench(ADA, "Nobody was there.")
    tagger = desk.open()
    comment = tagger.page.get_by_role("button", name="Comment (C)")
    field = tagger.page.get_by_role("textbox", name="Comment on this document")
    tagger.press("c")
    tagger.page.keyboard.type("half a thou")
    tagger.press("Escape")
    expect(tagger.pane).to_be_focused()
    expect(comment).to_have_text("Draft: half a thou")
    tagger.press("ArrowRight")
    tagger.expect_document("text 2")
    expect(comment).to_have_text("")
    tagger.press("ArrowLeft")
    tagger.expect_document("text 1")
    tagger.page.reload()
    tagger.wait()
    comment.click()
    expect(field).to_have_value("half a thou")
    tagger.press("End")
    tagger.page.keyboard.type("ght")
    tagger.press("Shift+Enter")
    tagger.page.keyboard.type("and more")
    tagger.press("Enter")
    tagger.expect_saved()
    assert desk.annotation().state["comment"] == "half a thought\nand more"
    tagger.page.reload()
    tagger.wait()
    expect(comment).to_have_text("half a thought\nand more")


@pytest.mark.long
def test_the_guideline_follows_the_label_and_moves_nothing(bench, tagger_database) -> None:
    desk = bench(ADA)
    project = projects.get_project(tagger_database, desk.project)
    told: dict[str, Any] = {
        "description": "People by name.",
        "positive": "Ada",
        "negative": "the Countess",
    }
    projects.update_label(tagger_database, replace(project.labels[0], **told))
    tagger = desk.open()
    guide = tagger.page.get_by_role("complementary", name="Guideline")
    before = tagger.place("London")
    tagger.press("g")
    expect(guide).to_contain_text("Select a span or choose a label")
    assert tagger.place("London") == before
    tagger.label("Ada", "1")
    expect(guide).to_contain_text("People by name.")
    expect(guide).to_contain_text("No the Countess")
    tagger.press("2")
    expect(guide).to_contain_text("This label has no guideline yet")
    tagger.press("Escape")
    expect(guide).to_be_hidden()
    tagger.press("Escape", "1", "g")
    expect(guide).to_contain_text("People by name.")
    tagger.press("g")
    expect(guide).to_be_hidden()
