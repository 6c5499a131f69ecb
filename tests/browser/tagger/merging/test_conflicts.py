"""Where edits meet others' edits, or are refused, the person is told and decides."""

from dataclasses import replace

import pytest
from playwright.sync_api import Locator

from storage import home
from storage.corpus import projects
from storage.journal import annotations
from tests.browser.expecting import expect
from tests.browser.tagging import Bench, Tagger, resize

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."


SIDES = ("Theirs.", "Mine.")
NAMES = "(all) => all.map((each) => each.getAttribute('aria-label'))"


def edit_elsewhere(desk: Bench, word: str, *, annotator: str = "", text: str = ADA) -> None:
    """Add a span as another tab of the same person would, or another person."""
    annotator = annotator or home.user_name()
    start = text.index(word)
    span = {"id": f"else-{word}", "start": start, "end": start + len(word), "quote": word}
    revision = desk.annotation(annotator=annotator).revision
    operation = {"seq": revision + 1, "base_revision": revision, "kind": "add"}
    operations = [{**operation, "span": {**span, "label": "ORG"}}]
    outcome = annotations.apply_operations(
        desk.db,
        desk.project,
        desk.ids[0],
        annotator,
        f"elsewhere-{desk.project}",
        operations,
    )
    assert outcome.results[0]["status"] == "saved"


def make_conflict(desk: Bench) -> Tagger:
    """Edit a document in the tagger and elsewhere, so that the two do not know of each other."""
    tagger = desk.open()
    tagger.cut_off()
    tagger.label("London", "3")
    tagger.label("Ada", "1")
    edit_elsewhere(desk, "Babbage")
    tagger.reconnect()
    expect(merge_view(tagger)).to_contain_text("changed in another tab or by someone else")
    expect(tagger.page.locator(".saved")).to_have_text("Not saved: two versions")
    tagger.expect_spans("Ada, PER", "London, LOC")
    assert desk.stored() == ["Babbage, ORG"]
    assert tagger.kept() == ["add", "add"]
    return tagger


def merge_view(tagger: Tagger) -> Locator:
    return tagger.page.get_by_role("dialog", name="Two versions of text 1")


def decide(tagger: Tagger, caption: str) -> None:
    merge_view(tagger).get_by_role("button", name=caption).click()
    expect(merge_view(tagger)).to_be_hidden()


