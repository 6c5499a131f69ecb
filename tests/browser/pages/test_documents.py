"""The list of documents: coloured rows, each a link as a whole."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.types import Document, Span, Status
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import resize, settle

pytestmark = pytest.mark.browser

LONG = "Nothing happens here, and goes on to happen. " * 12
HOSTILE = "<img src=x onerror=alert(1)> -> :material/home: **b**\nsecond line"


@pytest.fixture
def page(app_server: AppServer, visitor: Visitor) -> Page:
    db = Database.open(f"sqlite:///{app_server.home / 'whetstone.db'}")
    project = projects.create_project(db, "Letters").id
    per = (Span(0, 3, "PER"), Span(8, 12, "LOC"))
    found = [
        Document("Zoë saw Oslo.", spans=per, status=Status.DONE, name="a"),
        Document(f"{LONG}Zoë left.", status=Status.DONE),
        Document(HOSTILE),
    ]
    documents.add_documents(db, project, found, "ada")
    settings.put(db, "last_project", project)
    db.close()
    return visitor.open(f"{app_server.url}/data?section=Documents")


def test_rows_are_whole_links_that_show_their_spans_and_what_is_searched(page: Page) -> None:
    check_links(page)
    check_search(page)
    row = page.locator('[class*="st-key-document-"]', has_text="Zoë saw")
    expect(row.locator(".ws-span")).to_have_text(["ZoëPER", "OsloLOC"])
    settle(row)
    box = row.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 5, box["y"] + box["height"] / 2)
    expect(page.locator(".tagger .name")).not_to_be_empty()
    expect(page.locator(".pane .text")).to_contain_text("Zoë")


def check_search(page: Page) -> None:
    """What is searched is shown, and marked in a span too."""
    page.get_by_role("searchbox").fill("zoë")
    marks = page.locator(".ws-document mark")
    expect(marks).to_have_text(["Zoë", "Zoë"])
    for place in range(2):
        expect(marks.nth(place)).to_be_in_viewport(ratio=1.0)
    expect(page.locator(".ws-span mark")).to_have_count(1)


def check_links(page: Page) -> None:
    """Rows are links that are called by their text, and nothing in them is markup."""
    names = ("^Zoë saw Oslo", "^Nothing happens", r"^<img src=x onerror=alert\(1\)> -> :material")
    for name in names:
        expect(page.get_by_role("link", name=re.compile(name))).to_have_count(1)
    expect(page.locator(".ws-document img")).to_have_count(0)
    resize(page, 390, 844)
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 390
    resize(page, 1280, 800)
