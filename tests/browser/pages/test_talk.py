"""Two people: a question with a mention, counted on Home, opened at its place, resolved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from storage.accounts import accounts
from storage.collaboration import thread_lists
from storage.collaboration.thread_lists import State
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.permissions import Role
from storage.types import Document, Span, Status
from tests.browser.conftest import FIRST_PAGE, Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.signed_in import enter
from tests.browser.tagging import Tagger

pytestmark = pytest.mark.browser
TEXT = "Ada met Bob in London."


@pytest.fixture
def project(db: Database) -> int:
    accounts.add(db, "Ada", Role.ADMIN)
    accounts.add(db, "Bob Berg", Role.ANNOTATOR)
    project = projects.create_project(db, "news").id
    done = Document(TEXT, spans=(Span(8, 11, "PER"),), status=Status.DONE, name="news:1")
    documents.add_documents(db, project, [done], "Ada")
    return project


@pytest.mark.long
def test_a_mention_leads_to_its_place_and_is_resolved_there(
    app_server: AppServer, visitor: Visitor, db: Database, project: int
) -> None:
    document = documents.list_ids(db, project)[0]
    ada = enter(visitor, app_server, db, "Ada", f"tag?document={document}")
    expect(ada.locator(".tagger .name")).to_have_text("news:1", timeout=FIRST_PAGE)
    tagger = Tagger(ada).wait()
    place = tagger.place("Ada")
    tagger.click("Bob")
    held: list[Route] = []
    ada.route("**/talk", lambda route: held.append(route))
    tagger.press("t")
    talk = ada.get_by_role("complementary", name="Talk")
    expect(talk).to_contain_text("About “Bob” PER")
    ada.keyboard.type("Is he a person, @bo")
    # Who types faster than the names come goes on, and has the name all the same.
    ada.keyboard.press("Tab")
    ada.keyboard.type("or 1 <b>dog</b>?")
    ada.keyboard.press("Enter")
    for _ in range(2_000):
        # On a busy machine the browser tells late that it asks.
        if held:
            break
        ada.wait_for_timeout(20)
    held[0].continue_()
    ada.unroute("**/talk")
    # The digits and letters went nowhere else, and the text stands where it did.
    expect(talk.locator(".remark p")).to_have_text("Is he a person, @Bob Berg or 1 <b>dog</b>?")
    assert tagger.place("Ada") == place
    tagger.expect_spans("Bob, PER")
    ada.keyboard.press("Escape")
    expect(talk).to_be_hidden()

    bob = enter(visitor, app_server, db, "Bob Berg", "")
    expect(bob.get_by_text("1 mention, 1 open question")).to_be_visible(timeout=FIRST_PAGE)
    bob.get_by_role("link", name="Ada on “Bob”").click()
    talk = bob.get_by_role("complementary", name="Talk")
    expect(talk).to_contain_text("Is he a person")
    expect(bob.locator(".pane .span.first")).to_have_attribute("aria-label", "Bob, PER")
    # The text has the keyboard until the field is asked for.
    Tagger(bob).wait().press("t")
    bob.keyboard.type("@a")
    expect(talk.get_by_role("button", name="Ada", exact=True)).to_be_visible()
    # Enter takes the name that is offered; the next one sends.
    bob.keyboard.press("Enter")
    bob.keyboard.type("a person.")
    said: list[Route] = []
    bob.route("**/talk-say", lambda route: said.append(route))
    bob.keyboard.press("Enter")
    # What is typed while it is sent is there for the next, in the same thread.
    bob.keyboard.type("Not a dog.")
    (answered,) = said
    answered.continue_()
    bob.unroute("**/talk-say")
    expect(talk.locator(".remark p").nth(1)).to_have_text("@Ada a person.")
    expect(talk.locator(".remark p").nth(1)).to_be_in_viewport()
    expect(talk.get_by_role("textbox")).to_have_value("Not a dog.")
    bob.keyboard.press("Enter")
    expect(talk.locator(".remark p").nth(2)).to_have_text("Not a dog.")
    expect(talk.locator(".thread")).to_have_count(1)
    talk.get_by_role("button", name="Resolve").click()
    expect(talk).to_contain_text("Resolved by Bob Berg")
    (done,) = thread_lists.listed(db, project, State.RESOLVED)
    assert [each.author for each in done.comments] == ["Ada", "Bob Berg", "Bob Berg"]
    bob.get_by_test_id("stSidebarNav").get_by_role("link", name="Home").click()
    expect(bob.get_by_role("heading", name="Home", level=1)).to_be_visible()
    expect(bob.get_by_text("open question")).to_have_count(0)
