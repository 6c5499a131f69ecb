"""From a fresh home to the first report and the first mended sentence, without a scroll."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.server import AppServer
from tests.browser.tagging import Tagger

pytestmark = [pytest.mark.browser, pytest.mark.long]
TRAINED = 600_000
REPORT, MENDED = 5, 7


class Walk:
    """Clicks what is in sight, and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, target: Locator, timeout: float = 30_000) -> None:
        expect(target).to_be_visible(timeout=timeout)
        expect(target).to_be_in_viewport(ratio=1.0)
        target.click(force=True)
        self.actions += 1


def test_the_first_report_and_the_first_mended_sentence(
    app_server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(app_server.url)
    walk = Walk(page)
    walk.click(page.get_by_role("button", name="Open the sample project"))
    expect(page.get_by_text("Next step", exact=True)).to_be_visible(timeout=30_000)
    walk.click(page.get_by_role("button", name="Train", exact=True))
    walk.click(page.get_by_role("button", name="Start training"))
    done = page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("Run 1 is done"))
    walk.click(done, TRAINED)
    expect(page.get_by_role("heading", name="Report", level=1)).to_be_visible()
    assert walk.actions <= REPORT
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    walk.click(page.get_by_role("button", name=re.compile("^Mend ")))
    walk.actions += 1
    tagger = Tagger(page).wait()
    # Another label than the one that the tagger has selected there.
    tagger.press("1" if "PER" not in page.url else "2")
    walk.actions += 1
    tagger.expect_saved()
    assert walk.actions <= MENDED
