"""Pages of people who have signed in, each in a browser of their own."""

from __future__ import annotations

from playwright.sync_api import Page

from pages.access import session
from storage.accounts import accounts, sessions
from storage.database.connection import Database
from tests.browser.conftest import Visitor
from tests.browser.server import AppServer


def enter(visitor: Visitor, server: AppServer, db: Database, name: str, path: str) -> Page:
    """Open a page as somebody who is signed in."""
    found = accounts.find(db, name)
    assert found
    context = visitor.context()
    token = sessions.begin(db, found)
    context.add_cookies([{"name": session.COOKIE, "value": token, "url": server.url}])
    return visitor.open(f"{server.url}/{path}", context)
