"""Projects made and deleted as a person does it: a name is typed and the button clicked at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer

pytestmark = pytest.mark.browser


def test_a_typed_name_and_one_click_or_one_key_make_and_delete_a_project(
    app_server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{app_server.url}/settings")
    sidebar, dialog = page.get_by_test_id("stSidebar"), page.get_by_role("dialog")
    chosen = sidebar.get_by_role("combobox")
    _name_new(page, " ")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("name")
    dialog.get_by_label("Name").fill("Press releases")
    dialog.get_by_role("button", name="Create").click()
    expect(chosen).to_have_value("Press releases")
    _name_new(page, "Letters")
    dialog.get_by_label("Name").press("Enter")
    expect(chosen).to_have_value("Letters")
    page.get_by_role("button", name="Delete").first.click()
    typed = dialog.get_by_label("Type the project's name to confirm")
    typed.fill("Letter")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("Nothing was deleted")
    typed.fill("Letters")
    dialog.get_by_role("button", name="Delete").click()
    expect(chosen).to_have_value("Press releases")


def _name_new(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("button", name="New project").click()
    page.get_by_role("dialog").get_by_label("Name").fill(name)
