"""Match in a real browser: a real tiny model answers a text, keys and a click decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.corpus import projects, second_texts
from storage.database.connection import Database
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.engine import catalogued, tiny

pytestmark = pytest.mark.browser
FIRST = 90_000
QUERY = "Who <b>met</b> nobody in Ulm ?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose project on pairs has a catalogue that a tiny model has read."""
    folder = tmp_path_factory.mktemp("match") / "home"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(folder))
        db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
        project = projects.create_project(db, "Help", "pairs")
        projects.add_labels(db, project.id, list(catalogued.LABELS))
        catalogued.shelve(db, project.id, tiny.save_base(tmp_path_factory.mktemp("bert")))
        db.close()
    return folder


@pytest.fixture(scope="module")
def server(launch: Launch, home: Path) -> AppServer:
    return launch(ROOT / "app.py", home)


def test_a_text_is_answered_and_the_answers_become_pairs(
    server: AppServer, home: Path, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/match")
    page.locator("textarea").fill(QUERY)
    page.get_by_role("button", name="Find answers").click()
    answers, outcomes = page.locator(".answer"), page.locator(".answer .outcome")
    expect(answers).to_have_count(10, timeout=FIRST)
    expect(answers.first).to_have_attribute("aria-current", "true")
    expect(page.locator(".hopeless")).to_be_hidden()
    # Whatever was clicked, a key is the answer's: the button had the focus.
    page.keyboard.press("a")
    expect(outcomes.nth(0)).to_have_text("match")
    page.keyboard.press("x")
    expect(outcomes.nth(1)).to_have_text("no match")
    answers.nth(4).get_by_role("button", name="Accept").click()
    expect(outcomes.nth(4)).to_have_text("match")
    expect(answers.nth(5)).to_have_attribute("aria-current", "true")
    expect(page.locator(".counts")).to_have_text("3 of 10 answers judged")
    page.keyboard.press("z")
    expect(outcomes.nth(4)).to_have_text("")
    expect(page.locator(".hint")).to_have_text("Undone.")
    texts = [answers.nth(n).locator(".item").inner_text() for n in range(2)]
    db = Database.open(f"sqlite:///{home / 'whetstone.db'}")
    found = second_texts.known(db, 1, QUERY, texts)
    db.close()
    assert [(found[text].label, found[text].done) for text in texts] == [
        ("match", True),
        ("no match", True),
    ]
