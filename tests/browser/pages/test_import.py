"""Bringing data in: pasted from the first page, and as a file whose columns are numbered."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import Tagger, settle

pytestmark = pytest.mark.browser

TEXT = "Mara Lindqvist opened a harbour in Gothenburg.\nAcme paid for it.\n"
NUMBERED = b"1\tAda\tB-PER\tO\n2\tsleeps\tO\tO\n\n1\tOslo\tB-ORG\tB-LOC\n2\twins\tO\tO\n"


def test_some_text_is_pasted_on_the_first_page_and_tagged_at_once(
    app_server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(app_server.url)
    page.get_by_role("button", name="Paste some text").click()
    page.get_by_role("textbox", name="Text", exact=True).fill(TEXT)
    page.get_by_role("textbox", name="What do you look for?").fill("PER, LOC")
    page.keyboard.press("Tab")
    settle(page.get_by_role("button", name="Import 2 documents"))
    page.get_by_role("button", name="Import 2 documents").click()
    expect(page.get_by_role("heading", name="Tag", level=1)).to_be_attached()
    Tagger(page).wait()
    expect(page.get_by_text("Mara Lindqvist").first).to_be_visible()


@pytest.mark.long
def test_a_file_shows_its_columns_and_documents_without_a_scroll(
    app_server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{app_server.url}/data")
    page.get_by_label("Files", exact=True).set_input_files(
        {"name": "numbered.tsv", "mimeType": "text/plain", "buffer": NUMBERED}
    )
    button = page.get_by_role("button", name="Import 2 documents")
    expect(button).to_be_in_viewport(ratio=1.0)
    for words in (re.compile("The words are column 2, the tags column 3"), "sleeps", "Oslo"):
        expect(page.get_by_text(words).first).to_be_in_viewport(ratio=1.0)
    button.click()
    expect(page.get_by_text("2 documents imported.")).to_be_visible()
