"""From a fresh home to the first report and the first mended sentence, without a scroll."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import Tagger
from tests.browser.walking import Walk, cell

pytestmark = [pytest.mark.browser, pytest.mark.long]
TRAINED = 600_000
REPORT, MENDED = 5, 6


def test_the_first_report_and_the_first_mended_sentence(
    app_server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(app_server.url)
    walk = Walk(page)
    walk.click(page.get_by_role("button", name="Open the sample project"))
    expect(page.get_by_text("Next step", exact=True)).to_be_visible()
    walk.click(page.get_by_role("button", name="Train", exact=True))
    walk.click(page.get_by_role("button", name="Start training"))
    done = page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("Run 1 is done"))
    walk.click(done, TRAINED)
    expect(page.get_by_role("heading", name="Report", level=1)).to_be_visible()
    assert walk.actions <= REPORT
    # The cell of its worst mistake, and in its first sentence what the model says.
    expect(page.locator(".entry").first).to_be_visible()
    named = parse_qs(urlsplit(page.url).query)
    walk.click(cell(page, named["gold"][0], named["predicted"][0]))
    walk.click(page.get_by_role("button", name="Accept the prediction (A)"))
    expect(page.locator(".outcome", has_text="accepted")).to_have_count(1)
    Tagger(page).expect_saved()
    assert walk.actions <= MENDED
