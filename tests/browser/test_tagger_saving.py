"""No edit is ever lost: without a network, through reloads, crashes, conflicts and refusals."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from storage import annotations, home, projects
from storage.database import Database
from tests.browser.tagging import Bench, Tagger

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


def cut_off(tagger: Tagger) -> None:
    """Let no edit through to the server."""
    tagger.page.route("**/api/edits", lambda route: route.abort("internetdisconnected"))


def label(tagger: Tagger, word: str, key: str) -> None:
    tagger.double_click(word)
    tagger.press(key)


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


def test_nothing_is_called_saved_before_the_server_has_answered(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    held = []
    tagger.page.route("**/api/edits", lambda route: held.append(route))
    label(tagger, "London", "3")
    tagger.expect_spans("London, LOC")
    expect(tagger.page.locator(".saved")).to_have_text("Saving…")
    assert tagger.kept() == ["add"]
    held[0].continue_()
    tagger.expect_saved()
    assert (tagger.kept(), desk.stored()) == ([], ["London, LOC"])


def test_edits_made_without_a_network_are_delivered_when_it_is_back(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open(locale="en-GB")
    tagger.page.context.set_offline(True)
    label(tagger, "Ada", "1")
    label(tagger, "London", "3")
    label(tagger, "June", "2")
    tagger.press("Control+z")
    saved = tagger.page.locator(".saved")
    expect(saved).to_have_text("Offline, 4 changes kept")
    assert desk.stored() == []
    tagger.page.context.set_offline(False)
    tagger.expect_saved()
    assert (tagger.kept(), desk.stored()) == ([], ["Ada, PER", "London, LOC"])


def test_a_reload_shows_and_delivers_what_was_not_delivered(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    cut_off(tagger)
    label(tagger, "Ada", "1")
    label(tagger, "London", "3")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 2 changes kept")
    tagger.page.reload()
    tagger.wait()
    tagger.expect_spans("Ada, PER", "London, LOC")
    tagger.press("Control+z")
    tagger.expect_spans("Ada, PER")
    assert desk.stored() == []
    tagger.page.unroute("**/api/edits")
    tagger.page.reload()
    tagger.wait()
    tagger.expect_saved()
    assert (tagger.kept(), desk.stored()) == ([], ["Ada, PER"])


def test_what_a_closed_tab_left_is_delivered_by_the_next_one_for_any_document(bench) -> None:
    desk = bench(ADA, "Another document.")
    first = desk.open()
    cut_off(first)
    label(first, "Ada", "1")
    expect(first.page.locator(".saved")).to_have_text("Offline, 1 change kept")
    first.page.close()
    second = desk.open(1)
    second.expect_saved()
    assert (second.kept(), desk.stored()) == ([], ["Ada, PER"])


def test_an_answer_that_was_lost_does_not_repeat_the_edit(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    answers = []

    def lose_the_first(route) -> None:
        answers.append(route.fetch())
        if len(answers) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(response=answers[-1])

    tagger.page.route("**/api/edits", lose_the_first)
    label(tagger, "London", "3")
    tagger.expect_saved()
    assert answers[1].json()["results"][0]["status"] == "duplicate"
    assert (desk.stored(), desk.annotation().revision) == (["London, LOC"], 1)


def make_conflict(desk: Bench) -> Tagger:
    """Edit a document in the tagger and elsewhere, so that the two do not know of each other."""
    tagger = desk.open()
    edit_elsewhere(desk, "Babbage")
    label(tagger, "London", "3")
    expect(tagger.page.get_by_role("alert")).to_contain_text("changed in another tab")
    expect(tagger.page.locator(".saved")).to_have_text("Not saved: choose below")
    label(tagger, "Ada", "1")
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
    label(tagger, "London", "3")
    tagger.expect_saved()
    assert desk.stored() == ["Babbage, ORG", "London, LOC"]


def test_a_conflict_outlives_a_reload(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    tagger.page.reload()
    tagger.wait()
    tagger.page.get_by_role("button", name="Apply mine on top").click()
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "Babbage, ORG", "London, LOC"]


def test_of_mine_what_no_longer_fits_is_left_out_and_said(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    edit_elsewhere(desk, "London")
    label(tagger, "London", "3")
    label(tagger, "Ada", "1")
    tagger.page.get_by_role("button", name="Apply mine on top").click()
    expect(tagger.page.locator(".hint")).to_contain_text("1 change no longer applied")
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, ORG"]


def test_two_tabs_on_one_document_end_with_the_work_of_both(bench) -> None:
    desk = bench(ADA)
    first, second = desk.open(), desk.open()
    first.page.bring_to_front()
    label(first, "Ada", "1")
    first.expect_saved()
    second.page.bring_to_front()
    label(second, "London", "3")
    second.page.get_by_role("button", name="Apply mine on top").click()
    second.expect_spans("Ada, PER", "London, LOC")
    second.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, LOC"]


def test_a_refused_edit_is_explained_and_the_rest_is_kept(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    # The label goes while the page still shows it.
    gone = next(
        label for label in projects.list_labels(desk.db, desk.project) if label.name == "LOC"
    )
    projects.update_label(desk.db, replace(gone, name="PLACE"))
    cut_off(tagger)
    label(tagger, "London", "3")
    label(tagger, "Ada", "1")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 2 changes kept")
    tagger.page.unroute("**/api/edits")
    tagger.expect_saved()
    expect(tagger.page.locator(".hint")).to_contain_text("has no label 'LOC'")
    tagger.expect_spans("Ada, PER")
    assert (tagger.kept(), desk.stored()) == ([], ["Ada, PER"])


def test_a_page_whose_token_is_not_valid_asks_for_a_reload_and_keeps_the_edits(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()

    def forge(route) -> None:
        body = route.request.post_data_json
        route.continue_(post_data={**body, "token": "e30.forged"})

    tagger.page.route("**/api/edits", forge)
    label(tagger, "London", "3")
    expect(tagger.page.get_by_role("alert")).to_contain_text("reload the page")
    expect(tagger.page.locator(".saved")).to_have_text("Not saved: reload the page")
    assert tagger.kept() == ["add"]
    tagger.page.unroute("**/api/edits")
    tagger.page.get_by_role("button", name="Reload the page").click()
    tagger.wait()
    tagger.expect_saved()
    assert (tagger.kept(), desk.stored()) == ([], ["London, LOC"])


def test_a_page_that_cannot_keep_edits_says_to_stay_and_delivers_them(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }"
    )
    cut_off(tagger)
    label(tagger, "London", "3")
    expect(tagger.page.locator(".saved")).to_contain_text(
        "not kept on this computer: stay on this page until saved"
    )
    tagger.page.unroute("**/api/edits")
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


def test_a_killed_server_costs_no_edit(bench, launch, visitor, tmp_path, tagger_server) -> None:
    server = launch(tagger_server.script, tmp_path / "mortal")
    db = Database.open(f"sqlite:///{server.home / 'whetstone.db'}")
    desk = Bench.make(server, db, visitor, "mortal", [ADA])
    tagger = desk.open()
    label(tagger, "Ada", "1")
    tagger.expect_saved()
    server.kill()
    label(tagger, "London", "3")
    expect(tagger.page.locator(".saved")).to_have_text(re.compile("^Offline, 1 change kept$"))
    server.start()
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, LOC"]
    tagger.page.close()
    server.kill()
    db.close()


def test_edits_show_at_once_and_survive_leaving_for_the_next_document(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    cut_off(tagger)
    label(tagger, "London", "3")
    tagger.press("Enter")
    tagger.expect_document("text 2")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 2 changes kept")
    tagger.press("ArrowLeft")
    tagger.expect_document("text 1")
    tagger.expect_spans("London, LOC")
    expect(tagger.page.locator(".status")).to_have_text("Done")
    tagger.page.unroute("**/api/edits")
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


def test_a_refusal_behind_ones_back_is_told_on_the_next_document(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    loc = next(each for each in projects.list_labels(desk.db, desk.project) if each.name == "LOC")
    projects.update_label(desk.db, replace(loc, name="PLACE"))
    cut_off(tagger)
    label(tagger, "London", "3")
    tagger.press("ArrowRight")
    tagger.expect_document("text 2")
    tagger.page.unroute("**/api/edits")
    expect(tagger.page.locator(".hint")).to_contain_text("has no label 'LOC'")
    assert (tagger.kept(), desk.stored()) == ([], [])


def test_a_conflict_in_another_document_leads_there(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    cut_off(tagger)
    label(tagger, "London", "3")
    tagger.press("ArrowRight")
    tagger.expect_document("text 2")
    edit_elsewhere(desk, "Babbage")
    tagger.page.unroute("**/api/edits")
    expect(tagger.page.get_by_role("alert")).to_contain_text("1 change to another document")
    tagger.page.get_by_role("button", name="Open it").click()
    tagger.expect_document("text 1")
    tagger.page.get_by_role("button", name="Apply mine on top").click()
    tagger.expect_saved()
    assert desk.stored() == ["Babbage, ORG", "London, LOC"]


def test_edits_of_a_document_that_is_gone_are_discarded_only_on_demand(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    cut_off(tagger)
    label(tagger, "London", "3")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 1 change kept")
    projects.delete_project(desk.db, desk.project)
    tagger.page.unroute("**/api/edits")
    bar = tagger.page.get_by_role("alert")
    expect(bar).to_contain_text("1 change could not be saved. The project has no document")
    assert tagger.kept() == ["add"]
    bar.get_by_role("button", name="Discard 1 change").click()
    expect(bar).to_be_hidden()
    assert tagger.kept() == []
