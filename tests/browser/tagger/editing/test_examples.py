"""A span becomes an example in the guideline by a key, its reason said; the panel shows it."""

import pytest

from storage.corpus import documents, projects
from storage.journal import annotations
from storage.knowledge import examples
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


def test_what_is_selected_becomes_an_example_with_its_reason(bench, tagger_database) -> None:
    desk = bench(ADA, "Nobody was there.")
    tagger = desk.open()
    guide = tagger.page.get_by_role("complementary", name="Guideline")
    tagger.press("Shift+G")
    expect(tagger.page.locator("#hint")).to_contain_text("Select a span, or some words")
    tagger.label("Ada", "1")
    tagger.press("g", "Shift+G")
    tagger.page.keyboard.type("A <b>given</b> name; 1 of 2")
    tagger.press("Enter")
    expect(guide).to_contain_text("A <b>given</b> name; 1 of 2")
    expect(guide.locator("p.yes .tag")).to_have_text("Ada")
    tagger.expect_saved()
    ((kept,),) = examples.of_project(tagger_database, desk.project).values()
    assert (kept.quote, kept.text, kept.kind) == ("Ada", ADA, "positive")


@pytest.mark.long
def test_enter_confirms_what_an_older_guideline_was_followed_in(bench, tagger_database) -> None:
    desk = bench(ADA, "Nobody was there.")
    tagger = desk.open()
    tagger.press("Enter")
    tagger.expect_document("text 2")
    tagger.expect_saved()
    projects.set_guideline(tagger_database, desk.project, "Other")
    first = documents.list_ids(tagger_database, desk.project)[0]
    who = desk.annotation().annotator
    assert annotations.open_annotation(tagger_database, first, who).is_behind
    tagger.press("ArrowLeft")
    tagger.expect_document("text 1")
    done = tagger.page.locator(".top .action.main")
    expect(done).to_contain_text("Confirm")
    tagger.press("Enter")
    tagger.expect_document("text 2")
    tagger.expect_saved()
    tagger.press("ArrowLeft")
    tagger.expect_document("text 1")
    expect(done).to_contain_text("Next")
    assert not annotations.open_annotation(tagger_database, first, who).is_behind
