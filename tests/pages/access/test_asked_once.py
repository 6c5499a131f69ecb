"""Whether anybody signs in is asked once in a page's run, and again after each write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from storage.database.connection import Database
from tests.pages.conftest import TIMEOUT

# What the database was asked, in order.
asked: list[str] = []


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    asked.clear()
    event.listen(Engine, "before_cursor_execute", note)
    yield
    event.remove(Engine, "before_cursor_execute", note)


def _page() -> None:
    import streamlit as st

    from pages.access import session
    from storage import permissions
    from storage.accounts import accounts
    from storage.database import settings
    from storage.database.store import database
    from storage.permissions import Role
    from tests.pages.access.test_asked_once import asked

    def ask() -> None:
        asked.clear()
        st.text(f"{permissions.current()}, {sum('accounts' in each for each in asked)} asked")

    with session.asked_once():
        ask()
        ask()
        settings.put(database(), "any", 1)
        ask()
        accounts.add(database(), "Ada", Role.ADMIN, "an old and long password")
        try:
            ask()
        except session.SignedOutError:
            st.text("signed out")


def test_who_acts_is_known_until_something_is_written(db: Database) -> None:
    page = AppTest.from_function(_page, default_timeout=TIMEOUT).run()
    assert not page.exception, page.exception
    once, never, again = "None, 1 asked", "None, 0 asked", "None, 1 asked"
    assert [each.value for each in page.text] == [once, never, again, "signed out"]
