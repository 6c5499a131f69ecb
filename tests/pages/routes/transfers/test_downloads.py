"""What was exported is sent to who made it, under its name, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.access import guard
from pages.routes import origins
from pages.routes.transfers import downloads as served
from storage.database import settings
from storage.database.connection import Database
from storage.transfers.downloads import downloads

ADDRESS = "http://127.0.0.1:8501"


@pytest.fixture
def client(db: Database) -> Iterator[TestClient]:
    app = Starlette(routes=served.routes(), middleware=[*origins.middleware(), *guard.middleware()])
    with TestClient(app, base_url=ADDRESS, client=("127.0.0.1", 50_000)) as client:
        yield client
    downloads.stop()


@pytest.mark.parametrize("name", ["news.csv", 'a"; x=../b\r\n.csv', "Zeitung – 新聞.jsonl"])
def test_a_file_is_sent_as_bytes_under_its_name(
    client: TestClient, db: Database, name: str
) -> None:
    made = downloads.make(settings.annotator(db), name)
    made.path.write_bytes(b"<script>x</script>")
    answer = client.get(served.address(made.id))
    assert (answer.status_code, answer.content) == (200, b"<script>x</script>")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_not_there_or_anothers_is_not_found(client: TestClient) -> None:
    theirs = downloads.make("somebody else", "news.csv")
    for id in (theirs.id, "0" * 32, "lock", "..%2f..%2fwhetstone.db", "%2e%2e"):
        assert client.get(served.address(id)).status_code == 404
    host = {"Host": "evil.example"}
    assert client.get(served.address(theirs.id), headers=host).status_code == 403
