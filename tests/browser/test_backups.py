"""Backups in a real browser: going back to one while another tab is open."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from storage import documents, projects, settings
from storage.backups import copies
from storage.database import Database
from storage.types import Document
from tests.browser.conftest import Launch, Visitor
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a backup of a project with one document, which has two now."""
    folder = tmp_path / "server-home"
    folder.mkdir()
    db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
    project = projects.create_project(db, "Letters").id
    projects.add_labels(db, project, ["PER"])
    settings.put(db, "last_project", project)
    documents.add_documents(db, project, [Document("Ada met Bob.", ((0, 3), (4, 7)))], "ada")
    copies.make(folder / "whetstone.db", copies.ASKED)
    documents.add_documents(db, project, [Document("Made since.", ((0, 4), (5, 10)))], "ada")
    db.close()
    return folder


def test_every_tab_goes_on_with_what_was_restored(
    launch: Launch, visitor: Visitor, home: Path
) -> None:
    server = launch(ROOT / "app.py", home)
    other = visitor.open(f"{server.url}/tag?document=2")
    expect(other.get_by_role("group", name="Text of")).to_contain_text("Made since.")
    page = visitor.open(f"{server.url}/settings")
    page.get_by_role("button", name="Restore").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 document of since then goes out of sight.")
    dialog.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored: Today")).to_be_visible()
    expect(page.get_by_text("put aside by a restore · 2 documents")).to_be_visible()
    other.reload()
    expect(other.get_by_role("group", name="Text of")).to_contain_text("Ada met Bob.")
    server.end()
