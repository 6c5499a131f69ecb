"""Backups in a real browser: going back to one while another tab is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.backups import copies
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.types import Document
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer, ForkedServer
from tests.storage.damage import damage

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


@pytest.fixture
def server(home: Path) -> Iterator[AppServer]:
    """A server of that home, not yet started; it ends after the pages that load from it."""
    made = ForkedServer(ROOT / "app.py", home)
    yield made
    made.end()


@pytest.mark.long
def test_every_tab_goes_on_with_what_was_restored(server: AppServer, visitor: Visitor) -> None:
    server.start()
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


@pytest.mark.parametrize(
    "state",
    [
        "a damaged table",
        *(pytest.param(one, marks=pytest.mark.long) for one in ("no database at all", "empty")),
    ],
)
def test_what_is_wrong_with_a_database_is_said_with_the_way_out(
    server: AppServer, visitor: Visitor, home: Path, state: str
) -> None:
    path = home / "whetstone.db"
    if state == "a damaged table":
        damage(path, "projects")
    else:
        path.write_bytes(b"" if state == "empty" else b"Dear diary, " * 500)
    server.start(503)
    page = visitor.open(f"{server.url}/data")
    expect(page.get_by_text("restore a backup").first).to_be_visible()
    page.get_by_role("button", name="Restore").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", name="Data")).to_be_visible()
    expect(page.get_by_text("restore a backup")).to_have_count(0)
    server.wait(200)


@pytest.mark.long
def test_an_emptied_database_is_begun_anew_at_a_click(
    server: AppServer, visitor: Visitor, home: Path
) -> None:
    (home / "whetstone.db").write_bytes(b"")
    server.start(503)
    page = visitor.open(server.url)
    page.get_by_role("button", name="Begin with an empty database").click()
    expect(page.get_by_role("button", name="Open the sample project")).to_be_visible()
