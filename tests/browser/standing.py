"""A page that stands from test to test: to load one costs more than most tests of the tagger do.

Each test comes to it as somebody who follows a link within the application: Streamlit runs the
page for another address. Before that it has run for one without a tagger, so that a test finds a
tagger that has just been made, with nothing of the last one's.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from playwright.sync_api import TimeoutError as Late

from tests.browser.expecting import expect

VIEWPORT: ViewportSize = {"width": 1280, "height": 800}
GO = """(address) => {
    document.querySelector("[data-testid=stMain]").scrollTo(0, 0);
    history.pushState({}, "", address);
    dispatchEvent(new PopStateEvent("popstate", { state: {} })); }"""
DELIVERED = """() => !Object.keys(localStorage).some((key) => key.startsWith("whetstone:op:"))"""
# What is on its way when a test ends arrives within this, in milliseconds.
UNDER_WAY = 2_000


class Standing:
    """The page, in a browser of its own; ``taken`` while a test has it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._context: BrowserContext | None = None
        self.page: Page | None = None
        self.taken = False

    @property
    def context(self) -> BrowserContext:
        self._context = self._context or self._browser.new_context(viewport=VIEWPORT)
        return self._context

    def stands_on(self, url: str) -> bool:
        """Whether an address is of the server whose page stands, or of the first one asked for."""
        return not self.page or urlsplit(self.page.url).netloc == urlsplit(url).netloc

    def go(self, url: str, viewport: ViewportSize = VIEWPORT) -> Page:
        """Have the page run for another address, in a window of a size."""
        assert self.page
        if self.page.viewport_size != viewport:
            self.page.set_viewport_size(viewport)
        # What lies behind another page is drawn once a second.
        self.page.bring_to_front()
        parts = urlsplit(url)
        self.page.evaluate(GO, f"{parts.path or '/'}?{parts.query}")
        return self.page

    def leave(self, passed: bool) -> None:
        """Empty the page for the next test, or end it where a test did to it what would last."""
        self.taken = False
        if not self.page or not passed or not self._is_whole(self.page):
            return self.close()
        self.page.unroute_all()
        self.page.mouse.move(0, 0)
        self.go("/")
        expect(self.page.locator(".tagger")).to_have_count(0)
        self.page.evaluate("localStorage.clear()")

    def _is_whole(self, page: Page) -> bool:
        if page.is_closed():
            return False
        try:
            page.wait_for_function(DELIVERED, timeout=UNDER_WAY)
        except Late:
            return False
        return True

    def close(self) -> None:
        """End the page and its browser with all that it kept."""
        if self._context:
            self._context.close()
        self._context = self.page = None
