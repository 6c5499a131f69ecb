"""Compare in a real browser: what a run broke, opened in the tagger, and back to the list."""

from dataclasses import replace

import pytest

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Split
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.pages.test_report import sentence
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import Tagger, settle
from tests.browser.walking import Walk, click_in
from tests.engine.inspection.finished import reported

pytestmark = pytest.mark.browser
NAMES = ("LOC", "ORG", "PER")
SENTENCES = 12


@pytest.fixture
def server(
    launch: Launch, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AppServer:
    """A server whose project has two runs; the second one breaks two places and a person."""
    folder = tmp_path_factory.mktemp("compare") / "home"
    folder.mkdir()
    monkeypatch.setenv("WHETSTONE_HOME", str(folder))
    db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
    project = projects.create_project(db, "Letters").id
    documents.add_documents(db, project, [sentence(n) for n in range(SENTENCES)], "ada")
    known = list(annotations.current(db, project, Split.TEST))
    whole = {each.id: list(each.spans) for each in known}
    person, *rest = known[0].spans
    less = {known[0].id: [replace(person, label="ORG"), *rest]}
    less |= {each.id: list(each.spans[:2]) for each in known[3:5]}
    reported(db, project, known, whole, NAMES)
    reported(db, project, known, whole | less, NAMES)
    db.close()
    return launch(ROOT / "app.py", folder)


@pytest.mark.long
def test_from_what_was_broken_to_its_place_in_the_tagger_and_back(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/compare")
    walk = Walk(page)
    rows = page.locator(".entry")
    expect(rows).to_have_count(3)
    table = page.get_by_test_id("stDataFrame").first
    # The first label below all of them: LOC lost two marks.
    click_in(table, 60, 35 + 35 + 17)
    expect(rows).to_have_count(2)
    settle(table)
    walk.click(page.get_by_role("button", name="Open it on the Tag page (O)"))
    tagger = Tagger(page).wait()
    tagger.expect_document("letters:4")
    expect(page.get_by_text("From the comparison of two runs: Broken: LOC.")).to_be_visible()
    walk.press(tagger, "Enter")
    tagger.expect_document("letters:5")
    walk.click(page.get_by_role("link", name="Back to the comparison"))
    expect(rows).to_have_count(2)
    expect(page.get_by_role("radio", name="Broken")).to_be_checked()
