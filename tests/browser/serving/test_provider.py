"""Signing in by a real provider, from the login page and back: the account says the role."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from pages.access import session
from storage.accounts import accounts
from storage.database.connection import Database
from storage.permissions import Role
from tests.browser.server import ROOT, AppServer, ForkedServer
from tests.browser.serving.doors import Visitor

# Streamlit's `st.login` needs it: `make test` has it, an installation without the extra has not.
pytest.importorskip("authlib")
PEOPLE = {"ada@example.org": Role.ADMIN, "cyd@example.org": Role.REVIEWER}
CLIENT = "whetstone"


@dataclass
class Provider:
    """Whoever comes is who ``email`` says; the answer is signed as providers sign it."""

    claims: dict[str, object] = field(default_factory=dict)
    url: str = ""
    nonce: str = ""
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def told(self, path: str, query: dict[str, list[str]]) -> tuple[int, str, bytes]:
        """Return status, address to go on to and body."""
        if path == "/authorize":
            self.nonce = query["nonce"][0]
            back = urlencode({"code": "c", "state": query["state"][0]})
            return 302, f"{query['redirect_uri'][0]}?{back}", b""
        return 200, "", json.dumps(self._answers()[path]).encode()

    def _answers(self) -> dict[str, object]:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
        }
        numbers = self.key.public_key().public_numbers()
        public = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1"}
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                **{name: f"{self.url}/{place}" for name, place in places.items()},
            },
            "/token": {"access_token": "a", "token_type": "Bearer", "id_token": self._signed()},
            "/keys": {"keys": [{**public, "n": _number(numbers.n), "e": _number(numbers.e)}]},
        }

    def _signed(self) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60}
        claims |= {"nonce": self.nonce, **self.claims}
        parts = [{"alg": "RS256", "kid": "1", "typ": "JWT"}, claims]
        said = b".".join(_base64(json.dumps(part).encode()) for part in parts)
        seal = self.key.sign(said, padding.PKCS1v15(), hashes.SHA256())
        return (said + b"." + _base64(seal)).decode()


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            status, on, body = found.told(where.path, parse_qs(where.query))
            self.send_response(status)
            if on:
                self.send_header("Location", on)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppServer]:
    home = tmp_path / "served"
    home.mkdir(mode=0o700)
    with closing(Database.open(f"sqlite:///{home / 'whetstone.db'}")) as db:
        for name, role in PEOPLE.items():
            accounts.add(db, name, role)
    found = ForkedServer(ROOT / "app.py", home)
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "{found.url}/oauth2callback"\n'
        f'cookie_secret = "{"x" * 40}"\nclient_id = "{CLIENT}"\nclient_secret = "s"\n'
        f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
    )
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
    found.start()
    yield found
    found.end()


def come(server: AppServer) -> tuple[str, Visitor]:
    """Go the way from the login page by the provider; return what was said at its end."""
    cookies = CookieJar()
    opener = build_opener(HTTPCookieProcessor(cookies))

    def get(address: str) -> str:
        try:
            with opener.open(Request(address, headers={"Accept": "text/html"}), timeout=60) as told:
                return told.read().decode()
        except HTTPError as error:
            return error.read().decode()

    page = get(f"{server.url}/login")
    way = re.search(r'href="(/auth/login[^"]*)"', page)
    assert way, page
    said = get(server.url + html.unescape(way[1]))
    kept = {each.name: each.value or "" for each in cookies}
    return said, Visitor(server.url, kept.get(session.COOKIE, ""))


def test_each_comes_in_by_the_provider_in_the_role_of_their_account(
    server: AppServer, provider: Provider
) -> None:
    for email, role in PEOPLE.items():
        provider.claims = {"email": email, "email_verified": True}
        _, visitor = come(server)
        shown = visitor.open("settings")
        assert shown.says(f"**, {role}")
        assert shown.says("who may not") is (role is not Role.ADMIN)
    for claims, words in (
        ({"email": "eve@example.org", "email_verified": True}, "may not sign in here"),
        ({"email": "ada@example.org", "email_verified": False}, "does not count as yours"),
        ({"email": "\uff41da@example.org", "email_verified": True}, "may not sign in here"),
    ):
        provider.claims = claims
        said, visitor = come(server)
        assert words in said and not visitor.token
