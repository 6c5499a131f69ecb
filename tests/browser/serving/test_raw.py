"""A real server, asked by bytes: what no browser sends, and what a page of another site makes it
send.
"""

from __future__ import annotations

import socket
from contextlib import closing, suppress

import pytest

from pages.access import table
from tests.browser.conftest import Launch
from tests.browser.server import ROOT, AppServer

pytestmark = [pytest.mark.browser, pytest.mark.long]
PIECE = b"a" * 65_536
MANY = 3_000
EVIL = "http://evil.example"
JSON = "Content-Type: application/json"
# What each request to a route is like: its lines but for its own host's, and its body.
HOSTILE = {
    "no origin": ((JSON,), b"{}"),
    "foreign origin": ((JSON, f"Origin: {EVIL}"), b"{}"),
    "null origin": ((JSON, "Origin: null"), b"{}"),
    "two origins": ((JSON, "OWN", f"Origin: {EVIL}"), b"{}"),
    "rebound": ((JSON, "Host: evil.example", f"Origin: {EVIL}"), b"{}"),
    "two hosts": ((JSON, "OWN", "Host: evil.example"), b"{}"),
    "plain text": (("Content-Type: text/plain", "OWN"), b"{}"),
    "a form": (("Content-Type: application/x-www-form-urlencoded", "OWN"), b"a=b"),
    "several parts": (("Content-Type: multipart/form-data; boundary=x", "OWN"), b"--x--"),
    "no type": (("OWN",), b"{}"),
    "no token": ((JSON, "OWN"), b"{}"),
    "a forged token": (
        (JSON, "OWN"),
        b'{"token":"eyJhbm5vdGF0b3IiOiJhIiwicHJvamVjdCI6MX0.x.y"}',
    ),
}
UPGRADE = (
    *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
REFUSED = (400, 401, 403, 404, 405, 415)


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    return launch(ROOT / "app.py", tmp_path_factory.mktemp("raw") / "home")


def ask(server: AppServer, line: str, *headers: str, body: bytes = b"", pieces: int = 0) -> int:
    """Send a request as it is written and return the status of the answer; 0 where none came.

    ``pieces`` come behind it one by one, without a length that was said before.
    """
    own = f"127.0.0.1:{server.port}"
    named = [each.replace("OWN", f"Origin: http://{own}") for each in headers]
    if "Host: evil.example" not in named or "OWN" in headers:
        named.insert(0, f"Host: {own}")
    size = "Transfer-Encoding: chunked" if pieces else f"Content-Length: {len(body)}"
    rest = [] if UPGRADE[0] in named else [size, "Connection: close"]
    head = "\r\n".join([f"{line} HTTP/1.1", *named, *rest, "", ""])
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=60)) as line_out:
        # Where the server has answered already it takes no more.
        with suppress(OSError):
            line_out.sendall(head.encode() + body)
            for _ in range(pieces):
                line_out.sendall(b"%x\r\n" % len(PIECE) + PIECE + b"\r\n")
        with suppress(OSError):
            return int(line_out.recv(64).split(b" ")[1])
    return 0


@pytest.mark.parametrize("name", sorted(set(table.ROUTES) - {"exports"}))
def test_no_route_answers_what_our_pages_do_not_send(server: AppServer, name: str) -> None:
    for what, (headers, body) in HOSTILE.items():
        assert ask(server, f"POST /api/{name}", *headers, body=body) in REFUSED, what
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        assert ask(server, f"{method} /api/{name}", "OWN") in REFUSED, method


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("/api/edits", "application/json"),
        ("/login", "application/x-www-form-urlencoded"),
        ("/api/uploads/send", "application/octet-stream"),
    ],
)
def test_a_body_without_end_is_cut_off_while_it_comes(
    server: AppServer, path: str, type: str
) -> None:
    before = server.memory_mb()
    status = ask(server, f"POST {path}", "OWN", f"Content-Type: {type}", pieces=MANY)
    # The answer may be lost where the line was closed on what was still sent.
    assert status in (0, 400, 401, 413)
    assert server.memory_mb() - before < 50
    assert ask(server, "GET /healthz") == 200


def test_the_websocket_opens_for_our_own_origin_alone(server: AppServer) -> None:
    own = f"http://127.0.0.1:{server.port}"
    stream = "GET /_stcore/stream"
    for origin in (
        *(EVIL, "null", f"https://127.0.0.1:{server.port}", "http://127.0.0.1:1", f"{own}/"),
        *(f"{own}@evil.example", f"{own}.evil.example", "https://x.streamlit.app", "file://"),
    ):
        assert ask(server, stream, *UPGRADE, f"Origin: {origin}") == 403, origin
    assert ask(server, stream, *UPGRADE) == 403
    assert ask(server, stream, *UPGRADE, "OWN") == 101
    assert ask(server, stream, *UPGRADE, "OWN", "OWN") in (400, 403)
    assert ask(server, stream, *UPGRADE, "Host: evil.example", f"Origin: {EVIL}") == 403
    assert ask(server, "PUT /_stcore/upload_file/a/b", "OWN") == 403, "without an XSRF token"


@pytest.mark.parametrize(
    "path",
    [
        *("/app/static/../main.py", "/app/static/%2e%2e/main.py", "/app/static/..%5cmain.py"),
        *("/app/static/fonts/..%2f..%2fmain.py", "/app/static//etc/passwd", "/app/static/%2fetc"),
        *("/media/../../etc/passwd", "/tagger/x/0/../../main.py", "/app/static/%5c%5chost%5cc"),
        *("/component/x/../../etc/passwd", "/_stcore/bidi-components/x/../../etc/passwd"),
        *("/app/static/fonts/CON", "/app/static/fonts2/x", "/app/static/fonts/x%00.woff2"),
    ],
)
def test_no_path_leads_out_of_what_is_served(server: AppServer, path: str) -> None:
    assert ask(server, f"GET {path}") in (400, 404)
