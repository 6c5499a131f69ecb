"""A shared server: Ada is an admin, Cyd a reviewer, Bob an annotator. Hashing takes no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from pages.access import guard, login, session
from pages.access.limits import Attempts
from pages.routes import adjudicating, routes
from pages.routes.talk import talking
from pages.routes.transfers import downloads, uploads
from storage.accounts import accounts, passwords, sessions
from storage.database.connection import Database
from storage.permissions import Role

SECRET = "correct horse battery"
ADDRESS = "http://127.0.0.1:8501"
Browser = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
    monkeypatch.setattr(login, "attempts", Attempts())
    passwords._nobodys.cache_clear()


@pytest.fixture
def people(db: Database) -> None:
    accounts.add(db, "Ada", Role.ADMIN, SECRET)
    accounts.add(db, "Cyd", Role.REVIEWER, SECRET)
    accounts.add(db, "Bob", Role.ANNOTATOR, SECRET)


def begin(db: Database, name: str) -> str:
    """Begin a session of an account; return its token, an empty one for nobody."""
    found = accounts.find(db, name)
    return sessions.begin(db, found) if found else ""


async def _anything(request: Request) -> PlainTextResponse:
    return PlainTextResponse("in")


async def _echo(socket: WebSocket) -> None:
    """Answer with the protocols that were asked for, then with each message as it arrives."""
    await socket.accept()
    await socket.send_text(socket.headers.get(guard.PROTOCOL, ""))
    async for data in socket.iter_bytes():
        await socket.send_bytes(data)


@pytest.fixture
def browser(db: Database) -> Iterator[Browser]:
    """A browser with a session's cookie; behind our routes there stands anything else."""
    opened: list[TestClient] = []

    def open_browser(token: str = "", address: str = "127.0.0.1", **options) -> TestClient:
        rest = [
            WebSocketRoute("/_stcore/stream", _echo),
            Route("/{path:path}", _anything, methods=["GET", "POST", "PUT"]),
        ]
        app = Starlette(
            routes=[
                *routes(),
                *uploads.routes(),
                *downloads.routes(),
                *talking.routes(),
                *adjudicating.routes(),
                *rest,
            ],
            middleware=guard.middleware(),
        )
        options = {"base_url": ADDRESS, "follow_redirects": False, **options}
        client = TestClient(app, client=(address, 50_000), **options)
        if token:
            client.cookies.set(session.COOKIE, token)
        client.__enter__()
        opened.append(client)
        return client

    yield open_browser
    for client in opened:
        client.__exit__(None, None, None)
