"""One's own password: changed by who knows the present one, and not guessed."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.access import session
from pages.access.limits import BY_BOTH, Attempts
from pages.widgets.settings import own_account
from storage.accounts import accounts
from storage.database.connection import Database
from tests.pages.access.conftest import SECRET, begin
from tests.pages.conftest import Open

NEW = "another horse, a battery"


@pytest.fixture(autouse=True)
def bob(db: Database, people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    token = begin(db, "Bob")
    monkeypatch.setattr(session, "token", lambda: token)
    monkeypatch.setattr(own_account, "_tries", Attempts())


def change(app: AppTest, *typed: str) -> list[str]:
    """Type the present password and the new one twice; return what was refused."""
    for field, text in zip(app.text_input, typed, strict=True):
        field.set_value(text)
    next(each for each in app.button if each.label == "Change password").click().run()
    return [each.value for each in app.error]


def test_who_knows_the_present_password_changes_it(open_page: Open, db: Database) -> None:
    change(open_page("account"), SECRET, NEW, NEW)
    assert accounts.authenticate(db, "Bob", NEW)


def test_after_some_wrong_ones_even_the_right_one_has_to_wait(
    open_page: Open, db: Database
) -> None:
    app = open_page("account")
    for number in range(BY_BOTH):
        assert "is another one" in change(app, f"wrong {number}", NEW, NEW)[0]
    assert "wait 15 minutes" in change(app, SECRET, NEW, NEW)[0]
    assert accounts.authenticate(db, "Bob", SECRET)


def test_a_new_one_that_is_too_short_is_no_wrong_guess(open_page: Open, db: Database) -> None:
    app = open_page("account")
    for _ in range(BY_BOTH + 1):
        assert "wait" not in change(app, SECRET, "short", "short")[0]
    change(app, SECRET, NEW, NEW)
    assert accounts.authenticate(db, "Bob", NEW)
