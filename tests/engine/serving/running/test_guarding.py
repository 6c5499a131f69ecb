"""Requests under other names, and from pages of other sites, are refused."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from engine.serving.running import guarding

OTHER = "https://shop.example"


async def anything(request) -> PlainTextResponse:
    return PlainTextResponse("in")


@pytest.fixture
def client() -> TestClient:
    middleware = guarding.middleware(
        lambda name: guarding.is_ours(name, "127.0.0.1", ["named.example"]), [OTHER]
    )
    routes = [Route("/predict", anything, methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=middleware))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8600", 200),
        ("localhost", 200),
        ("named.example:8600", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example:8600", 403),
        ("10.0.0.1:8600", 403),
        ("", 403),
        ("localhost@evil.example", 403),
    ],
)
def test_only_names_that_it_goes_by_are_answered(client, host: str, status: int) -> None:
    assert client.post("/predict", headers={"host": host}).status_code == status


def test_open_to_others_it_goes_by_every_address_but_no_strange_name() -> None:
    assert guarding.is_ours("10.0.0.1", "0.0.0.0", [])
    assert not guarding.is_ours("evil.example", "0.0.0.0", [])
    assert not guarding.is_ours("10.0.0.1", "127.0.0.1", [])


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8600", 200),
        (OTHER, 200),
        ("https://evil.example", 403),
        ("http://127.0.0.1:8501", 403),
        ("null", 403),
    ],
)
def test_pages_of_other_sites_may_not_ask(client, origin: str, status: int) -> None:
    headers = {"host": "127.0.0.1:8600", "origin": origin}
    answer = client.post("/predict", headers=headers)
    assert answer.status_code == status
    assert (answer.headers.get("access-control-allow-origin") == OTHER) == (origin == OTHER)


def test_a_page_that_may_ask_is_told_so_beforehand(client) -> None:
    headers = {"host": "127.0.0.1:8600", "origin": OTHER}
    headers |= {"access-control-request-method": "POST"}
    headers |= {"access-control-request-headers": "authorization, content-type"}
    answer = client.options("/predict", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == OTHER
