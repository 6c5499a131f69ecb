"""The save route takes edits from our own pages only, each once, and says why it refuses one."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import edits, gate, origins, routes
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import RefusedError
from storage.home import lock
from storage.journal import annotations
from storage.types import Document, Status
from tests.storage.database.test_processes import check_file

ADDRESS = "http://127.0.0.1:8501"
TEXT = "👩‍🚒 Ada met Bob in São Paulo."


@pytest.fixture
def document(db: Database) -> int:
    """A document with one emoji family before its first name, in a project with two labels."""
    project = projects.create_project(db, "news")
    projects.add_labels(db, project.id, ["PER", "LOC"])
    documents.add_documents(db, project.id, [Document(TEXT)], "ada")
    return documents.list_ids(db, project.id)[0]


@pytest.fixture
def client(db: Database) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), base_url=ADDRESS) as client:
        yield client


def add(seq: int = 1, base: int = 0, quote: str = "Ada", label: str = "PER", **fields) -> dict:
    start = TEXT.index(quote) if quote in TEXT else 0
    span = {"id": f"s{seq}", "start": start, "end": start + len(quote), "label": label}
    span = {**span, "quote": quote, **fields}
    return {"seq": seq, "base_revision": base, "kind": "add", "span": span}


def batch(document: int, *operations: dict, project: int = 1, **fields) -> dict:
    token = gate.sign("ada", project)
    sent = {"token": token, "document": document, "client": "tab", "operations": operations}
    return {**sent, **fields}


def post(client: TestClient, body: dict, **headers: str):
    return client.post("/api/edits", json=body, headers=headers)


def stored(db: Database, document: int) -> list[str]:
    annotation = annotations.open_annotation(db, document, "ada")
    return [TEXT[span.start : span.end] for span in annotation.spans]


def test_an_edit_is_in_the_database_when_it_is_answered(client, db, document) -> None:
    answer = post(client, batch(document, add(quote="Ada"), add(2, 1, "São Paulo", "LOC")))
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json()["results"]] == ["saved", "saved"]
    assert answer.json()["revision"] == answer.json()["state"]["revision"] == 2
    assert stored(db, document) == ["Ada", "São Paulo"]


def test_the_state_in_the_answer_can_be_undone(client, document) -> None:
    state = post(client, batch(document, add())).json()["state"]
    undo = {"seq": 2, "base_revision": 1, **state["undo"][-1]["inverse"], "undoes": "tab:1"}
    after = post(client, batch(document, undo)).json()["state"]
    assert (after["spans"], after["status"]) == ([], Status.UNTOUCHED)
    assert [step["op"] for step in after["redo"]] == ["tab:1"]


def test_an_edit_that_is_sent_again_is_answered_as_before_and_applied_once(
    client, db, document
) -> None:
    post(client, batch(document, add()))
    answer = post(client, batch(document, add()))
    assert answer.status_code == 200
    assert answer.json()["results"][0] == {
        "seq": 1,
        "status": "duplicate",
        "revision": 1,
        "reason": "",
    }
    assert stored(db, document) == ["Ada"]


def test_an_edit_on_an_older_revision_is_a_conflict_that_comes_with_the_state(
    client, db, document
) -> None:
    post(client, batch(document, add()))
    answer = post(client, batch(document, add(1, 0, "Bob"), client="other tab"))
    assert answer.status_code == 409
    assert answer.json()["results"][0]["status"] == "conflict"
    assert [span["id"] for span in answer.json()["state"]["spans"]] == ["s1"]
    assert "changed in another tab" in answer.json()["error"]
    assert stored(db, document) == ["Ada"]


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (add(quote="Eve"), 'reads "👩‍🚒", not "Eve"'),
        (add(end=400), "The span ends at 400 but the text has 29 characters."),
        (add(label="ORG"), "The project has no label 'ORG'"),
        (add(start=4, end=4, quote=""), "holds nothing"),
    ],
)
def test_a_refused_edit_says_why_in_words(client, db, document, operation, reason) -> None:
    answer = post(client, batch(document, operation))
    assert answer.status_code == 422
    assert reason in answer.json()["error"]
    assert answer.json()["state"]["revision"] == 0
    assert stored(db, document) == []


def test_what_comes_before_a_refused_edit_is_kept(client, db, document) -> None:
    answer = post(client, batch(document, add(), add(2, 1, quote="Eve"), add(3, 2, "Bob")))
    assert [result["status"] for result in answer.json()["results"]] == ["saved", "refused"]
    assert stored(db, document) == ["Ada"]


@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken(client, document, type) -> None:
    body = json.dumps(batch(document, add())).encode()
    answer = client.post("/api/edits", content=body, headers={"Content-Type": type})
    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_taken(client, method) -> None:
    assert client.request(method, "/api/edits").status_code == 405


def test_a_body_over_the_limit_is_refused_whatever_its_header_says(client, document) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b" " * 400_000

    headers = {"Content-Type": "application/json"}
    assert client.post("/api/edits", content=chunks(), headers=headers).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"token": NaN}',
        b"[" * 100_000,
        b'{"token": "\\ud83d", "document": 1, "client": "c", "operations": [{"seq": 1}]}',
        b'{"token": "TOKEN", "document": true, "client": "c", "operations": [{"seq": 1}]}',
        b'{"token": "TOKEN", "document": 1, "client": 2, "operations": [{"seq": 1}]}',
        b'{"token": "TOKEN", "document": 1, "client": "a\\u0000b", "operations": [{"seq": 1}]}',
        b'{"token": "TOKEN", "document": 1, "client": "CCCC", "operations": [{"seq": 1}]}',
        b'{"token": "TOKEN", "document": 1, "client": "c", "operations": []}',
        b'{"token": "TOKEN", "document": 1, "client": "c", "operations": [1]}',
        b'{"token": "TOKEN", "document": 1, "client": "c", "operations": [{"seq": "1"}]}',
        b'{"token": "TOKEN", "document": 1, "client": "c", "operations": [{"seq": 1}, {"seq": 1}]}',
    ],
)
def test_a_malformed_body_is_refused_in_one_sentence(client, document, body) -> None:
    headers = {"Content-Type": "application/json"}
    body = body.replace(b"TOKEN", gate.sign("ada", 1).encode())
    body = body.replace(b"CCCC", b"c" * 900_000)
    answer = client.post("/api/edits", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("reload the page.")


def test_a_token_names_its_annotator_and_project() -> None:
    assert gate.verify(gate.sign("Zoë 🦊", 7)) == ("Zoë 🦊", 7)


def test_a_token_outlives_the_process_but_not_the_secret(home, db: Database) -> None:
    token = gate.sign("ada", 1)
    assert gate.verify(token) == ("ada", 1)
    (home / "secret").unlink()
    with pytest.raises(RefusedError):
        gate.verify(token)


def test_a_token_of_one_database_is_not_good_in_another_of_the_same_home(db: Database) -> None:
    token = gate.sign("ada", 1)
    settings.put(db, "identity", "another")
    with pytest.raises(RefusedError, match="not valid here"):
        gate.verify(token)
    with pytest.raises(RefusedError, match="not valid here"):
        gate.renew(token)


FORGED = base64.urlsafe_b64encode(b'{"annotator":"eve","project":2}').decode().rstrip("=")


@pytest.mark.parametrize(
    "form",
    [
        "",
        "x",
        FORGED + ".{age}.{seal}",
        "{payload}.{age}.",
        "{payload}.{seal}",
        "{payload}.AAAAAA.{seal}",
        "{payload}.{age}.{seal}.{seal}",
        "{payload}!.{age}.{seal}",
        "{payload}.{age}.é",
    ],
)
def test_a_forged_token_is_refused(client, db, document, form) -> None:
    payload, age, seal = gate.sign("ada", 1).split(".")
    forged = form.format(payload=payload, age=age, seal=seal)
    answer = post(client, batch(document, add(), token=forged))
    assert answer.status_code == 401
    assert "reload the page" in answer.json()["error"]
    assert stored(db, document) == []
    renewal = client.post("/api/token", json={"token": gate.sign("ada", 1), "stale": forged})
    assert renewal.status_code == 401


def test_a_token_is_taken_for_a_week_and_then_renewed(client, db, document, monkeypatch) -> None:
    token = gate.sign("ada", 1)
    assert post(client, batch(document, token=token, operations=[add()])).status_code == 200
    eight_days_later = time.time() + timedelta(days=8).total_seconds()
    monkeypatch.setattr(time, "time", lambda: eight_days_later)
    answer = post(client, batch(document, add(2, 1, "Bob"), token=token))
    assert (answer.status_code, answer.json()["expired"]) == (401, True)
    assert "more than a week old: reload the page" in answer.json()["error"]
    alone = client.post("/api/token", json={"token": token, "stale": token})
    assert alone.status_code == 401, "an old token renews itself only beside a new one"
    sent = {"token": gate.sign("eve", 7), "stale": token}
    renewed = client.post("/api/token", json=sent).json()["token"]
    assert gate.verify(renewed) == ("ada", 1)
    assert renewed.split(".")[0] == token.split(".")[0], "edits are kept under what is the same"


def test_edits_that_wait_since_0_3_are_delivered_under_a_renewed_token(home) -> None:
    payload = gate.sign("ada", 1).split(".")[0]
    seal = hmac.new((home / "secret").read_bytes(), payload.encode(), hashlib.sha256).digest()
    old = f"{payload}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"
    with pytest.raises(RefusedError):
        gate.verify(old)
    assert gate.verify(gate.renew(old)) == ("ada", 1)


def test_the_secret_is_private_to_its_owner(home, db: Database) -> None:
    gate.sign("ada", 1)
    assert (home / "secret").stat().st_mode & 0o777 == 0o600


def test_a_token_of_one_project_does_not_open_another_ones_documents(client, db, document) -> None:
    other = projects.create_project(db, "sports")
    answer = post(client, batch(document, add(), project=other.id))
    assert answer.status_code == 404
    assert stored(db, document) == []


def test_a_busy_database_asks_the_client_to_try_again(
    client, db, document, home, monkeypatch
) -> None:
    hurried = Database.open(patience=0.1)
    monkeypatch.setattr(edits, "database", lambda: hurried)
    with lock(home / "write.lock"):
        answer = post(client, batch(document, add()))
    assert answer.status_code == 503
    assert "try again" in answer.json()["error"]
    assert post(client, batch(document, add())).status_code == 200
    hurried.close()


def test_a_foreign_page_changes_nothing_of_what_was_saved_and_ours_goes_on(
    db, document, home
) -> None:
    app = Starlette(routes=routes(), middleware=origins.middleware())
    with TestClient(app, base_url=ADDRESS) as client:
        assert post(client, batch(document, add()), Origin=ADDRESS).status_code == 200
        forged = batch(document, add(2, 1, "Bob"))
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {}):
            answer = post(client, forged, **headers)
            assert answer.status_code == 403 and "\n" not in answer.text.strip()
            assert stored(db, document) == ["Ada"]
        check_file(home)
        assert post(client, forged, Origin=ADDRESS).status_code == 200
    assert stored(db, document) == ["Ada", "Bob"]
