"""People on Settings: the first account, and those after it."""

from __future__ import annotations

import pytest

from pages.access import session
from pages.widgets.settings import people
from storage.accounts import accounts, passwords, sessions
from storage.database.connection import Database
from storage.permissions import Role
from tests.pages.conftest import Open, button, plain, said

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))


@pytest.fixture
def ada(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an admin have signed in."""
    token = sessions.begin(db, accounts.add(db, "Ada", Role.ADMIN, SECRET))
    monkeypatch.setattr(session, "token", lambda: token)


def fields(app, name: str, password: str) -> None:
    for label, value in (("Name", name), ("Password", password)):
        next(each for each in app.text_input if each.label == label).input(value)


@pytest.mark.parametrize(("password", "why"), [("", "needs a password"), ("short", "too short")])
def test_the_first_account_that_is_refused_keeps_what_was_typed(
    open_page: Open, db: Database, password: str, why: str
) -> None:
    app = open_page("settings")
    assert "OpenID" not in said(app)
    fields(app, "Ada", password)
    button(app, "Ask everybody to sign in").click().run()
    assert why in app.error[0].value
    assert next(each for each in app.text_input if each.label == "Name").value == "Ada"
    assert not accounts.exist(db)


def test_a_person_who_is_refused_is_not_typed_again_and_the_next_has_an_empty_form(
    open_page: Open, db: Database, ada: None
) -> None:
    app = open_page("settings")
    fields(app, "Rita", "short")
    app.radio[0].set_value(Role.REVIEWER)
    button(app, "Add").click().run()
    assert "too short" in app.error[0].value
    assert app.radio[0].value == Role.REVIEWER
    # Nobody could sign in without a password here: no provider is set up.
    fields(app, "Rita", "")
    button(app, "Add").click().run()
    assert "needs a password" in app.error[0].value
    fields(app, "Rita", SECRET)
    button(app, "Add").click().run()
    assert plain(app.success[0].value) == "Rita may sign in, as reviewer."
    assert [each.value for each in app.text_input if each.label in ("Name", "Password")] == ["", ""]
    assert app.radio[0].value == Role.ANNOTATOR


def test_of_many_people_a_page_is_shown_and_their_sessions_are_asked_for_once(
    open_page: Open, db: Database, ada: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(people.PAGE):
        accounts.add(db, f"person {number:02}", Role.ANNOTATOR)
    asked: list[list[int]] = []
    counts = sessions.counts

    def counted(db: Database, ids: list[int]) -> object:
        asked.append(list(ids))
        return counts(db, ids)

    monkeypatch.setattr(sessions, "counts", counted)
    app = open_page("settings")
    rows = [plain(each.value) for each in app.markdown]
    assert "**Ada** · admin · you · 1 open session" in rows
    app.session_state["people-page"] = 2
    app.run()
    assert [len(ids) for ids in asked] == [people.PAGE, 1]
    assert [each.label for each in app.button].count("Change") == 1
