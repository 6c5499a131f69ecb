"""Suspects in a real browser: ten are mended by a key each, a model learns again, what changed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.runs import runs, suspects
from storage.types import Document, RunKind, RunState, Span, Split
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.engine import tiny
from tests.engine.inspection.finished import reported

# A model really learns.
pytestmark = [pytest.mark.browser, pytest.mark.long]
TEN = 10
TRAINED = 240_000
QUICK: dict[str, Any] = {"epochs": 2, "threads": 1, "device": "cpu", "learning_rate": 3e-3}


class Said(NamedTuple):
    document: int
    given: Span | None
    suggested: Span | None
    score: float
    reason: str = "you said so"


@pytest.fixture
def server(
    launch: Launch, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AppServer:
    """A server whose project has ten places for persons, a model, and a check that knows them."""
    folder = tmp_path_factory.mktemp("suspects") / "home"
    folder.mkdir()
    monkeypatch.setenv("WHETSTONE_HOME", str(folder))
    base = tiny.save_base(folder / "base")
    with closing(Database.open(f"sqlite:///{folder / 'whetstone.db'}")) as db:
        _fill(db, str(base))
    return launch(ROOT / "app.py", folder)


def _fill(db: Database, base: str) -> None:
    project = projects.create_project(db, "People").id
    texts = [tiny.corpus(1, seed=n)[0] for n in range(200)]
    train = [each for each in {d.text: d for d in texts}.values() if each.spans][: 2 * TEN]
    wrong = [_spoilt(each) for each in train[:TEN]]
    rest = [replace(each, id=None) for each in train[TEN:]]
    tested = [replace(d, id=None) for d in tiny.corpus(8, seed=7, split=Split.TEST)]
    documents.add_documents(db, project, [*wrong, *rest, *tested], "ada")
    known = list(journal.current(db, project))
    found = {each.id or 0: each.spans for each in known}
    reported(db, project, known, found, base=base, **QUICK)
    check = runs.create_run(db, project, {"folds": 2, "rounds": 5}, RunKind.CROSS_VALIDATION)
    runs.claim(db, check.id)
    runs.mark_frozen(db, check.id)
    suspects.store(db, check.id, map(_suspected, known[:TEN]))
    runs.set_state(db, check.id, RunState.DONE)


def _spoilt(document: Document) -> Document:
    first, *others = document.spans
    label = "place" if first.label == "person" else "person"
    return replace(document, id=None, spans=(replace(first, label=label), *others))


def _suspected(document: Document) -> Said:
    given = document.spans[0]
    label = "place" if given.label == "person" else "person"
    return Said(document.id or 0, given, replace(given, label=label), 0.9)


def test_ten_are_mended_and_the_next_training_says_what_changed(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/review?view=Suspects")
    rows = page.locator(".entry")
    expect(rows).to_have_count(TEN)
    expect(page.get_by_role("heading", name="10 places of train look wrong")).to_be_visible()
    rows.first.click()
    for number in range(TEN):
        expect(rows.nth(number)).to_have_attribute("aria-current", "true")
        page.keyboard.press("a")
        expect(rows.nth(number).locator(".outcome")).to_have_text("accepted")
    expect(page.get_by_text("10 decided: 10 mended, 0 kept")).to_be_visible()

    page.get_by_role("button", name="Train again").click()
    expect(page.get_by_role("heading", name="Train", exact=True, level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Open the report")).to_be_visible(timeout=TRAINED)

    page.goto(f"{server.url}/review?view=Suspects")
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_role("heading", name="Compare", exact=True, level=1)).to_be_visible()
    page.get_by_role("radio", name="Data").click()
    expect(page.get_by_text("The marks of 10 documents changed.")).to_be_visible()


def test_a_row_becomes_an_example_in_the_guideline_by_a_key(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/review?view=Suspects")
    rows = page.locator(".entry")
    expect(rows).to_have_count(TEN)
    rows.first.click()
    page.keyboard.press("x")
    reason = page.get_by_role("textbox", name="Why")
    expect(reason).to_be_focused()
    page.keyboard.type("A name, x and all")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept as an example of").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows.first).to_have_attribute("aria-current", "true")
    page.goto(f"{server.url}/guideline")
    expect(page.locator(".ws-guide li mark")).to_be_visible()
    expect(page.get_by_text("A name, x and all")).to_be_visible()
