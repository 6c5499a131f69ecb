"""Only our own pages get in, under a name that the server goes by; none of it can be framed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.routes import origins

ADDRESS = "http://127.0.0.1:8501"


async def _answer(request) -> PlainTextResponse:
    return PlainTextResponse("in", headers={"X-Frame-Options": "SAMEORIGIN"})


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Any application behind our middleware."""
    anything = [Route("/", _answer, methods=["GET", "POST"]), WebSocketRoute("/", _talk)]
    app = Starlette(routes=anything, middleware=origins.middleware())
    with TestClient(app, base_url=ADDRESS) as client:
        yield client


def post(client: TestClient, origin: str, host: str = "127.0.0.1:8501", scheme: str = "http"):
    return client.post(f"{scheme}://127.0.0.1/", headers={"Host": host, "Origin": origin})


def knocks(client: TestClient, origin: str | None) -> bool:
    """Tell whether a WebSocket is let in."""
    headers = {"Host": "127.0.0.1:8501"} | ({} if origin is None else {"Origin": origin})
    try:
        with client.websocket_connect("/", headers=headers):
            return True
    except WebSocketDisconnect:
        return False


FOREIGN = [
    "http://evil.example",
    "http://127.0.0.1:8502",
    "http://127.0.0.1",
    "http://localhost:3000",
    "http://localhost:8501",
    "https://127.0.0.1:8501",
    "http://127.0.0.1:8501/",
    "http://127.0.0.1:8501/path",
    "http://127.0.0.1:8501?query",
    "http://127.0.0.1:8501#fragment",
    "http://a@127.0.0.1:8501",
    "http://127.0.0.1:8501 ",
    "http://127.0.0.1:8501, http://evil.example",
    "ws://127.0.0.1:8501",
    "null",
    "",
    "file://",
    "http://[bad",
    "127.0.0.1:8501",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_is_refused(client, origin) -> None:
    assert post(client, origin).status_code == 403
    assert not knocks(client, origin)
    answer = client.get("/", headers={"Origin": origin})
    assert answer.status_code == 403 and "corsAllowedOrigins" in answer.text


def test_our_own_pages_get_in(client) -> None:
    assert post(client, ADDRESS).text == "in"
    assert knocks(client, ADDRESS)
    assert client.get("/").text == "in", "browsers name no origin where they open a page"


def test_what_may_change_something_must_say_where_it_comes_from(client) -> None:
    assert client.post("/").status_code == 403
    assert not knocks(client, None)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8501", "localhost:8501", "http"),
        ("http://localhost:8501", "LOCALHOST:8501", "http"),
        ("http://[::1]:8501", "[::1]:8501", "http"),
        ("http://localhost", "localhost", "http"),
        ("http://localhost", "localhost:80", "http"),
        ("https://localhost", "localhost", "https"),
    ],
)
def test_the_origin_is_compared_as_browsers_write_it(client, origin, host, scheme) -> None:
    assert post(client, origin, host, scheme).status_code == 200
    assert post(client, origin.replace("http", "x"), host, scheme).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "127.0.0.1.evil.example",
        "a@127.0.0.1",
        "127.0.0.1:x",
        "127.0.0.1:99999",
        "127.0.0.1/path",
        "",
    ],
)
def test_a_rebound_name_is_refused_though_origin_and_host_agree(client, host) -> None:
    answer = post(client, f"http://{host}", host)
    assert answer.status_code == 403 and "does not go by that name" in answer.text
    assert client.get("/", headers={"Host": host}).status_code == 403


def test_the_settings_say_by_which_names_the_server_goes(client, monkeypatch) -> None:
    options = {"server.allowedHosts": ["*.Lab.example", "10.0.0.7"]}
    monkeypatch.setattr(st, "get_option", options.get)
    for host in ("tags.lab.example", "10.0.0.7:8501"):
        assert post(client, f"http://{host}", host).status_code == 200
    for host in ("lab.example", "127.0.0.1:8501"):
        assert post(client, f"http://{host}", host).status_code == 403


def test_a_proxys_address_can_be_trusted_in_the_settings(client, monkeypatch) -> None:
    options = {"server.corsAllowedOrigins": ["https://tags.example"]}
    monkeypatch.setattr(st, "get_option", options.get)
    assert post(client, "https://tags.example").status_code == 200
    assert post(client, "http://tags.example").status_code == 403


def test_every_answer_forbids_framing_and_guessing(client) -> None:
    for answer in (client.get("/"), client.get("/nowhere"), post(client, "null")):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
