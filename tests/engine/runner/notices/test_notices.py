"""Alarms are sent by real servers of this computer: each once, and again later where it failed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from engine.runner.notices import delivery, email
from engine.system import web
from storage import home
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError
from storage.monitors import alarms, monitors
from storage.monitors.alarms import SendingState, StoredAlarm
from storage.monitors.monitors import Watching
from storage.runs import runs

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
NOW = datetime(2999, 1, 1, tzinfo=UTC)
HOSTILE = "app\r\nBcc: eve@example.org"


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    with closing(Database.open()) as database:
        yield database


class Inbox:
    """An SMTP server's handler that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(envelope.content)
        return self.answers.pop() if self.answers else "250 OK"


def free_port() -> int:
    """Return a port of this computer that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A server that wants the password "secret"."""
    handler = Inbox()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any):
        return AuthResult(success=data.password == b"secret")

    port = free_port()
    controller = Controller(
        handler, "127.0.0.1", port, authenticator=check, auth_required=True, auth_require_tls=False
    )
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def hook() -> Iterator[tuple[list[tuple[str, dict]], list[int], str]]:
    """A web server: what it got, what it answers next (else 200), where it is."""
    got: list[tuple[str, dict]] = []
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["Idempotency-Key"], json.loads(body)))
            self.send_response(answers.pop(0) if answers else 200)
            self.send_header("Location", "file:///etc/passwd")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield got, answers, f"http://127.0.0.1:{server.server_port}/alarms"
    server.shutdown()
    server.server_close()


def alarm(db: Database, channel: str, target: str) -> int:
    project = projects.create_project(db, "Topics", "classes").id
    run = runs.create_run(db, project, {}).id
    made = monitors.create(db, project, "reviews", Watching("/tmp/a.csv", run)).id
    found = StoredAlarm("surge", HOSTILE, "", date(2026, 11, 26), 40, 9.5, 0.0001, "Many <b>.")
    return alarms.add(db, made, [found], [(channel, target)])[0].id


def test_a_letter_arrives_once_with_its_reason(db: Database, inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    server = email.Server("127.0.0.1", port, "none", "ada", "whetstone@example.org")
    email.choose(db, server, "secret")
    alarm(db, "email", "bob@example.org")
    assert (delivery.deliver(db, NOW), delivery.deliver(db, NOW)) == (1, 0)
    (raw,) = handler.letters
    letter = message_from_bytes(raw, policy=policy.default)
    assert letter["To"] == "bob@example.org" and letter["Bcc"] is None
    assert "surge on 2026-11-26" in letter["Subject"] and letter["Message-ID"]
    assert "Many <b>." in letter.get_content()


def test_what_a_server_does_not_take_is_told_and_tried_again_later(
    db: Database, inbox: tuple[Inbox, int]
) -> None:
    handler, port = inbox
    handler.answers.append("451 The disk is full")
    email.choose(db, email.Server("127.0.0.1", port, "none", "ada", "w@example.org"), "secret")
    number = alarm(db, "email", "bob@example.org")
    assert delivery.deliver(db, NOW) == 0
    (sending,) = alarms.get(db, number).sendings
    assert sending.state is SendingState.FAILED and "disk is full" in sending.message
    assert delivery.deliver(db, NOW + timedelta(seconds=59)) == 0
    assert delivery.deliver(db, NOW + timedelta(seconds=61)) == 1
    assert len(handler.letters) == 2


def test_the_password_is_in_a_file_of_its_own(db: Database) -> None:
    email.choose(db, email.Server("mail.example.org", sender="w@example.org"), "hunter2")
    path = home.folder() / email.PASSWORD_FILE
    assert path.read_text() == "hunter2" and path.stat().st_mode & 0o777 == 0o600
    assert b"hunter2" not in db.path.read_bytes()
    assert email.password() == "hunter2"
    email.choose(db, email.server(db), "")
    assert not path.exists() and not email.has_password()


@pytest.mark.parametrize(
    "wrong",
    [{"host": "a b"}, {"security": "hope"}, {"port": 0}, {"sender": "nobody"}],
)
def test_a_server_that_is_none_is_refused(db: Database, wrong: dict) -> None:
    good = email.Server("mail.example.org", sender="w@example.org")
    with pytest.raises(InputError):
        email.choose(db, replace(good, **wrong))


def test_a_webhook_gets_an_alarm_once(db: Database, hook: tuple) -> None:
    got, answers, url = hook
    answers += [500, 302]
    number = alarm(db, "webhook", url)
    for seconds in (0, 61, 400):
        delivery.deliver(db, NOW + timedelta(seconds=seconds))
    assert delivery.deliver(db, NOW + timedelta(days=9)) == 0
    assert len(got) == 3 and len({key for key, _ in got}) == 1
    told = got[-1][1]
    assert (told["topic"], told["count"], told["expected"]) == (HOSTILE, 40, 9.5)
    assert {each.state for each in alarms.get(db, number).sendings} == {SendingState.SENT}


def test_nobody_there_is_told(db: Database) -> None:
    number = alarm(db, "webhook", "http://127.0.0.1:9/")
    assert delivery.deliver(db, NOW) == 0
    assert "refused" in alarms.get(db, number).sendings[0].message.lower()


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "ftp://a/", "http://", "http://a/\n", "http://a:99999999/"]
)
def test_only_addresses_of_the_web_are_asked(url: str) -> None:
    with pytest.raises(InputError):
        web.check(url)
