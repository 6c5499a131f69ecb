"""A walk through the pages as a person makes it: counted, and only by what is in sight."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.browser.expecting import expect
from tests.browser.tagging import QUIET, Tagger, settle


def go(page: Page, name: str) -> None:
    """Open a page by the menu."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()


# Resolves when Streamlit has begun to run the page for the address.
TURN = """(address) => new Promise((begun) => {
    const app = document.querySelector("[data-testid=stApp]");
    const seen = new MutationObserver(() => {
        if (app.dataset.testScriptState !== "running") return;
        seen.disconnect();
        begun();
    });
    seen.observe(app, { attributeFilter: ["data-test-script-state"] });
    history.pushState({}, "", address);
    dispatchEvent(new PopStateEvent("popstate", { state: {} })); })"""


def turn(page: Page, path: str) -> None:
    """Go to another address within the application, as the browser's own arrows do."""
    page.evaluate(TURN, f"/{path}")


def cell(page: Page, gold: str, predicted: str) -> Locator:
    """Return a cell of the report's confusion table."""
    name = f"Predicted: {predicted}; Gold: {gold}; "
    return page.locator(f".confusion [aria-label^='{name}']")


def click_in(table: Locator, x: float, y: float) -> None:
    """Click at a place of a table, a canvas that is drawn after the page around it."""
    expect(table.locator("canvas").first).to_be_visible()
    settle(table)
    table.click(position={"x": x, "y": y})


class Walk:
    """Clicks what is in sight, and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, target: Locator, timeout: float = 30_000) -> None:
        expect(target).to_be_visible(timeout=timeout)
        expect(target).to_be_in_viewport(ratio=1.0)
        # A click on what is just drawn anew would be lost; a person would click again.
        expect(self.page.locator(QUIET)).to_be_visible(timeout=timeout)
        target.click(force=True)
        self.actions += 1

    def press(self, tagger: Tagger, key: str) -> None:
        tagger.press(key)
        self.actions += 1
