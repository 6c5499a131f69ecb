"""The login page lets in whoever knows a password, says nothing to others, and slows guessing."""

from __future__ import annotations

import pytest

from engine.system.pace import Pace
from pages.access import login, oidc, session
from pages.access.limits import BY_ACCOUNT, BY_ADDRESS, BY_BOTH, WINDOW_SECONDS, Attempts
from pages.routes import gate
from storage.accounts import accounts, sessions
from storage.database.connection import Database
from storage.permissions import Role
from tests.pages.access.conftest import SECRET, Browser, begin


def sign_in(client, name: str = "Ada", password: str = SECRET, next: str = "/report?run=1"):
    return client.post("/login", data={"name": name, "password": password, "next": next})


def test_a_password_opens_a_session_whose_cookie_no_script_reads(browser: Browser, db, people):
    client = browser()
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/report?run=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie and "Max-Age" not in cookie
    assert client.get("/report").text == "in"
    assert client.get("/login?next=/tag").headers["location"] == "/tag"
    secure = sign_in(browser(base_url="https://127.0.0.1:8501"))
    assert "Secure" in secure.headers["set-cookie"]


def test_what_the_browser_had_before_ends(browser: Browser, db: Database, people) -> None:
    planted = begin(db, "Ada")
    client = browser(planted)
    assert sign_in(client, "Bob").headers["set-cookie"].split("=")[1][:43] != planted
    assert sessions.find(db, planted) is None


@pytest.mark.parametrize(
    ("name", "password"), [("Ada", "wrong"), ("Eve", SECRET), ("", ""), ("<b>\0\u202e", "\ud7ff")]
)
def test_a_wrong_one_does_not_and_the_answer_is_the_same(
    browser: Browser, people, name: str, password: str
) -> None:
    answer = sign_in(browser(), name, password)
    assert answer.status_code == 401 and login.WRONG in answer.text
    assert session.COOKIE not in answer.headers.get("set-cookie", "")
    assert "<b>" not in answer.text


def test_the_page_needs_no_script_and_lets_none_run(browser: Browser, people) -> None:
    answer = browser().get('/login?next="><script>alert(1)</script>')
    assert answer.status_code == 200 and "<script" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert answer.headers["cache-control"] == "no-store"
    named = sign_in(browser(), '"><img src=x onerror=alert(1)>', "x")
    assert "<img" not in named.text


def test_a_connection_that_others_can_read_is_called_so(browser: Browser, people) -> None:
    for address, base, private in (
        ("127.0.0.1", "http://127.0.0.1:8501", True),
        ("192.0.2.7", "https://label.example", True),
        ("192.0.2.7", "http://label.example", False),
    ):
        page = browser(address=address, base_url=base).get("/login").text
        assert ("not encrypted" not in page) is private


def test_what_is_no_form_of_ours_is_not_read(browser: Browser, people) -> None:
    client = browser()
    for options in (
        {"json": {"name": "Ada", "password": SECRET}},
        {"data": {"name": "Ada", "password": "x" * login.LARGEST_BODY}},
        {"files": {"name": b"Ada", "password": SECRET.encode()}},
        {"content": b"name=Ada&" + b"a=b&" * 20, "headers": {"Content-Type": login.FORM}},
        {"content": b"\xff\xfe", "headers": {"Content-Type": login.FORM}},
    ):
        assert client.post("/login", **options).status_code == 400


def test_guessing_is_slowed_down_and_the_right_password_too(browser: Browser, people) -> None:
    client = browser()
    for _ in range(BY_BOTH):
        assert sign_in(client, "Ada", "wrong").status_code == 401
    refused = sign_in(client)
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 901
    assert "wait 15 minutes" in refused.text
    assert sign_in(client, "Bob").status_code == 303
    assert sign_in(browser(address="192.0.2.1")).status_code == 303


def test_tries_are_counted_by_account_by_address_and_by_both() -> None:
    tries = Attempts()
    assert not any(tries.begin("ada", f"10.0.0.{n}", at=0) for n in range(BY_ACCOUNT))
    assert tries.begin(" ADA ", "10.0.1.1", at=10) == WINDOW_SECONDS - 10
    assert not tries.begin("ada", "10.0.1.1", at=WINDOW_SECONDS)
    assert not any(tries.begin(f"name {n}", "10.9.9.9", at=0) for n in range(BY_ADDRESS))
    assert tries.begin("another", "10.9.9.9", at=1)
    tries.begin("bob", "10.0.0.1", at=0)
    tries.succeeded("bob", "10.0.0.1")
    assert not any(tries.begin("bob", f"10.7.0.{n}", at=0) for n in range(BY_ACCOUNT))
    assert tries.begin("bob", "10.8.0.1", at=1)
    assert not tries.begin("bob", "10.0.0.1", at=1), (
        "where Bob signed in before he is not locked out"
    )


def test_other_spellings_of_a_name_are_no_more_tries() -> None:
    tries = Attempts()
    # All of them are Ada to who looks for her account: full width, a script's letters, in bold.
    spellings = ("Ada", "ａｄａ", "𝓐𝓭𝓪", "𝐀𝐝𝐚", "Ａda")
    assert not any(tries.begin(spellings[n % 5], f"10.0.0.{n}", at=0) for n in range(BY_ACCOUNT))
    assert tries.begin("aᵈa", "10.0.1.1", at=0)


def test_a_program_that_runs_wild_is_asked_to_wait(
    browser: Browser, db: Database, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "pace", Pace(per_second=0.001, at_once=3))
    client = browser(begin(db, "Ada"))
    statuses = [client.post("/api/labels", json={}).status_code for _ in range(4)]
    assert statuses == [400, 400, 400, 429]
    assert browser(begin(db, "Bob")).post("/api/labels", json={}).status_code == 400


def test_who_a_provider_vouches_for_needs_an_account(
    browser: Browser, db: Database, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(db, "eve@example.org", Role.ANNOTATOR)
    monkeypatch.setattr(oidc, "is_configured", lambda: True)
    monkeypatch.setattr(oidc, "providers", lambda: {"okta": "auth/login?provider=x"})
    client = browser()
    assert "Sign in with Okta" in client.get("/login").text
    assert client.get("/oauth2callback").status_code == 200, "it is Streamlit's to look at"
    monkeypatch.setattr(oidc, "vouched", lambda _: "mallory@example.org")
    refused = client.get("/login")
    assert refused.status_code == 403 and "mallory@example.org may not sign in here" in refused.text
    monkeypatch.setattr(oidc, "vouched", lambda _: "Eve@Example.org")
    answer = client.get("/login?next=/tag")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tag")
    assert client.get("/tag").status_code == 200
