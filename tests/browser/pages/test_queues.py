"""From a search on the Data page to a queue that survives a reload."""

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

pytestmark = pytest.mark.browser


def pick(page: Page, now: str, option: str) -> None:
    """Choose in the filter that shows ``now``; Streamlit knows options by their words."""
    page.get_by_role("combobox").and_(page.get_by_label(now)).click()
    page.get_by_role("option", name=option, exact=True).click()


@pytest.mark.long
def test_a_search_is_narrowed_by_its_counts_and_walked_through(
    app_server: AppServer, visitor: Visitor
) -> None:
    db = Database.open(f"sqlite:///{app_server.home / 'whetstone.db'}")
    project = projects.create_project(db, "Letters").id
    per = (Span(0, 3, "PER"),)
    done = [Document(f"Zoë saw {n}", spans=per, status=Status.DONE) for n in range(3)]
    empty = [Document(f"Nobody saw {n}", status=Status.DONE) for n in range(2)]
    documents.add_documents(db, project, [*done, *empty, Document("ZOË waits")], "ada")
    settings.put(db, "last_project", project)
    db.close()
    page = visitor.open(f"{app_server.url}/data?section=Documents")
    # What is found is said in words that no page of before has said.
    pick(page, "Status", "done and empty (2)")
    expect(page.get_by_text("2 documents: done and empty")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Nobody saw"))).to_have_count(2)
    pick(page, "Status", "any status")
    expect(page.get_by_text("6 documents").first).to_be_visible()
    page.get_by_role("searchbox").fill("zOË")
    expect(page.get_by_text("4 documents: “zOË”")).to_be_visible()
    pick(page, "Status", "done (3)")
    expect(page.get_by_text("3 documents: done, “zOË”")).to_be_visible()
    page.get_by_role("button", name="Use as queue").click()
    expect(page.locator(".place")).to_have_text("1 of 3")
    page.get_by_role("button", name=re.compile("^Next document")).click()
    expect(page.locator(".place")).to_have_text("2 of 3")
    page.reload()
    expect(page.locator(".place")).to_have_text("2 of 3")
    expect(page.get_by_text("Found by the search: done, “zOË”.")).to_be_visible()
