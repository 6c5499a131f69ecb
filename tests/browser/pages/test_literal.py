"""Names, labels and texts are shown as they are: not as Markdown, not as signs, icons or links."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.naughty import FORMULAS, NAUGHTY
from tests.browser.server import AppServer
from tests.browser.tagging import settle

pytestmark = pytest.mark.browser

PARTS = [
    *("markdown", "caption", "title", "subheader", "error", "info", "button", "popover", "link"),
    *("download", "checkbox", "select", "input", "radio", "segments", "pills", "expander"),
    *("metric", "tab", "status", "inside"),
]
READ = """(parts) => parts.map((key) => {
    const part = document.querySelector(`.st-key-${key}`);
    const all = part.querySelectorAll('h1,h3,[data-testid=stMarkdownContainer],'
        + '[data-testid=stCaptionContainer]');
    // Of a choice the first is its label, the last its only option.
    const found = all[/^(radio|segments|pills)/.test(key) ? all.length - 1 : 0];
    return [found?.innerText, found?.querySelectorAll(
        'a,img,em,strong,code,s,del,sup,script,input,[role=img],[style*=color]').length];
})"""
COPY = """(key) => {
    getSelection().selectAllChildren(document.querySelector(`.st-key-${key} p`));
    return getSelection().toString();
}"""


@pytest.fixture(scope="module")
def server(launch, tmp_path_factory) -> AppServer:
    script = Path(__file__).parents[1] / "apps" / "literal_page.py"
    return launch(script, tmp_path_factory.mktemp("literal") / "home")


def test_a_text_is_shown_as_it_is_and_a_tables_own_download_holds_no_formula(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(server.url)
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible(timeout=60_000)
    # Each kind of part is fetched by itself: the last one may be there before another.
    settle(table)
    check_parts(page)
    check_download(page)


def check_parts(page: Page) -> None:
    """Look at each text in everything that takes Markdown."""
    wrong = []
    for n, text in enumerate(NAUGHTY):
        for name, (shown, made) in zip(
            PARTS, page.evaluate(READ, [f"{name}-{n}" for name in PARTS]), strict=True
        ):
            wanted = f"Files go into {text} now." if name == "inside" else text
            if (shown, made) != (wanted, 0):
                wrong.append((name, text, shown, made))
        assert page.evaluate(COPY, f"markdown-{n}") == text
    assert wrong == []


def check_download(page: Page) -> None:
    # Without this the browser asks where to save the file, in a window of its own.
    page.evaluate("() => { delete window.showSaveFilePicker; }")
    page.get_by_test_id("stDataFrame").hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Text"] for row in rows] == [*(f"'{text}" for text in FORMULAS), "-0.5", "plain"]
    assert {row["Share"] for row in rows} == {"0.25"}
    assert "'=Title" in rows[0]
