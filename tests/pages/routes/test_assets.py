"""The tagger's modules are served under an address that changes with any of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import assets


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=assets.routes()), base_url="http://127.0.0.1:8501")


def test_a_module_is_served_as_it_lies_there_and_kept_for_ever(client: TestClient) -> None:
    answer = client.get(f"{assets.address()}0/document/offsets.js")
    assert answer.content == (assets.FOLDER / "document/offsets.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert client.head(f"{assets.address()}7/document/offsets.js").status_code == 200
    assert client.head(f"{assets.address()}{'9' * 5_000}/document/offsets.js").status_code == 200
    assert client.get(f"{assets.address()}0/keys/commands.json").json()[0]["name"] == "nextToken"


MODULE = "document/offsets.js"
OUTSIDE = [
    *("frame/view.css", "README.md", "offsets.js", "nothing.js", "text", "text/", f"/{MODULE}"),
    *(
        "../../tagger.py",
        "%2e%2e%2ftagger.py",
        "text/%2e%2e%2f%2e%2e%2fmain.py",
        "text%2f..%2f..%2fmain.py",
    ),
    *("keys/%2e%2e%2ftext%2foffsets.js", "text%5coffsets.js", f"{MODULE}%00", "%2fetc%2fpasswd"),
]


@pytest.mark.parametrize(
    "name",
    [f"0/{name}" for name in OUTSIDE]
    + [f"{attempt}/{MODULE}" for attempt in ("x", "-1", "%D9%A3", "%00", "1%00", "0/0")],
)
def test_nothing_but_the_modules_is_served(client: TestClient, name: str) -> None:
    assert client.get(assets.address() + name).status_code == 404


def test_another_version_is_not_served(client: TestClient) -> None:
    assert client.get("/tagger/0123456789abcdef/0/document/offsets.js").status_code == 404
    assert client.post(f"{assets.address()}0/document/offsets.js").status_code == 405


def test_the_address_follows_the_contents(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    addresses = set()
    for content in ("a", "b"):
        (tmp_path / "offsets.js").write_text(content)
        monkeypatch.setattr(assets, "FOLDER", tmp_path)
        assets.modules.cache_clear()
        assets.version.cache_clear()
        addresses.add(assets.address())
    assets.modules.cache_clear()
    assets.version.cache_clear()
    assert len(addresses) == 2


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module with every module that it imports."""
    for name, (content, _) in assets.modules().items():
        for found in re.findall(r'(?:from|import) "([^"]+)"', content.decode()):
            yield name, posixpath.normpath(posixpath.join(posixpath.dirname(name), found))


def test_every_import_names_a_module_that_is_served() -> None:
    """Imports are relative to their own module: one that moves must not be left behind."""
    assert [pair for pair in imports() if pair[1] not in assets.modules()] == []


def test_the_tagger_s_rooms_import_one_way() -> None:
    rows = re.findall(
        r"^\| (?:`(\w+)/`|\(here\))", (assets.FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(filter(None, rows)) == sorted(
        path.name for path in assets.FOLDER.iterdir() if path.is_dir()
    )
    order = rows
    rooms = {(posixpath.dirname(one), posixpath.dirname(other)) for one, other in imports()}
    assert [pair for pair in rooms if order.index(pair[0]) > order.index(pair[1])] == []


def test_a_path_before_all_addresses_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "/tools/sharp/"}.get)
    client = TestClient(Starlette(routes=assets.routes()))
    assert assets.address().startswith("/tools/sharp/tagger/")
    assert client.get(f"{assets.address()}0/tagger.js").status_code == 200
