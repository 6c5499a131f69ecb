"""The report in a real browser: a cell, its sentences beside it, the tagger, and back."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from storage.cells import MISSED
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import runs
from storage.types import Document, RunState, Span, Split, Status
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import Tagger, resize, settle
from tests.browser.walking import Walk, cell, click_in
from tests.pages import reported

pytestmark = pytest.mark.browser
SENTENCE = "Ada met Bob in Rome ."
SENTENCES = 24


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """A server whose project has a finished run with a report."""
    folder = tmp_path_factory.mktemp("report") / "home"
    folder.mkdir()
    db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
    project = projects.create_project(db, "Letters").id
    projects.add_labels(db, project, ["PER", "ORG", "LOC"])
    documents.add_documents(db, project, [sentence(n) for n in range(SENTENCES)], "ada")
    run = runs.create_run(db, project, {"base": "bundled", "recipe": "quick"}).id
    runs.claim_next(db)
    runs.mark_frozen(db, run)
    runs.set_state(db, run, RunState.DONE)
    reported.store(db, project, run)
    db.close()
    return launch(ROOT / "app.py", folder)


def sentence(number: int) -> Document:
    words = [(0, 3), (4, 7), (8, 11), (12, 14), (15, 19), (20, 21)]
    spans = (Span(0, 3, "PER"), Span(8, 11, "PER"), Span(15, 19, "LOC"))
    known: dict[str, Any] = {
        "split": Split.TEST,
        "status": Status.DONE,
        "name": f"letters:{number + 1}",
    }
    return Document(SENTENCE, tuple(words), spans, **known)


@pytest.fixture
def db(server: AppServer) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{server.home / 'whetstone.db'}")
    yield database
    database.close()


def sentences(page: Page) -> Locator:
    return page.locator(".entry")


def opened(page: Page, title: str, rows: int) -> None:
    """Wait until a part is open, with as many rows as it says, and the first in sight."""
    expect(page.get_by_role("heading", name=f"{title}: {rows} span")).to_be_visible()
    expect(sentences(page)).to_have_count(rows)
    expect(sentences(page).first).to_be_in_viewport(ratio=1.0)


def test_from_home_by_a_cell_to_a_mended_sentence_and_back_to_the_very_cell(
    server: AppServer, visitor: Visitor, db: Database
) -> None:
    page = visitor.open(server.url)
    walk = Walk(page)
    walk.click(page.get_by_role("button", name="Open these sentences"))
    opened(page, "PER → ORG", 4)
    walk.click(cell(page, "LOC", MISSED))
    opened(page, "LOC → (missed)", 1)
    # Its mark is not cut off either.
    expect(cell(page, "LOC", MISSED)).to_be_in_viewport(ratio=1.0)
    walk.click(cell(page, "PER", "ORG"))
    opened(page, "PER → ORG", 4)
    walk.click(page.get_by_role("button", name="Open it on the Tag page (O)"))
    tagger = Tagger(page).wait()
    walk.press(tagger, "2")
    tagger.expect_saved()
    assert walk.actions <= 7
    (first, *_) = documents.list_ids(db, 1)
    assert Span(0, 3, "ORG") in annotations.of_documents(db, [first])[0].spans

    walk.click(page.get_by_role("link", name="Back to the report: 2 of 4 looked at"))
    opened(page, "PER → ORG", 4)
    expect(page.locator(".counts")).to_have_text("2 of 4 looked at · mended since this run: 1")
    expect(page.locator(".outcome", has_text="accepted")).to_have_count(1)


@pytest.mark.long
def test_a_click_in_a_row_of_a_table_opens_its_sentences(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/report?view=Mistakes")
    opened(page, "PER → ORG", 4)
    table = page.get_by_test_id("stDataFrame").first
    # Below its head, the second row.
    click_in(table, 60, 35 + 52)
    opened(page, "LOC → (missed)", 1)
    settle(table)
    page.get_by_role("button", name="Open these 4").click()
    opened(page, "Errors of PER", 4)
    click_in(table, 60, 35 + 52)
    opened(page, "LOC → (missed)", 1)


# The widest first.
VIEWS = ("Confusion", "Mistakes", "Labels", "Tokens", "Kinds", "Slices", "Calibration")


@pytest.mark.parametrize(
    "views", [VIEWS[:2], pytest.param(VIEWS, marks=pytest.mark.long)], ids=["two", "all"]
)
def test_nothing_is_cut_off_on_a_narrow_screen(
    server: AppServer, visitor: Visitor, views: tuple[str, ...]
) -> None:
    page = visitor.open(f"{server.url}/report")
    resize(page, 390, 844)
    for view in views:
        page.get_by_role("radio", name=view, exact=True).click()
        expect(page).to_have_url(re.compile(f"view={view}" if view != "Confusion" else "report"))
        if view == "Slices":
            # This run has none, and what was open in the view before goes.
            expect(page.get_by_text("Click a slice to read")).to_be_attached()
        else:
            expect(sentences(page).first).to_be_attached()
        settle(page.get_by_test_id("stMainBlockContainer"))
        beyond = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid="stMain"] *')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1
                    && !e.closest('[data-testid="stDataFrame"]'))
                .map(e => e.outerHTML.slice(0, 80))"""
        )
        assert beyond == [], view


def test_a_cell_is_walked_by_keys_and_each_decision_is_one(
    server: AppServer, visitor: Visitor, db: Database
) -> None:
    page = visitor.open(f"{server.url}/report?gold=PER&predicted=ORG")
    opened(page, "PER → ORG", 4)
    third, fourth = sentences(page).nth(2), sentences(page).nth(3)
    third.click()
    expect(third).to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(third.locator(".outcome")).to_have_text("accepted")
    expect(fourth).to_have_attribute("aria-current", "true")
    page.keyboard.press("z")
    expect(third.locator(".outcome")).to_be_empty()
    expect(third).to_have_attribute("aria-current", "true")
    page.keyboard.press("j")
    # Wherever one has clicked, the keys are for the row.
    page.get_by_role("heading", name="Report", level=1).click()
    page.keyboard.press("k")
    expect(fourth.locator(".outcome")).to_have_text("kept")
    fourth.click()
    page.keyboard.press("e")
    tagger = Tagger(page).wait()
    expect(fourth.locator(".pane")).to_be_focused()
    tagger.press("3", "Escape")
    expect(fourth.locator(".outcome")).to_have_text("mended since")
    expect(page.locator(".pane")).to_have_count(0)
    tagger.expect_delivered()
    second = documents.list_ids(db, 1)[1]
    now = annotations.of_documents(db, [second])[0].spans
    assert now == (Span(0, 3, "PER"), Span(8, 11, "LOC"), Span(15, 19, "LOC"))
    page.reload()
    expect(fourth.locator(".outcome")).to_have_text("mended since")
    expect(third.locator(".outcome")).to_be_empty()
