"""Agreement in a real browser: what two people said is read there, and decided elsewhere."""

import re

import pytest

from storage.collaboration import people as collaboration
from storage.database import settings
from storage.database.connection import Database
from tests.browser.conftest import FIRST_PAGE, Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.engine.inspection.agreement import people

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_what_two_people_said_is_not_edited_on_the_way_but_opens_where_it_is_decided(
    app_server: AppServer, visitor: Visitor, db: Database
) -> None:
    """Accept wrote a version of the reader's own, which was one vote more."""
    made = people.project(db, wrong=(0.2, 0.4), number=12)
    settings.put(db, "last_project", made.id)
    page = visitor.open(f"{app_server.url}/agreement")
    rows = page.locator(".entry")
    expect(rows.first).to_be_visible(timeout=FIRST_PAGE)
    expect(page.locator(".legend .sample").first).to_have_text("person 0")
    expect(page.get_by_role("button", name=re.compile("^Accept"))).to_have_count(0)
    expect(page.locator(".entry .outcome").first).to_be_empty()
    before = collaboration.annotators(db, made.id)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator(".hint")).to_contain_text("Decisions are made on Adjudicate: O opens it")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Adjudicate", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/adjudicate\?.*document=\d+"))
    expect(page.locator(".entry.place.current:visible")).to_be_visible()
    assert collaboration.annotators(db, made.id) == before
