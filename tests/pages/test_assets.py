"""The tagger's modules are served under an address that changes with any of them."""

from __future__ import annotations

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import assets


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=assets.routes()), base_url="http://127.0.0.1:8501")


def test_a_module_is_served_as_it_lies_there_and_kept_for_ever(client: TestClient) -> None:
    answer = client.get(f"{assets.address()}0/desk.js")
    assert answer.content == (assets.FOLDER / "desk.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert client.head(f"{assets.address()}7/desk.js").status_code == 200
    assert client.head(f"{assets.address()}{'9' * 5_000}/desk.js").status_code == 200
    assert client.get(f"{assets.address()}0/commands.json").json()[0]["name"] == "nextToken"


@pytest.mark.parametrize(
    "name",
    ["0/tagger.css", "0/../../tagger.py", "0/%2e%2e%2ftagger.py", "0/nothing.js"]
    + [f"{attempt}/desk.js" for attempt in ("x", "-1", "%D9%A3", "%00", "1%00")],
)
def test_nothing_but_the_modules_is_served(client: TestClient, name: str) -> None:
    assert client.get(assets.address() + name).status_code == 404


def test_another_version_is_not_served(client: TestClient) -> None:
    assert client.get("/tagger/0123456789abcdef/0/desk.js").status_code == 404
    assert client.post(f"{assets.address()}0/desk.js").status_code == 405


def test_the_address_follows_the_contents(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    addresses = set()
    for content in ("a", "b"):
        (tmp_path / "desk.js").write_text(content)
        monkeypatch.setattr(assets, "FOLDER", tmp_path)
        assets.modules.cache_clear()
        assets.version.cache_clear()
        addresses.add(assets.address())
    assets.modules.cache_clear()
    assets.version.cache_clear()
    assert len(addresses) == 2


def test_a_path_before_all_addresses_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "/tools/sharp/"}.get)
    client = TestClient(Starlette(routes=assets.routes()))
    assert assets.address().startswith("/tools/sharp/tagger/")
    assert client.get(f"{assets.address()}0/tagger.js").status_code == 200
