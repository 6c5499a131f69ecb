"""Signing in with a real browser: the page one wanted, a role that ends at once, the way out."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page

from storage.accounts import accounts
from storage.corpus import projects
from storage.database.connection import Database
from storage.permissions import Role
from tests.browser.conftest import FIRST_PAGE, Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer

pytestmark = [pytest.mark.browser, pytest.mark.long]
SECRET = "correct horse battery"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("signing") / "home"
    home.mkdir()
    with opened(home / "whetstone.db") as db:
        projects.create_project(db, "News")
        accounts.add(db, "Ada", Role.ADMIN, SECRET)
        accounts.add(db, "Bob", Role.ANNOTATOR, SECRET)
    return home / "whetstone.db"


def opened(path: Path) -> closing[Database]:
    return closing(Database.open(f"sqlite:///{path}"))


@pytest.fixture(scope="module")
def server(launch: Launch, database: Path) -> AppServer:
    return launch(ROOT / "app.py", database.parent)


def sign_in(page: Page, name: str, password: str = SECRET) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_one_comes_to_the_page_one_wanted_and_only_where_the_role_lets_one(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/guideline?view=Edit", visitor.context())
    expect(page).to_have_url(f"{server.url}/login?next=/guideline%3Fview%3DEdit")
    sign_in(page, "Bob", "a wrong password")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    sign_in(page, "Bob")
    expect(page.get_by_role("heading", name="Guideline", level=1)).to_be_visible(timeout=FIRST_PAGE)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Signed in as Bob, annotator")
    expect(page.get_by_test_id("stSidebarNav")).not_to_contain_text("Settings")
    page.goto(f"{server.url}/settings")
    expect(page.get_by_text("who may not change settings, users and backups")).to_be_visible()
    expect(page.get_by_text("People", exact=True)).to_have_count(0)


def test_a_page_that_is_open_is_over_with_the_role_and_with_the_way_out(
    server: AppServer, database: Path, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/settings", visitor.context())
    sign_in(page, "Ada")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible(timeout=FIRST_PAGE)
    with opened(database) as db:
        accounts.set_role(db, "Bob", Role.ADMIN)
        accounts.set_role(db, "Ada", Role.ANNOTATOR)
    page.get_by_role("button", name="Delete this project").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_role("button", name="Delete this project")).to_have_count(0)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, "Ada")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Signed in as Ada, annotator")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
