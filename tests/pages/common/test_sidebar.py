"""The project picker: a person's choice, the program's, and messages that come too late."""

from __future__ import annotations

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1.element_tree import Selectbox

from pages.access import session
from pages.widgets.common import sidebar
from storage.accounts import accounts, sessions
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.permissions import Role
from tests.pages.conftest import Open


def test_a_person_chooses_a_project(open_page: Open, db: Database) -> None:
    first, second = (projects.create_project(db, name).id for name in ("one", "two"))
    app = open_page()
    assert app.sidebar.selectbox[0].value == first
    app.sidebar.selectbox[0].select(second).run()
    assert app.session_state["project"] == second
    assert settings.get(db, "last_project") == second
    app.switch_page("data.py").run()
    assert app.sidebar.selectbox[0].value == second


def test_who_signs_in_finds_the_project_of_their_own_last_choice(
    open_page: Open, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (projects.create_project(db, name).id for name in ("one", "two"))
    people = [accounts.add(db, name, Role.ADMIN) for name in ("Ada", "Bob")]
    for account, chosen in zip(people, (second, first), strict=True):
        token = sessions.begin(db, account)
        monkeypatch.setattr(session, "token", lambda token=token: token)
        open_page().sidebar.selectbox[0].select(chosen).run()
    token = sessions.begin(db, people[0])
    monkeypatch.setattr(session, "token", lambda: token)
    assert open_page().sidebar.selectbox[0].value == second


def test_a_message_from_before_a_project_was_opened_changes_nothing(
    open_page: Open, db: Database
) -> None:
    first, second = (projects.create_project(db, name).id for name in ("one", "two"))
    app = open_page(project=str(second))
    # What opening does, while the browser still shows the box of before and sends its value.
    made = projects.create_project(db, "three").id
    settings.put(db, "last_project", made)
    app.session_state["project"] = made
    app.session_state["project-turn"] += 1
    app.sidebar.selectbox[0].select(first).run()
    assert not app.exception
    assert app.session_state["project"] == app.sidebar.selectbox[0].value == made
    assert settings.get(db, "last_project") == made


def test_a_late_change_of_a_box_that_is_gone_is_no_error(db: Database) -> None:
    sidebar._remember("project-7")
    assert settings.get(db, "last_project") is None


def test_a_browser_that_still_shows_a_projects_old_name_changes_no_project(
    open_page: Open, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (projects.create_project(db, name).id for name in ("one", "two"))
    app = open_page()
    app.sidebar.selectbox[0].select(second).run()
    with monkeypatch.context() as browser:
        sent = property(lambda box: WidgetState(id=box.id, string_value="its old name"))
        browser.setattr(Selectbox, "_widget_state", sent)
        app.run()
    assert not app.exception
    assert app.session_state["project"] == second != first
    assert settings.get(db, "last_project") == second