@pytest.mark.long
def test_both_versions_are_shown_side_by_side_with_what_differs(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    view = merge_view(tagger)
    theirs, mine = (view.get_by_role("group", name=side, exact=True) for side in SIDES)
    expect(theirs.locator(".text")).to_have_text(ADA)
    assert theirs.locator(".span").evaluate_all(NAMES) == ["Babbage, ORG, added, difference 2"]
    assert mine.locator(".span").evaluate_all(NAMES) == [
        "Ada, PER, added, difference 1",
        "London, LOC, added, difference 3",
    ]
    assert theirs.locator(".span").get_attribute("data-label") == "+ ORG"
    options = view.get_by_role("group", name="“Babbage”").locator("label")
    expect(options).to_have_text(["Theirs+ added “Babbage” as ORG", "Mineas it was"])
    places = [side.bounding_box() for side in (theirs, mine)]
    assert places[0]["x"] + places[0]["width"] <= places[1]["x"]
    resize(tagger.page, 320, 800)
    places = [side.bounding_box() for side in (theirs, mine)]
    assert places[0]["y"] + places[0]["height"] <= places[1]["y"]
    assert tagger.page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.long
def test_both_can_be_taken(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    decide(tagger, "Take both")
    tagger.expect_spans("Ada, PER", "Babbage, ORG", "London, LOC")
    tagger.expect_saved()
    expect(tagger.page.get_by_role("alert")).to_be_hidden()
    assert desk.stored() == ["Ada, PER", "Babbage, ORG", "London, LOC"]
    tagger.press("Control+z", "Control+z")
    tagger.expect_spans("Babbage, ORG")
    tagger.expect_saved()


@pytest.mark.long
def test_theirs_can_be_kept(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    decide(tagger, "Keep theirs")
    tagger.expect_spans("Babbage, ORG")
    assert (tagger.kept(), desk.stored()) == ([], ["Babbage, ORG"])
    tagger.label("London", "3")
    tagger.expect_saved()
    assert desk.stored() == ["Babbage, ORG", "London, LOC"]


@pytest.mark.long
def test_mine_can_be_kept_and_that_is_an_edit_like_any_other(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    decide(tagger, "Keep mine")
    tagger.expect_spans("Ada, PER", "London, LOC")
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, LOC"]
    tagger.press(*["Control+z"] * 3)
    tagger.expect_saved()
    assert desk.stored() == ["Babbage, ORG"]


def test_a_conflict_outlives_a_reload_and_is_decided_by_keys_alone(bench) -> None:
    desk = bench(ADA)
    tagger = make_conflict(desk)
    tagger.page.reload()
    tagger.wait()
    view = merge_view(tagger)
    # What the others changed is still told from what was changed here.
    expect(view.get_by_role("heading", name="Two versions")).to_be_focused()
    # A key that was meant for the text decides nothing.
    tagger.press("Enter", "2", "Backspace", "Tab")
    expect(view.get_by_role("group", name="What differs")).to_be_focused()
    tagger.press("Tab", "ArrowUp", "Tab", "ArrowDown", "Tab")
    expect(view.get_by_role("radio", name="Mine").nth(2)).to_be_focused()
    tagger.press("Tab", "Tab", "Tab", "Tab")
    expect(view.get_by_role("button", name="Save my choices")).to_be_focused()
    tagger.press("Enter")
    tagger.expect_saved()
    tagger.expect_spans("London, LOC")
    assert desk.stored() == ["London, LOC"]
    expect(tagger.pane).to_be_focused()


@pytest.mark.long
def test_a_decision_can_be_put_off(bench) -> None:
    desk = bench(ADA, "Another document.")
    tagger = make_conflict(desk)
    tagger.press("Escape")
    expect(merge_view(tagger)).to_be_hidden()
    tagger.label("June", "3")
    assert (tagger.kept(), desk.stored()) == (["add"] * 3, ["Babbage, ORG"])
    bar = tagger.page.get_by_role("alert")
    expect(bar).to_contain_text("3 changes wait: this document was changed")
    bar.get_by_role("button", name="Compare and choose").click()
    decide(tagger, "Take both")
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "Babbage, ORG", "London, LOC", "June, LOC"]


def test_where_both_labelled_the_same_words_the_person_chooses(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    edit_elsewhere(desk, "London")
    before = tagger.place("Ada")
    tagger.label("London", "3")
    view = merge_view(tagger)
    expect(view).to_contain_text("1 difference, 1 of which clashes: there theirs stays")
    assert tagger.place("Ada") == before, "the text must not move under the pointer"
    view.get_by_role("group", name="“London”").get_by_label("Mine").check()
    decide(tagger, "Save my choices")
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


@pytest.mark.long
def test_what_both_did_alike_needs_no_decision(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    edit_elsewhere(desk, "London")
    tagger.label("London", "2")
    tagger.expect_delivered()
    tagger.expect_spans("London, ORG")
    expect(merge_view(tagger)).to_be_hidden()
    assert (desk.stored(), desk.annotation().revision) == (["London, ORG"], 1)


def test_two_tabs_on_one_document_end_with_the_work_of_both(bench) -> None:
    desk = bench(ADA)
    first, second = desk.open(), desk.open()
    first.page.bring_to_front()
    first.label("Ada", "1")
    first.expect_saved()
    second.page.bring_to_front()
    second.label("London", "3")
    decide(second, "Take both")
    second.expect_spans("Ada, PER", "London, LOC")
    second.expect_saved()
    assert desk.stored() == ["Ada, PER", "London, LOC"]


@pytest.mark.long
def test_two_people_on_one_document_end_with_the_work_of_both(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    # Somebody else's work is what the next person goes on from: it came in between.
    edit_elsewhere(desk, "Babbage", annotator="Grace")
    tagger.label("London", "3")
    decide(tagger, "Take both")
    tagger.expect_spans("Babbage, ORG", "London, LOC")
    tagger.expect_saved()
    # From now on each has an annotation of their own, and neither stands in the other's way.
    edit_elsewhere(desk, "June", annotator="Grace")
    tagger.label("Ada", "1")
    tagger.expect_saved()
    assert desk.stored() == ["Ada, PER", "Babbage, ORG", "London, LOC"]
    assert desk.stored(annotator="Grace") == ["Babbage, ORG", "June, ORG"]


@pytest.mark.long
def test_of_a_long_document_only_the_passages_that_differ_are_shown(bench) -> None:
    desk = bench("\n".join([ADA] + ["Nobody said anything of note."] * 200 + ["Bob left."]))
    tagger = desk.open()
    edit_elsewhere(desk, "Ada", text=desk.annotation().document.text)
    tagger.cut_off()
    tagger.page.locator(".pane").evaluate("(pane) => pane.scrollTo(0, pane.scrollHeight)")
    # Lines are laid out as they come into sight.
    tagger.wait()
    tagger.label("Bob", "1")
    tagger.reconnect()
    passages = merge_view(tagger).locator("section")
    expect(passages).to_have_count(2)
    shown = passages.locator(".text").all_text_contents()
    assert [len(text) < 400 for text in shown] == [True] * 4
    assert shown[0].startswith(ADA) and shown[-1].endswith("Bob left.")


@pytest.mark.long
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
    expect(tagger.page.locator(".saved")).to_have_text("1 change not saved")
    tagger.page.get_by_role("button", name="Open it").click()
    tagger.expect_document("text 1")
    decide(tagger, "Take both")
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


@pytest.mark.long
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


@pytest.mark.long
def test_edits_of_a_document_that_is_gone_are_discarded_only_on_demand(bench) -> None:
    desk = bench(ADA)
    tagger = desk.open()
    tagger.cut_off()
    tagger.label("London", "3")
    expect(tagger.page.locator(".saved")).to_have_text("Offline, 1 change kept")
    projects.delete_project(desk.db, desk.project)
    tagger.reconnect()
    bar = tagger.page.get_by_role("alert")
    expect(bar).to_contain_text("1 change could not be saved. This project has no such document")
    assert tagger.kept() == ["add"]
    bar.get_by_role("button", name="Discard 1 change").click()
    expect(bar).to_be_hidden()
    assert tagger.kept() == []
