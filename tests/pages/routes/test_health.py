"""Whether the server says how it is: at once, and with the reason where it is not well."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import routes
from storage import home as homes
from storage.corpus import projects
from storage.database.connection import PATIENCE, Database
from tests.storage.damage import damage


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as client:
        yield client


def test_it_is_ok_while_the_database_answers(db: Database, client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "home": homes.mark()})


@pytest.mark.parametrize("state", ["no database", "damaged"])
def test_it_fails_with_the_reason(db: Database, home: Path, client: TestClient, state: str) -> None:
    projects.create_project(db, "News")
    db.close()
    if state == "damaged":
        damage(home / "whetstone.db", "projects")
        with pytest.raises(Exception, match="is damaged"):
            projects.list_projects(db)
    else:
        (home / "whetstone.db").unlink()
        (home / "whetstone.db").write_bytes(b"not a database" * 100)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failed" and "is damaged" in answer.json()["error"]


def test_it_answers_promptly_while_the_database_is_locked(
    db: Database, home: Path, client: TestClient
) -> None:
    db.close()
    with closing(sqlite3.connect(home / "whetstone.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        answer = client.get("/healthz")
        waited = time.monotonic() - begun
    assert answer.status_code == 503
    assert "try again" in answer.json()["error"]
    assert waited < PATIENCE / 2, "an edit waits its turn, a question after health does not"
