"""What roles may, beside the cells that a real server is asked (`tests/browser/serving`)."""

from __future__ import annotations

import pytest

from engine.inspection import focusing
from pages.access import table
from pages.routes import gate
from pages.routes.transfers import uploads
from storage import permissions
from storage.accounts import accounts
from storage.cells import Cell
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import ForbiddenError
from storage.permissions import ROLES, Ability, Person, Role, acting_as
from storage.runs import runs
from storage.types import Document
from tests.pages.access.conftest import Browser, begin

WHO = {"": None, "Bob": Role.ANNOTATOR, "Cyd": Role.REVIEWER, "Ada": Role.ADMIN}
# What an annotator may open, in words: the README says the same.
_EVERYDAY = {"home", "tag", "guideline", "report", "compare", "review", "try", "match", "account"}
ANNOTATORS = {*_EVERYDAY, "models", "talk", "team", "notebook"}
# What a reviewer may open besides.
REVIEWERS = {"adjudicate", "agreement"}


def allows(name: str, ability: Ability) -> bool:
    role = WHO[name]
    return role is not None and ability in ROLES[role]


def test_what_the_readme_says_of_pages_is_so() -> None:
    """The table is read by everything else: here it is held against what people were told."""
    for who, opened in (("Bob", ANNOTATORS), ("Cyd", ANNOTATORS | REVIEWERS)):
        assert {name for name, needs in table.PAGES.items() if allows(who, needs)} == opened


@pytest.mark.parametrize("purpose", table.UPLOADS)
def test_files_are_taken_from_those_who_may_do_what_they_are_for(
    browser: Browser, db: Database, people, monkeypatch: pytest.MonkeyPatch, purpose: str
) -> None:
    """Also a batch that was begun is no longer written, listed or emptied without leave."""
    for who in ("Bob", "Ada"):
        client, token = browser(begin(db, who)), gate.sign(who, 0)
        given = {"token": token, "files": [{"name": "a", "size": 1}]}
        answer = client.post("/api/uploads/begin", json={**given, "purpose": purpose})
        if not allows(who, table.UPLOADS[purpose].needs):
            assert answer.status_code == 403 and "ask an admin" in answer.json()["error"]
            continue
        batch = answer.json()["batch"]
        headers = dict(zip(uploads.HEADERS, (token, batch, "1", "0"), strict=True))
        headers |= {"content-type": "application/octet-stream"}
        with monkeypatch.context() as patch:
            patch.setitem(ROLES, WHO[who], frozenset({Ability.READ}))
            refused = 200 if table.UPLOADS[purpose].needs is Ability.READ else 403
            asked = {"token": token, "batch": batch}
            assert client.post("/api/uploads/list", json=asked).status_code == refused
            gone = {**asked, "files": [2]}
            assert client.post("/api/uploads/remove", json=gone).status_code == refused
            more = {**asked, "files": [], "purpose": purpose}
            assert client.post("/api/uploads/begin", json=more).status_code == refused
            sent = client.post("/api/uploads/send", content=b"x", headers=headers)
            assert sent.status_code == refused
        assert client.post("/api/uploads/list", json=asked).status_code == 200


PATHS = [
    *("/", "/report", "/tagger/0/0/tagger.js", "/_stcore/host-config", "/media/x.csv"),
    *("/_stcore/upload_file/a/b", "/static/js/../x", "/_stcore/metrics", "/login/", "//login"),
    *("/LOGIN", "/login/../report", "/healthz/x", "/app/static/fonts/../../main.py", "/auth/login"),
    *("/app/static/fonts/x.woff2/../y", "/%6cogin/x", "/login%00", "/oauth2callback"),
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_else_is_answered_to_nobody(browser: Browser, people, path: str) -> None:
    client = browser()
    for method in ("GET", "POST", "PUT"):
        assert client.request(method, path).status_code == 401
    shown = client.get(path, headers={"Accept": "text/html,*/*"})
    assert (shown.status_code, shown.headers["location"].split("?")[0]) == (303, "/login")


def test_what_changes_or_starts_something_asks_by_itself(db: Database, people) -> None:
    """The last wall: also where a page forgot to ask."""
    project = projects.create_project(db, "news").id
    for change in (
        lambda: projects.create_project(db, "another"),
        lambda: projects.delete_project(db, project),
        lambda: projects.rename_project(db, project, "other"),
        lambda: runs.create_run(db, project, {}),
        lambda: runs.requeue(db, 1),
        lambda: documents.create_with_documents(db, "x", [Document("a")], "Bob"),
        lambda: accounts.set_role(db, "Bob", Role.ADMIN),
    ):
        with acting_as(Person("Bob", Role.ANNOTATOR)), pytest.raises(ForbiddenError, match="Bob"):
            change()
    assert [each.name for each in projects.list_projects(db)] == ["news"]


def test_a_focus_is_begun_and_ended_by_those_who_write_lessons(db: Database, people) -> None:
    """It is the project's, not one's own: it opens a round of the notebook, and ends another."""
    project = projects.create_project(db, "news").id
    cell = Cell(runs.create_run(db, project, {}).id, "dev", "PER", "ORG")
    with acting_as(Person("Cyd", Role.REVIEWER)):
        focusing.begin(db, project, cell)
    with acting_as(Person("Bob", Role.ANNOTATOR)):
        for change in (
            lambda: focusing.begin(db, project, cell),
            lambda: focusing.finish(db, project),
        ):
            with pytest.raises(ForbiddenError, match="ask an admin or a reviewer"):
                change()
    focus = focusing.current(db, project)
    assert focus and focus.cell == cell
    with acting_as(Person("Cyd", Role.REVIEWER)):
        focusing.finish(db, project)
    assert focusing.current(db, project) is None


def test_edits_carry_the_name_of_whoever_is_signed_in(db: Database) -> None:
    settings.put(db, "annotator", "somebody")
    assert settings.annotator(db) == "somebody"
    with acting_as(Person("Bob", Role.ANNOTATOR)):
        assert settings.annotator(db) == "Bob"
    assert permissions.current() is None
