"""Train in a real browser: Start is in sight, a row of the list is a click, a note, a deletion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pytest
from playwright.sync_api import Page

from engine.configuration.settings import Settings
from storage import home
from storage.corpus import documents, projects
from storage.corpus.staging import staged
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import RunState, Span, Split
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import resize, settle
from tests.browser.walking import click_in
from tests.pages.conftest import REPORT
from tests.storage.conftest import sentence

pytestmark = pytest.mark.browser
SPAN = Span(0, 3, "PER")


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def server(
    launch: Launch, tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch
) -> AppServer:
    """A project with all that the page can warn of at once, and one whose runs have ended."""
    folder = tmp_path_factory.mktemp("train") / "home"
    patch.setenv("WHETSTONE_HOME", str(folder))
    db = Database.open()
    ready = projects.create_project(db, "ready").id
    given = [sentence(f"Ada {n}", SPAN) for n in range(30)]
    odd = sentence("Bob Parisian", SPAN, Span(4, 9, "LOC"), split=Split.TEST)
    found = staged([*given, odd, sentence("Ada 1", SPAN)])
    documents.bring_in(db, documents.Target(ready, "ready", "ada"), found)
    projects.add_labels(db, ready, ["GHOST", "GHOUL"])
    for f1 in (0.5, 0.6, 0.7):
        run = runs.create_run(db, ready, {"base": "bundled", **asdict(Settings())})
        home.run_folder(run.folder).mkdir(parents=True)
        runs.claim_next(db)
        report = {**REPORT, "test": scored(f1)}
        reports.store_report(db, run.id, report, {})
        runs.set_state(db, run.id, RunState.DONE, f"F1 {f1:.3f} on test.")
    db.close()
    return launch(ROOT / "app.py", folder)


def scored(f1: float) -> dict:
    scores = REPORT["test"]
    return {**scores, "headline": {**scores["headline"], "value": f1}}


def start(page: Page):
    return page.get_by_role("button", name="Start training")


SIZES = ((1280, 800), (1920, 1080), (390, 844))


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_start_is_in_sight_without_a_scroll(
    server: AppServer, visitor: Visitor, width: int, height: int
) -> None:
    page = visitor.open(f"{server.url}/train", viewport={"width": width, "height": height})
    expect(start(page)).to_be_enabled()
    expect(page.get_by_text("GHOST and GHOUL are left out")).to_be_visible()
    expect(start(page)).to_be_in_viewport(ratio=1.0)


@pytest.mark.long
def test_a_click_on_a_row_shows_that_run_which_can_be_noted_and_deleted(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/train")
    table = page.get_by_test_id("stDataFrame").first
    expect(page.get_by_text("F1 0.700 on test.")).to_be_visible()
    # Below the head, the third row: the first run.
    click_in(table, 100, 35 * 3.5)
    expect(page.get_by_text("F1 0.500 on test.")).to_be_visible()
    # Until then the note of the run before may stand there.
    settle(table)
    note = page.get_by_role("textbox", name="Note")
    note.fill("a first try")
    note.press("Enter")
    expect(table.get_by_text("a first try")).to_be_attached()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete Run 1 for good").click()
    expect(page.get_by_text("F1 0.700 on test.")).to_be_visible()
    expect(table.get_by_text("a first try")).to_have_count(0)


def test_start_is_in_sight_and_the_settings_stay_open_while_one_is_typed_in(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/train")
    expect(page.get_by_text("GHOST and GHOUL are left out")).to_be_visible()
    for width, height in SIZES[::-1]:
        resize(page, width, height)
        expect(start(page)).to_be_enabled()
        expect(start(page)).to_be_in_viewport(ratio=1.0)
    resize(page, *SIZES[0])
    page.get_by_text("Settings of this recipe").click()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("7")
    epochs.press("Tab")
    expect(page.get_by_text("Own settings, changed")).to_be_visible()
    settle(start(page))
    expect(epochs).to_have_value("7")
    page.get_by_role("button", name="Undo the changes").click()
    expect(page.get_by_text("Own settings, changed")).to_have_count(0)
    settle(start(page))
    expect(epochs).to_be_visible()
    expect(epochs).not_to_have_value("7")
