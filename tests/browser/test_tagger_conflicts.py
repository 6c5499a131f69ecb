"""Where edits meet others' edits, or are refused, the person is told and decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from storage import annotations, home, projects
from tests.browser.tagging import Bench, Tagger

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


def edit_elsewhere(desk: Bench, word: str) -> None:
    """Add a span as another tab of the same person would."""
    start = ADA.index(word)
    span = {"id": f"else-{word}", "start": start, "end": start + len(word), "quote": word}
    revision = desk.annotation().revision
    operation = {"seq": revision + 1, "base_revision": revision, "kind": "add"}
    operations = [{**operation, "span": {**span, "label": "ORG"}}]
    outcome = annotations.apply_operations(
        desk.db,
        desk.project,
        desk.ids[0],
        home.user_name(),
        f"elsewhere-{desk.project}",
        operations,
    )
    assert outcome.results[0]["status"] == "saved"


def make_conflict(desk: Bench) -> Tagger:
    """Edit a document in the tagger and elsewhere, so that the two do not know of each other."""
    tagger = desk.open()
    edit_elsewhere(desk, "Babbage")
    tagger.label("London", "3")
    expect(tagger.page.get_by_role("alert")).to_contain_text("changed in another tab")
    expect(tagger.page.locator(".saved")).to_have_text("Not saved: choose below")
    tagger.label("Ada", "1")
    tagger.expect_spans("Ada, PER", "London, LOC")
    assert desk.stored() == ["Babbage, ORG"]
    assert tagger.kept() == ["add", "add"]
    return tagger


def test_in_a_conflict_mine_can_be_applied_on_top(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    tagger.page.get_by_role("button", name="Apply mine on top").click()
    tagger.expect_spans("Ada, PER", "Babbage, ORG", "London, LOC")
    tagger.expect_saved()
    expect(tagger.page.get_by_role("alert")).to_be_hidden()
    assert desk.stored() == ["Ada, PER", "Babbage, ORG", "London, LOC"]
    tagger.press("Control+z", "Control+z")
    tagger.expect_spans("Babbage, ORG")
    tagger.expect_saved()


def test_in_a_conflict_theirs_can_be_kept(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    tagger.page.get_by_role("button", name="Keep theirs").click()
    tagger.expect_spans("Babbage, ORG")
    assert (tagger.kept(), desk.stored()) == ([], ["Babbage, ORG"])
    tagger.label("London", "3")
    tagger.expect_saved()
    assert desk.stored() == ["Babbage, ORG", "London, LOC"]


def test_a_conflict_outlives_a_reload(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    tagger.page.reload()
    tagger.wait()
    tagger.expect_spans("Babbage, ORG")
    tagger.page.get_by_role("button", name="Apply mine on top").click()
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "Babbage, ORG", "London, LOC"]


def test_of_mine_what_no_longer_fits_is_left_out_and_said(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    edit_elsewhere(desk, "London")
    tagger.label("London", "3")
    # The message about the conflict moves the text, and the mouse must not miss it.
    mine = tagger.page.get_by_role("button", name="Apply mine on top")
    expect(mine).to_be_visible()
    tagger.label("Ada", "1")
    mine.click()
    expect(tagger.page.locator(".hint")).to_contain_text("1 change no longer applied")
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, ORG"]


def test_two_tabs_on_one_document_end_with_the_work_of_both(bench) -> None:
    desk = bench(ADA)
    first, second = desk.open(), desk.open()
    first.page.bring_to_front()
    first.label("Ada", "1")
    first.expect_saved()
    second.page.bring_to_front()
    second.label("London", "3")
    second.page.get_by_role("button", name="Apply mine on top").click()
    second.expect_spans("Ada, PER", "London, LOC")
    second.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, LOC"]


def test_a_conflict_in_another_document_leads_there(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    tagger.cut_off()
    tagger.label("London", "3")
    tagger.press("ArrowRight")
    tagger.expect_document("text 2")
    edit_elsewhere(desk, "Babbage")
    tagger.reconnect()
    expect(tagger.page.get_by_role("alert")).to_contain_text("1 change to another document")
    tagger.page.get_by_role("button", name="Open it").click()
    tagger.expect_document("text 1")
    tagger.page.get_by_role("button", name="Apply mine on top").click()
    tagger.expect_saved()
    assert desk.stored() == ["Babbage, ORG", "London, LOC"]


def test_a_refused_edit_is_explained_and_the_rest_is_kept(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    # The label goes while the page still shows it.
    gone = next(
        label for label in projects.list_labels(desk.db, desk.project) if label.name == "LOC"
    )
    projects.update_label(desk.db, replace(gone, name="PLACE"))
    tagger.cut_off()
    tagger.label("London", "3")
    tagger.label("Ada", "1")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 2 changes kept")
    tagger.reconnect()
    tagger.expect_saved()
    expect(tagger.page.locator(".hint")).to_contain_text("has no label 'LOC'")
    tagger.expect_spans("Ada, PER")
    assert (tagger.kept(), desk.stored()) == ([], ["Ada, PER"])


def test_a_refusal_behind_ones_back_is_told_on_the_next_document(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    loc = next(each for each in projects.list_labels(desk.db, desk.project) if each.name == "LOC")
    projects.update_label(desk.db, replace(loc, name="PLACE"))
    tagger.cut_off()
    tagger.label("London", "3")
    tagger.press("ArrowRight")
    tagger.expect_document("text 2")
    tagger.reconnect()
    expect(tagger.page.locator(".hint")).to_contain_text("has no label 'LOC'")
    assert (tagger.kept(), desk.stored()) == ([], [])


def test_edits_of_a_document_that_is_gone_are_discarded_only_on_demand(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.cut_off()
    tagger.label("London", "3")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 1 change kept")
    projects.delete_project(desk.db, desk.project)
    tagger.reconnect()
    bar = tagger.page.get_by_role("alert")
    expect(bar).to_contain_text("1 change could not be saved. The project has no document")
    assert tagger.kept() == ["add"]
    bar.get_by_role("button", name="Discard 1 change").click()
    expect(bar).to_be_hidden()
    assert tagger.kept() == []
