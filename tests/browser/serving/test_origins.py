"""A real server lets in its own pages and nobody else: no other port, no other site, no frame."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import FilePayload
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer

pytestmark = pytest.mark.browser
# A busy server takes its time to shake hands, and to say no.
PATIENT: dict[str, Any] = {"open_timeout": 60, "close_timeout": 60, "proxy": None}
FILE = "Ada met Bob.\n\nBob left.\n"


@pytest.fixture(scope="module")
def server(launch, tmp_path_factory) -> AppServer:
    return launch(ROOT / "app.py", tmp_path_factory.mktemp("origins") / "home")


@pytest.fixture
def neighbour() -> Iterator[str]:
    """A page on another port of this computer."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>neighbour</title>")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def knock(server: AppServer, host: str, origin: Any) -> int:
    """Shake hands with Streamlit's own WebSocket; return 101 where it is let in."""
    address = f"ws://{host}/_stcore/stream"
    try:
        with connect(address, origin=origin, subprotocols=[Subprotocol("streamlit")], **PATIENT):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def ask(server: AppServer, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_websocket_is_for_our_own_pages(server, name) -> None:
    host = f"{name}:{server.port}"
    other = "localhost" if name == "127.0.0.1" else "127.0.0.1"
    assert knock(server, host, f"http://{host}") == 101
    for origin in (
        *("http://localhost:3000", "http://127.0.0.1:3000", f"http://{name}", f"https://{host}"),
        *(f"http://{other}:{server.port}", f"http://{host}/x", "http://evil.example", "null", None),
    ):
        assert knock(server, host, origin) == 403, origin


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/_stcore/health"),
        ("GET", "/_stcore/host-config"),
        ("GET", "/healthz"),
        ("GET", "/media/nothing.csv"),
        ("PUT", "/_stcore/upload_file/session/file"),
        ("DELETE", "/_stcore/upload_file/session/file"),
        ("OPTIONS", "/_stcore/upload_file/session/file"),
        ("POST", "/api/edits"),
    ],
)
def test_every_address_is_behind_the_same_door(server, method, path) -> None:
    host = f"127.0.0.1:{server.port}"
    foreign = ask(server, method, path, Host=host, Origin="http://localhost:3000")
    own = ask(server, method, path, Host=host, Origin=f"http://{host}")
    rebound = ask(server, method, path, Host="evil.example", Origin="http://evil.example")
    assert (foreign.status, rebound.status) == (403, 403)
    assert own.status != 403 or path.startswith("/_stcore/upload_file")
    for answer in (foreign, own, rebound):
        assert "frame-ancestors 'none'" in answer.getheader("Content-Security-Policy")
        assert answer.getheader("X-Frame-Options") == "DENY"


def test_a_neighbours_page_can_neither_read_nor_frame_nor_drive_the_app(
    server, neighbour, chromium
) -> None:
    page = chromium.new_page()
    page.goto(neighbour)
    opened = """(url) => new Promise((done) => {
        const socket = new WebSocket(url, ["streamlit"]);
        socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })"""
    assert page.evaluate(opened, f"ws://localhost:{server.port}/_stcore/stream") == "refused"
    read = """(url) => fetch(url).then((answer) => answer.text(), () => "refused")"""
    assert page.evaluate(read, f"http://localhost:{server.port}/_stcore/host-config") == "refused"
    framed = """(url) => new Promise((done) => {
        const frame = document.createElement("iframe"); frame.src = url;
        frame.onload = () => done(); document.body.append(frame); })"""
    page.evaluate(framed, f"http://localhost:{server.port}/")
    page.frames[1].wait_for_url(re.compile("^chrome-error:"))
    page.close()


@pytest.mark.long
def test_our_own_page_runs_uploads_and_downloads(server, visitor: Visitor) -> None:
    page = visitor.open(server.url)
    page.get_by_role("button", name="Open the sample project").click()
    expect(page.get_by_role("heading", name=re.compile("462 sentences are done"))).to_be_visible(
        timeout=30_000
    )
    for name in ("127.0.0.1", "localhost"):
        data = visitor.open(f"http://{name}:{server.port}/data?section=Import")
        data.get_by_label("Files", exact=True).set_input_files(
            FilePayload(name=f"{name}.txt", mimeType="text/plain", buffer=FILE.encode())
        )
        expect(data.get_by_role("button", name=f"Remove {name}.txt")).to_be_visible()
        expect(data.get_by_role("heading", name="What would come in")).to_be_visible()
        data.goto(f"http://{name}:{server.port}/data?section=Export")
        data.get_by_role("button", name="Prepare the file").click()
        with data.expect_download() as download:
            data.get_by_role("link", name="Download").click()
        assert download.value.path().stat().st_size > 1000
