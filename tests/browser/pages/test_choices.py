"""A choice that the address keeps: it can be linked to, reloaded, gone back to and left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.walking import go

pytestmark = pytest.mark.browser
CLICK_AS_WELL = """(button) => {
  document.addEventListener("click", () => button.click(), { once: true });
}"""


def chosen(page: Page, name: str) -> None:
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()


def test_it_is_linked_to_changed_reloaded_gone_back_to_and_left(
    page: Page, app_server: AppServer
) -> None:
    page.goto(f"{app_server.url}/data?section=Labels")
    chosen(page, "Labels")
    page.get_by_role("radio", name="Export", exact=True).click()
    expect(page).to_have_url(re.compile("section=Export"))
    page.reload()
    chosen(page, "Export")
    page.get_by_role("radio", name="Import", exact=True).click()
    expect(page).not_to_have_url(re.compile("section="))
    go(page, "Guideline")
    page.goto(f"{app_server.url}/data?section=Documents")
    chosen(page, "Documents")
    # A button leads to another page whatever is chosen.
    page.get_by_role("button", name="Use as queue").click()
    expect(page.locator(".tagger .name")).not_to_be_empty()

    # What the tagger asks for right after a click on the menu takes the click back; it is given
    # again by itself.
    page.get_by_role("button", name="Next document").evaluate(CLICK_AS_WELL)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Data").click()
    page.wait_for_url(re.compile("document=2"))
    expect(page).to_have_url(re.compile("/data"))
    expect(page.get_by_role("heading", name="Data", level=1)).to_be_visible()
