"""The notebook in a real browser: the server wrote its rounds; a lesson outlives a hasty leave."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.pages.test_compare import server
from tests.browser.server import AppServer
from tests.browser.tagging import resize

__all__ = ["server"]
pytestmark = pytest.mark.browser
LESSON = "ORG was given to persons: the guideline now says who is one."


def test_a_lesson_is_kept_by_who_goes_on_to_another_page(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/notebook")
    # The server writes its rounds in the background; until then the page says to look again.
    expect(page.get_by_text("No round is open")).to_be_visible()
    while page.get_by_text("look again in a moment").count():
        page.reload()
        expect(page.get_by_text("No round is open")).to_be_visible()
    resize(page, 390, 844)
    expect(page.get_by_text("Better than Run 1")).to_be_visible()
    expect(page.get_by_text("F1 1.000 → 0.943").first).to_be_visible()
    page.get_by_role("textbox").first.fill(LESSON)
    # The field is left by the very click that leaves the page.
    page.get_by_role("link", name="Report of Run 2").click()
    expect(page.get_by_role("heading", name="Report")).to_be_visible()
    page.goto(f"{server.url}/notebook")
    expect(page.get_by_role("textbox").first).to_have_value(LESSON)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("each => each.scrollWidth") == 390
