"""Undo and redo over the whole project: other documents, reloads, a server that was killed."""

from __future__ import annotations

import pytest

from storage import home
from storage.actions import relabelling
from storage.corpus import projects
from storage.database.connection import Database
from storage.journal.annotations import apply_operations
from tests.browser.expecting import expect
from tests.browser.tagging import Bench

pytestmark = pytest.mark.browser
NAMES = ("Ada", "Bob", "Carl")
TEXTS = ("Ada was here.", "Bob was here.", "Carl was here.")


def label_each(tagger) -> None:
    """Label the first word of three documents."""
    for number in (1, 2, 3):
        tagger.expect_document(f"text {number}")
        tagger.press("j", "1", *["ArrowRight"] * (number < 3))


def test_undo_goes_back_through_the_documents_and_redo_forth(bench) -> None:
    desk = bench(*TEXTS)
    tagger = desk.open()
    label_each(tagger)
    tagger.expect_saved()
    tagger.page.reload()
    tagger.wait()
    tagger.press("Control+z")
    tagger.expect_spans()
    tagger.press("Control+z")
    tagger.expect_document("text 2")
    tagger.expect_hint("Undone: PER on “Bob” in text 2")
    tagger.expect_spans()
    expect(tagger.pane).to_be_focused()
    tagger.press("Control+z")
    tagger.expect_document("text 1")
    tagger.expect_hint("Undone: PER on “Ada” in text 1")
    assert [desk.stored(number) for number in range(3)] == [[], [], []]
    expect(tagger.page.get_by_role("button", name="Undo")).to_be_disabled()
    tagger.press("Control+z")
    tagger.expect_hint("Nothing to undo")
    tagger.press("Control+Shift+z", "Control+Shift+z", "Control+Shift+z")
    tagger.expect_document("text 3")
    tagger.expect_hint("Redone: PER on “Carl” in text 3")
    tagger.expect_spans("Carl, PER")
    assert [desk.stored(number) for number in range(3)] == [[f"{name}, PER"] for name in NAMES]
    expect(tagger.page.get_by_role("button", name="Redo")).to_be_disabled()


@pytest.mark.long
def test_many_presses_take_many_steps_in_order(bench) -> None:
    desk = bench(*TEXTS)
    tagger = desk.open()
    label_each(tagger)
    tagger.press(*["Control+z"] * 3)
    tagger.expect_document("text 1")
    tagger.expect_hint("Undone: PER on “Ada” in text 1")
    assert [desk.stored(number) for number in range(3)] == [[], [], []]
    # A new edit ends all redoing, in the other documents too.
    tagger.press("j", "2")
    tagger.expect_saved()
    tagger.press("Control+Shift+z")
    tagger.expect_hint("Nothing to redo")
    assert [desk.stored(number) for number in range(3)] == [["Ada, ORG"], [], []]


@pytest.mark.long
def test_another_documents_step_needs_the_server_and_that_is_said(bench) -> None:
    desk = bench(*TEXTS)
    tagger = desk.open()
    tagger.press("j", "1")
    tagger.expect_saved()
    tagger.press("ArrowRight")
    tagger.expect_document("text 2")
    tagger.page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    tagger.press("j", "1")
    tagger.expect_spans("Bob, PER")
    tagger.press("Control+z")
    tagger.expect_spans()
    tagger.press("Control+z")
    tagger.expect_hint("Not undone: the server is out of reach")
    tagger.page.unroute("**/api/**")
    tagger.press("Control+z")
    tagger.expect_document("text 1")
    tagger.expect_hint("Undone: PER on “Ada” in text 1")
    assert [desk.stored(number) for number in range(2)] == [[], []]


def test_a_step_that_the_page_was_not_told_of_is_taken_back_too(bench) -> None:
    # As where the page was drawn a moment before the last edit was stored.
    desk = bench(*TEXTS)
    tagger = desk.open()
    done = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    place = (desk.db, desk.project, desk.ids[1], home.user_name(), f"other-{desk.project}")
    apply_operations(*place, [done])
    tagger.press("Control+z")
    tagger.expect_document("text 2")
    assert desk.labels(1) == ([], "untouched")


@pytest.mark.long
def test_undo_reaches_behind_a_killed_server(launch, visitor, tmp_path, tagger_server) -> None:
    server = launch(tagger_server.script, tmp_path / "mortal")
    db = Database.open(f"sqlite:///{server.home / 'whetstone.db'}")
    desk = Bench.make(server, db, visitor, "mortal", ("Ada saw Bob.", "Ada slept.", "Is Ada in?"))
    tagger = desk.open()
    tagger.label("Ada", "1")
    tagger.press("Shift+R")
    expect(tagger.page.locator("dialog .main")).to_contain_text("Label 2 in 2 documents")
    tagger.press("Enter")
    tagger.expect_hint("2 spans in 2 documents")
    tagger.label("Bob", "2")
    tagger.expect_saved()
    tagger.page.close()
    server.restart()
    tagger = desk.open(1)
    tagger.press("Control+z", "Control+z", "Control+z")
    tagger.expect_document("text 1")
    tagger.expect_spans()
    tagger.expect_saved()
    assert [desk.stored(number) for number in range(3)] == [[], [], []]
    tagger.page.close()
    server.kill()
    db.close()


@pytest.mark.long
def test_a_deleted_label_comes_back_with_its_spans(bench) -> None:
    desk = bench(*TEXTS)
    tagger = desk.open()
    tagger.press("j", "1")
    tagger.expect_saved()
    person = projects.list_labels(desk.db, desk.project)[0]
    relabelling.delete_label(desk.db, person.id, home.user_name())
    tagger.page.reload()
    tagger.wait()
    tagger.expect_spans()
    expect(tagger.page.locator(".chip")).to_have_count(2)
    tagger.press("Control+z")
    tagger.expect_spans("Ada, PER")
    expect(tagger.chip("PER")).to_be_visible()
    tagger.press("Control+z")
    tagger.expect_spans()
    tagger.expect_saved()
    expect(tagger.page.get_by_role("button", name="Undo")).to_be_disabled()
