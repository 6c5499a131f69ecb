"""What stands before every request and message: sessions end at once, wherever they are open."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.access import guard, places, session
from pages.routes import gate
from storage.accounts import accounts, sessions
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import DamagedError
from storage.permissions import Role
from tests.pages.access.conftest import Browser, begin

STREAM = "/_stcore/stream"
ENDINGS = {
    "demoted": lambda db, token: accounts.set_role(db, "Bob", Role.ADMIN),
    "removed": lambda db, token: accounts.remove(db, "Bob"),
    "signed out": lambda db, token: sessions.end(db, token),
    "new password": lambda db, token: accounts.set_password(db, "Bob", "another long one"),
}


def click(auto: bool = False) -> bytes:
    """A click on a part of a page, as a browser sends it."""
    message = BackMsg()
    message.rerun_script.page_script_hash = "page"
    message.rerun_script.query_string = "project=1"
    message.rerun_script.fragment_id = "part"
    message.rerun_script.is_auto_rerun = auto
    message.rerun_script.widget_states.widgets.add(id="delete", trigger_value=True)
    return message.SerializeToString()


def stream(client: TestClient, **headers: str):
    """Open a WebSocket under the name that the browser calls this server by."""
    address = str(client.base_url).replace("http", "ws", 1)
    return client.websocket_connect(address.rstrip("/") + STREAM, headers=headers)


def is_in(client: TestClient) -> bool:
    try:
        with stream(client):
            return True
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_open_session_that_was_ended_can_do_nothing_more(
    browser: Browser, db: Database, people, ending: str
) -> None:
    token = begin(db, "Bob")
    client = browser(token)
    project = projects.create_project(db, "news").id
    body = {"token": gate.sign("Bob", project)}
    with stream(client) as socket:
        socket.receive_text()
        socket.send_bytes(click())
        assert socket.receive_bytes() == click()
        assert client.post("/api/labels", json=body).status_code == 400
        ENDINGS[ending](db, token)
        socket.send_bytes(click())
        left = BackMsg.FromString(socket.receive_bytes()).rerun_script
        assert left.page_script_hash == "page"
        assert not (left.fragment_id or left.widget_states.widgets or left.query_string)
        for field in ("clear_cache", "set_run_on_save", "file_urls_request"):
            message = BackMsg()
            value = getattr(message, field)
            if isinstance(value, bool):
                setattr(message, field, True)
            else:
                value.SetInParent()
            socket.send_bytes(message.SerializeToString())
        beat = BackMsg(app_heartbeat=True).SerializeToString()
        socket.send_bytes(beat)
        assert socket.receive_bytes() == beat, "all that was between is dropped"
    assert client.post("/api/labels", json=body).status_code == 401
    assert not is_in(client)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5_000, "%00"])
def test_a_forged_session_is_nobody_s(browser: Browser, db, people, token: str) -> None:
    begin(db, "Ada")
    client = browser(token)
    assert not is_in(client)
    assert client.get("/").status_code == 401


def test_a_session_that_nobody_uses_ends_though_its_page_asks_by_its_clock(
    browser: Browser, db: Database, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_800_000_000
    monkeypatch.setattr(sessions, "_now", lambda: now)
    client = browser(begin(db, "Bob"))
    with stream(client) as socket:
        socket.receive_text()
        now += 11 * 3600
        socket.send_bytes(click())
        assert socket.receive_bytes() == click()
        for _ in range(11):
            now += 3600
            socket.send_bytes(click(auto=True))
            assert socket.receive_bytes() == click(auto=True)
        now += 3600
        socket.send_bytes(click(auto=True))
        assert socket.receive_bytes() != click(auto=True)


def test_signing_in_that_is_switched_on_holds_for_open_pages_too(browser: Browser, db) -> None:
    client = browser()
    with stream(client) as socket:
        socket.receive_text()
        socket.send_bytes(click())
        assert socket.receive_bytes() == click()
        accounts.add(db, "Ada", Role.ADMIN, "correct horse battery")
        socket.send_bytes(click())
        assert socket.receive_bytes() != click()


def test_nobody_goes_on_with_another_s_session_of_streamlit(
    browser: Browser, db, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = begin(db, "Ada"), begin(db, "Bob")
    monkeypatch.setitem(session._owners, "ada-s", session._fingerprint(ada))
    for token, kept in ((ada, "streamlit, xsrf, ada-s"), (bob, "streamlit, xsrf")):
        with stream(browser(token), **{guard.PROTOCOL: "streamlit, xsrf, ada-s"}) as socket:
            assert socket.receive_text() == kept


@pytest.mark.parametrize(
    ("address", "host"),
    [("192.0.2.7", "127.0.0.1"), ("127.0.0.1", "label.example"), ("::ffff:192.0.2.7", "localhost")],
)
def test_without_accounts_only_this_computer_is_answered(
    browser: Browser, db, monkeypatch: pytest.MonkeyPatch, address: str, host: str
) -> None:
    client = browser(address=address, base_url=f"http://{host}:8501")
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 403 and "python -m engine users add" in answer.text
    assert not is_in(client)
    assert client.get("/healthz").status_code == 200
    monkeypatch.setenv(session.WITHOUT_LOGIN, "1")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "app.localhost"])
def test_without_accounts_this_computer_needs_no_sign_in(browser: Browser, db, host: str) -> None:
    client = browser(address="::1", base_url=f"http://{host}:8501")
    assert client.get("/").status_code == 200 and is_in(client)


def test_a_database_that_cannot_be_read_is_shown_to_this_computer_alone(
    browser: Browser, db, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise DamagedError("It is damaged.")

    monkeypatch.setattr(session, "is_required", fail)
    here, elsewhere = browser(), browser(address="192.0.2.7")
    assert here.get("/").status_code == 200
    refused = elsewhere.get("/")
    assert (refused.status_code, refused.text) == (503, "It is damaged.")


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", ""),
        *("javascript:alert(1)", "/login", "/login?next=/", "report", "/a\nb", "http:/x", "///x"),
        *("//[", "https://[", "//[::1"),
    ],
)
def test_after_signing_in_one_stays_on_this_server(address: str) -> None:
    assert places.within(address) == "/"


def test_after_signing_in_one_comes_where_one_wanted_to() -> None:
    for address in ("/report?run=1&split=test", "/", "/tag?document=3"):
        assert places.within(address) == address
