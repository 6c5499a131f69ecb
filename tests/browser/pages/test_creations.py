"""Projects made one after the other while a training runs: every page is whole, none is lost."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import Page

from engine.configuration.bases import BUNDLED
from engine.configuration.settings import Settings
from engine.corpus.samples import ENTITIES
from engine.runner import enqueue
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import RunState
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer

pytestmark = [pytest.mark.browser, pytest.mark.long]
CREATIONS = 200
EPOCHS = 200


def test_two_hundred_creations_beside_a_running_training(
    app_server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(app_server.url)
    page.get_by_role("button", name="Open the sample project").click()
    expect(page.get_by_text("Next step", exact=True)).to_be_visible()
    with closing(Database.open(f"sqlite:///{app_server.home / 'whetstone.db'}")) as db:
        run = _train(db)
        page.reload()
        expect(page.get_by_test_id("stSidebar").get_by_text("Run 1 ·").first).to_be_visible()
        for n in range(CREATIONS):
            _create(page, f"made {n}")
        names = {project.name for project in projects.list_projects(db)}
        assert names == {ENTITIES.name, *(f"made {n}" for n in range(CREATIONS))}
        assert runs.get_run(db, run).state is RunState.RUNNING
        runs.request_cancel(db, run)
    assert "Traceback" not in (app_server.home / "server.log").read_text()


def _train(db: Database) -> int:
    """Queue a training that outlives the test; return its identifier."""
    sample = projects.find_project(db, ENTITIES.name)
    return enqueue(db, sample.id, BUNDLED, Settings(epochs=EPOCHS)).id


def _create(page: Page, name: str) -> None:
    sidebar, dialog = page.get_by_test_id("stSidebar"), page.get_by_role("dialog")
    sidebar.get_by_role("button", name="New project").click()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create").click()
    expect(sidebar.get_by_role("combobox")).to_have_value(name)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
