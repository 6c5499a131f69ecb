"""No edit is ever lost: without a network, through reloads, crashes and full storage."""

from __future__ import annotations

from typing import Any

import pytest

from storage.database.connection import Database
from tests.browser.expecting import expect
from tests.browser.tagging import Bench

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


def test_nothing_is_called_saved_before_the_server_has_answered(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    held = tagger.hold()
    tagger.label("London", "3")
    tagger.expect_spans("London, LOC")
    expect(tagger.page.locator(".saved")).to_have_text("Saving…")
    assert tagger.kept() == ["add"]
    tagger.first(held).continue_()
    tagger.expect_saved()
    assert (tagger.kept(), desk.stored()) == ([], ["London, LOC"])


@pytest.mark.parametrize(
    "seconds", [0, pytest.param(60, marks=pytest.mark.long)], ids=["briefly", "a minute"]
)
def test_edits_made_offline_over_documents_are_delivered_in_order(bench, seconds) -> None:
    desk = bench(ADA, "Grace Hopper was in New York.")
    tagger = desk.open(locale="en-GB")
    # What is answered, that is: whatever is tried meanwhile is sent again.
    sent = []
    tagger.page.on("response", lambda response: sent.append(response.request.post_data_json or {}))
    # The page itself comes by a connection that is open already: only saving is cut off.
    tagger.cut_off()
    tagger.label("Ada", "1")
    tagger.label("June", "2")
    tagger.press("Control+z", "ArrowRight")
    tagger.expect_document("text 2")
    tagger.page.context.set_offline(True)
    tagger.label("Hopper", "1")
    tagger.label("York", "3")
    saved = tagger.page.locator(".saved")
    expect(saved).to_have_text("Offline, 5 changes kept")
    tagger.page.wait_for_timeout(seconds * 1000)
    expect(saved).to_have_text("Offline, 5 changes kept")
    assert (desk.stored(0), desk.stored(1)) == ([], [])
    tagger.reconnect()
    tagger.page.context.set_offline(False)
    # That the network is back is heard at once, whatever the next retry waits for.
    tagger.expect_saved()
    tagger.expect_delivered()
    assert (desk.stored(0), desk.stored(1)) == (["Ada, PER"], ["Hopper, PER", "York, LOC"])
    for document in desk.ids:
        numbers = [
            op["seq"]
            for each in sent
            if each.get("document") == document
            for op in each.get("operations", ())
        ]
        assert numbers == sorted(numbers)


def test_a_reload_shows_and_delivers_what_was_not_delivered(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    tagger.cut_off()
    tagger.label("Ada", "1")
    tagger.label("London", "3")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 2 changes kept")
    tagger.page.reload()
    tagger.wait()
    tagger.expect_spans("Ada, PER", "London, LOC")
    tagger.press("Control+z")
    tagger.expect_spans("Ada, PER")
    assert desk.stored() == []
    tagger.reconnect()
    tagger.page.reload()
    tagger.wait()
    tagger.expect_delivered()
    tagger.expect_spans("Ada, PER")
    assert desk.stored() == ["Ada, PER"]


@pytest.mark.long
def test_what_a_closed_tab_left_is_delivered_by_the_next_one_for_any_document(bench) -> None:
    desk = bench(ADA, "Another document.")
    first = desk.open()
    first.cut_off()
    first.label("Ada", "1")
    expect(first.page.locator(".saved")).to_have_text("Offline, 1 change kept")
    first.page.close()
    second = desk.open(1)
    second.expect_delivered()
    assert desk.stored() == ["Ada, PER"]


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
    tagger.label("London", "3")
    tagger.expect_saved()
    assert answers[1].json()["results"][0]["status"] == "duplicate"
    assert (desk.stored(), desk.annotation().revision) == (["London, LOC"], 1)


def test_a_page_whose_token_is_not_valid_asks_for_a_reload_and_keeps_the_edits(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()

    def forge(route) -> None:
        body = route.request.post_data_json
        route.continue_(post_data={**body, "token": "e30.forged"})

    tagger.page.route("**/api/edits", forge)
    tagger.label("London", "3")
    expect(tagger.page.get_by_role("alert")).to_contain_text("reload the page")
    expect(tagger.page.locator(".saved")).to_have_text("Not saved: reload the page")
    assert tagger.kept() == ["add"]
    tagger.reconnect()
    tagger.page.get_by_role("button", name="Reload the page").click()
    tagger.expect_saved()
    assert (tagger.kept(), desk.stored()) == ([], ["London, LOC"])


@pytest.mark.long
def test_a_page_that_was_open_too_long_gets_a_new_token_by_itself(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    refused: list[Any] = []

    def refuse_the_first(route) -> None:
        token = route.request.post_data_json["token"]
        if not refused or token in refused:
            refused.append(token)
            body = {"error": "Old: reload the page.", "expired": True}
            route.fulfill(status=401, json=body)
        else:
            route.continue_()

    # A token is as old as the second in which it was made.
    tagger.page.wait_for_timeout(1100)
    tagger.page.route("**/api/edits", refuse_the_first)
    tagger.label("London", "3")
    tagger.expect_saved()
    assert refused and (tagger.kept(), desk.stored()) == ([], ["London, LOC"])
    tagger.expect_spans("London, LOC")


@pytest.mark.long
@pytest.mark.usefixtures("alone")
def test_a_page_that_cannot_keep_edits_says_to_stay_and_delivers_them(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }"
    )
    tagger.cut_off()
    tagger.label("London", "3")
    expect(tagger.page.locator(".saved")).to_contain_text(
        "not kept on this computer: stay on this page until saved"
    )
    tagger.reconnect()
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


@pytest.mark.parametrize(
    "moment",
    [pytest.param("before it arrives", marks=pytest.mark.long), "before the answer"],
)
def test_a_server_killed_between_edit_and_acknowledgement_costs_no_edit(
    bench, launch, visitor, tmp_path, tagger_server, moment
) -> None:
    server = launch(tagger_server.script, tmp_path / "mortal")
    db = Database.open(f"sqlite:///{server.home / 'whetstone.db'}")
    desk = Bench.make(server, db, visitor, "mortal", [ADA])
    tagger = desk.open()
    tagger.label("Ada", "1")
    tagger.expect_saved()
    held = tagger.hold()
    tagger.label("London", "3")
    request = tagger.first(held)
    if moment == "before the answer":
        assert request.fetch().ok
    server.kill()
    request.abort("connectionreset")
    tagger.reconnect()
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 1 change kept")
    tagger.label("June", "2")
    assert tagger.kept() == ["add", "add"]
    server.start()
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, LOC", "June, ORG"]
    assert desk.annotation().revision == 3, "each edit is there exactly once"
    tagger.page.close()
    server.kill()
    db.close()
    # Streamlit itself complains of a server that is gone.
    gone = ("/_stcore/", "Streamlit server is not responding")
    visitor.complaints[:] = [
        each for each in visitor.complaints if not any(words in each for words in gone)
    ]


@pytest.mark.long
def test_edits_show_at_once_and_survive_leaving_for_the_next_document(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = desk.open()
    tagger.cut_off()
    tagger.label("London", "3")
    tagger.press("Enter")
    tagger.expect_document("text 2")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 2 changes kept")
    tagger.press("ArrowLeft")
    tagger.expect_document("text 1")
    tagger.expect_spans("London, LOC")
    expect(tagger.page.locator(".status")).to_have_text("Done")
    tagger.reconnect()
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


@pytest.mark.parametrize(
    "route",
    ["undo", *(pytest.param(one, marks=pytest.mark.long) for one in ("find", "apply", "labels"))],
)
def test_whatever_is_asked_with_an_old_token_is_asked_again_with_a_new_one(bench, route) -> None:
    desk = bench(ADA, ADA)
    tagger = desk.open()
    old = False
    refused: list[Any] = []

    def refuse_the_first(answer) -> None:
        token = answer.request.post_data_json["token"]
        if old and (not refused or token in refused):
            refused.append(token)
            answer.fulfill(status=401, json={"error": "Old: reload the page.", "expired": True})
        else:
            answer.continue_()

    # From the start: what is asked just after a route was set may not have heard of it.
    tagger.page.route(f"**/api/{route}", refuse_the_first)
    tagger.label("London", "3")
    tagger.expect_saved()
    if route == "undo":
        tagger.press("ArrowRight")
        tagger.expect_document("text 2")
    # A token is as old as the second in which it was made.
    tagger.page.wait_for_timeout(1100)
    old = True
    if route == "undo":
        tagger.press("Control+z")
        tagger.expect_document("text 1")
        tagger.expect_spans()
    elif route == "labels":
        tagger.press("/")
        tagger.page.keyboard.type("Number")
        tagger.press("Enter")
        expect(tagger.chip("Number")).to_be_visible()
    else:
        tagger.press("Shift+R")
        apply = tagger.page.locator("dialog.preview .main")
        expect(apply).to_contain_text("Label 1")
        apply.click()
        tagger.expect_hint("1 span in 1 document labelled LOC")
    assert refused
