"""Files of any size: dropped, cancelled, found again, brought in with progress, taken out."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page

from storage.corpus import documents, projects
from storage.database.connection import Database
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import settle

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROWS = 120_000


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Files", exact=True).set_input_files(files)


def text(name: str, content: str) -> FilePayload:
    return FilePayload(name=name, mimeType="text/plain", buffer=content.encode())


def archive(**files: str) -> FilePayload:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, content in files.items():
            opened.writestr(f"letters/{name}.txt", content)
    return FilePayload(name="more.zip", mimeType="application/zip", buffer=packed.getvalue())


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A table that is read in the background."""
    path = tmp_path / "letters.csv"
    with path.open("w") as file:
        file.write("text\n")
        file.writelines(f"Letter {n} came from Oslo to Gothenburg.\n" for n in range(ROWS))
    return path


def left(server: AppServer, room: str) -> list[str]:
    return [each.name for each in (server.home / room).iterdir() if each.name != "lock"]


def test_several_files_and_an_archive_come_in_together_and_one_can_be_removed(
    app_server: AppServer, db: Database, visitor: Visitor
) -> None:
    page = visitor.open(f"{app_server.url}/data")
    choose(page, text("one.txt", "Ada slept.\n"), text("two.txt", "Oslo won.\n"))
    expect(page.get_by_role("button", name="Import 2 documents")).to_be_visible()
    page.get_by_role("button", name="Remove two.txt").click()
    expect(page.get_by_role("button", name="Import 1 document")).to_be_visible()
    choose(page, archive(a="Emmy left.\n", b="Zoe stayed.\nMax came.\n"))
    button = page.get_by_role("button", name="Import 4 documents")
    expect(button).to_be_visible()
    # A reload finds what has arrived.
    page.reload()
    expect(page.get_by_role("button", name="Remove more.zip")).to_be_visible()
    settle(button)
    button.click()
    expect(page.get_by_text("4 documents imported.")).to_be_visible()
    assert left(app_server, "uploads") == []


def test_a_large_import_is_cancelled_begun_again_left_and_found_done(
    app_server: AppServer, db: Database, visitor: Visitor, large: Path
) -> None:
    page = visitor.open(f"{app_server.url}/data")
    page.get_by_label("Files", exact=True).set_input_files(large)
    expect(page.get_by_text("Reading letters.csv")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).last.click()
    expect(page.get_by_text("It was cancelled, and nothing came in.")).to_be_visible()
    page.get_by_role("button", name="Read it again").click()
    button = page.get_by_role("button", name=f"Import {ROWS:,} documents")
    expect(button).to_be_visible(timeout=120_000)
    button.click()
    expect(page.get_by_text("Importing letters.csv")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("link", name=re.compile("Import(:| is done)"))).to_be_visible()
    page.goto(f"{app_server.url}/data")
    expect(page.get_by_text(f"{ROWS:,} documents imported.")).to_be_visible(timeout=120_000)
    (project,) = projects.list_projects(db)
    assert documents.count_documents(db, project.id) == ROWS
    assert left(app_server, "uploads") == []
    _take_out(page, app_server)


def _take_out(page: Page, server: AppServer) -> None:
    """Export the many documents: once cancelled, once to the end."""
    page.goto(f"{server.url}/data?section=Export")
    page.get_by_text("that are done").click()
    page.get_by_role("button", name="Prepare the file").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It was cancelled; there is no file.")).to_be_visible()
    page.get_by_role("button", name="Prepare the file").click()
    expect(page.get_by_text(f"{ROWS:,} written and read back")).to_be_visible(timeout=120_000)
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {ROWS:,} documents").click()
    assert download.value.path().stat().st_size > 30 * ROWS
    assert len(left(server, "exports")) == 1


def test_an_export_is_written_read_back_and_taken(
    app_server: AppServer, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{app_server.url}/data?section=Export")
    page.get_by_role("button", name="Prepare the file").click()
    expect(page.get_by_text("462 written and read back")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download 462 documents").click()
    assert download.value.suggested_filename == "Sample-project-all.conll"
    assert download.value.path().stat().st_size > 10_000
    assert len(left(app_server, "exports")) == 1
    page.get_by_role("button", name="Delete the file").click()
    expect(page.get_by_text("462 written and read back")).to_be_hidden()
    assert left(app_server, "exports") == []
