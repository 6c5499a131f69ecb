"""Models in a real browser: a note and its click, and a key that is shown once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from engine.configuration.settings import Settings
from engine.runs import checkpoints
from engine.runs.files import MODEL
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import RunState
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer

pytestmark = pytest.mark.browser
NOTE = "found <b>more</b> places"


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """A server whose project has a finished run, with files that stand for its model."""
    folder = tmp_path_factory.mktemp("models") / "home"
    folder.mkdir()
    db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
    project = projects.create_project(db, "Letters")
    run = runs.create_run(db, project.id, {"base": "bundled", **asdict(Settings())})
    runs.set_state(db, run.id, RunState.DONE)
    db.close()

    def write(draft: Path) -> None:
        (draft / "model.safetensors").write_bytes(b"weights")

    (folder / "runs" / run.folder).mkdir(parents=True)
    checkpoints.write_whole(folder / "runs" / run.folder / MODEL, write)
    return launch(ROOT / "app.py", folder)


def test_a_note_counts_with_its_click_and_a_key_is_shown_once(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/models")
    # The click comes while the note is only on its way.
    page.get_by_label("Why Run 1").fill(NOTE)
    page.get_by_role("button", name="Make live").click()
    expect(page.get_by_text(f": {NOTE}")).to_be_visible()
    expect(page.get_by_label("Why Run 1")).to_have_value("")
    page.get_by_role("radio", name="Service").click()
    page.get_by_label("Whose key it is, or what for").fill("shop")
    page.get_by_role("button", name="Make a key").click()
    told = page.get_by_role("dialog")
    expect(told.get_by_text("wst_")).to_be_visible()
    secret = told.get_by_test_id("stCode").inner_text().strip()
    # Neither Escape nor a click beside it loses what is not shown again.
    page.keyboard.press("Escape")
    page.mouse.click(5, 700)
    expect(told.get_by_text(secret)).to_be_visible()
    told.get_by_role("button", name="I have copied it").click()
    expect(told).to_have_count(0)
    expect(page.get_by_text("not used yet")).to_be_visible()
    assert secret not in page.content() and secret[:10] in page.content()
