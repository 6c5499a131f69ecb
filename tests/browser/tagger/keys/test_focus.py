"""The desk has the keys: whatever was clicked on the page, a key is for the text.

Only what takes text, an open list and a dialog keep the keyboard, and whoever walks through the
page with the Tab key presses its buttons with Enter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page

from pages.routes import assets
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import Bench, Tagger

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."
# Notes the keys that the desk did not take; then what was clicked has the keyboard again.
WATCH = """() => {
    const clicked = document.activeElement;
    window.back = () => clicked.focus();
    window.missed = [];
    const hear = (event) => setTimeout(() => {
        if (!event.defaultPrevented) window.missed.push(event.key); });
    addEventListener("keydown", (event) => {
        if (!["Shift", "Control", "Alt", "Escape"].includes(event.key)) hear(event); }, true); }"""
# The Tab key goes through the whole page.
KEYS = [
    key.replace("Ctrl", "Control")
    for row in json.loads((assets.FOLDER / "keys" / "commands.json").read_text("utf-8"))
    for key in row["keys"]
    if "room" not in row and not key.endswith("Tab")
]


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    return launch(ROOT / "app.py", tmp_path_factory.mktemp("focus") / "home")


@pytest.fixture
def desk(server: AppServer, visitor: Visitor) -> Iterator[Bench]:
    """The Tag page of the whole application, with a second project beside this one."""
    db = Database.open(f"sqlite:///{server.home / 'whetstone.db'}")
    if not projects.list_projects(db):
        Bench.make(server, db, visitor, "Another", ["Nobody was there."])
    name = f"Letters {len(projects.list_projects(db))}"
    desk = Bench.make(server, db, visitor, name, [ADA])
    settings.put(db, "last_project", desk.project)
    yield desk
    db.close()


def tagger(desk: Bench) -> Tagger:
    return Tagger(desk.visitor.open(f"{desk.server.url}/tag?project={desk.project}")).wait()


def popover(page: Page) -> Locator:
    return page.get_by_test_id("stPopoverBody")


def open_queues(page: Page) -> None:
    page.locator(".st-key-queue-picker button").click()
    expect(popover(page)).to_be_visible()


def choose_queue(page: Page) -> None:
    open_queues(page)
    popover(page).get_by_text("All documents").click()
    expect(popover(page)).to_be_hidden()


def leave_queues(page: Page) -> None:
    open_queues(page)
    page.keyboard.press("Escape")
    expect(popover(page)).to_be_hidden()


def choose_project(page: Page) -> None:
    page.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", selected=True).click()
    expect(page.get_by_role("listbox")).to_be_hidden()


def leave_projects(page: Page) -> None:
    page.get_by_role("combobox", name="Project").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()


def leave_dialog(page: Page) -> None:
    page.get_by_role("button", name="New project").click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog", name="New project")).to_be_hidden()


def leave_menu(page: Page) -> None:
    page.get_by_role("button", name="Main menu").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_be_hidden()


def hide_sidebar(page: Page) -> None:
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.get_by_test_id("stExpandSidebarButton").click()


CLICKS: dict[str, Callable[[Page], None]] = {
    "a queue": choose_queue,
    "the queues, left": leave_queues,
    "a project": choose_project,
    "the projects, left": leave_projects,
    "a page link": lambda page: page.get_by_role("link", name="Tag", exact=True).click(),
    "a dialog, left": leave_dialog,
    "the menu, left": leave_menu,
    "the sidebar's own button": hide_sidebar,
    "blank space": lambda page: page.mouse.click(1270, 400),
    "the sidebar": lambda page: page.mouse.click(150, 770),
    "a button of the desk": lambda page: page.get_by_role("button", name="Flag (F)").click(),
    "a chip": lambda page: page.locator(".chip").first.dblclick(),
    "a badge": lambda page: page.locator(".status").click(),
    "the text": lambda page: page.locator(".pane").click(),
}


# What Streamlit draws by a part of its own, and what stands for the rest of its kind.
QUICK = ("a queue", "a project", "a dialog, left", "the text")
OTHERS = tuple(each for each in CLICKS if each not in QUICK)


@pytest.mark.parametrize(
    "clicks", [QUICK, pytest.param(OTHERS, marks=pytest.mark.long)], ids=["quick", "others"]
)
def test_every_key_is_the_desks_after_every_kind_of_click(desk: Bench, clicks: tuple) -> None:
    page = tagger(desk).page
    for clicked in clicks:
        CLICKS[clicked](page)
        page.evaluate(WATCH)
        for key in KEYS:
            page.evaluate("window.back()")
            page.keyboard.press(key)
            page.keyboard.press("Escape")
        missed = page.evaluate("new Promise((done) => setTimeout(() => done(window.missed)))")
        assert missed == [], clicked
        expect(page.locator(".pane")).to_be_focused()
        expect(popover(page)).to_be_hidden()
        expect(page.get_by_role("listbox")).to_be_hidden()


@pytest.mark.long
def test_enter_says_done_after_a_queue_and_after_a_project_were_chosen(desk: Bench) -> None:
    Bench.make(desk.server, desk.db, desk.visitor, f"{desk.project} next", ["One.", "Two."])
    at = tagger(desk)
    choose_queue(at.page)
    at.press("j", "1", "Enter")
    expect(at.page.locator(".status")).to_have_text("Done")
    at.page.get_by_role("combobox", name="Project").click()
    at.page.get_by_role("option", name=f"{desk.project} next").click()
    expect(at.pane).to_have_text("One.")
    at.press("Enter")
    expect(at.pane).to_have_text("Two.")


def test_what_is_typed_stays_where_it_is_typed(desk: Bench) -> None:
    desk.suggest((0, "London", "LOC", 0.8))
    at = tagger(desk)
    page = at.page
    at.click("London")
    card = page.locator(".card")
    expect(card).to_be_visible()
    page.get_by_role("button", name="New project").click()
    name = page.get_by_role("dialog", name="New project").get_by_role("textbox")
    name.press_sequentially("jkr 1/")
    expect(name).to_have_value("jkr 1/")
    expect(card).to_be_hidden()
    page.keyboard.press("Escape")
    expect(card).to_be_visible()
    box = page.get_by_role("combobox", name="Project")
    box.click()
    box.press_sequentially("another")
    page.keyboard.press("Escape")
    open_queues(page)
    popover(page).get_by_text("Search", exact=True).click()
    field = popover(page).get_by_role("searchbox")
    field.press_sequentially("lovelace")
    expect(field).to_have_value("lovelace")
    at.expect_spans()
    assert desk.stored() == []


@pytest.mark.long
def test_a_key_closes_the_picker_that_still_stands_open(desk: Bench) -> None:
    at = tagger(desk)
    open_queues(at.page)
    popover(at.page).get_by_text("At random").click()
    expect(popover(at.page).get_by_label("Seed")).to_be_visible()
    at.press("j", "1")
    at.expect_spans("Ada, PER")
    expect(popover(at.page)).to_be_hidden()


def test_who_walks_with_the_tab_key_presses_what_it_led_to(desk: Bench) -> None:
    at = tagger(desk)
    at.page.mouse.click(150, 770)
    at.page.locator(".st-key-queue-picker button").evaluate("(button) => button.focus()")
    at.press("Shift+Tab", "Tab", "Enter")
    expect(popover(at.page)).to_be_visible()
    at.expect_spans()
    expect(at.page.locator(".status")).to_have_text("Not started")
