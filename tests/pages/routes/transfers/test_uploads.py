"""The upload routes take what our own pages send, in slices, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import gate, origins
from pages.routes.transfers import uploads as served
from storage.database.connection import Database
from storage.transfers.uploads import uploads

ADDRESS = "http://127.0.0.1:8501"


@pytest.fixture
def client(db: Database) -> Iterator[TestClient]:
    app = Starlette(routes=served.routes(), middleware=origins.middleware())
    with TestClient(app, base_url=ADDRESS, headers={"Origin": ADDRESS}) as client:
        yield client
    uploads.stop()


def ask(client: TestClient, name: str, status: int = 200, /, **fields) -> dict:
    answer = client.post(f"/api/uploads/{name}", json={"token": gate.sign("ada", 0), **fields})
    assert answer.status_code == status, answer.text
    return answer.json()


def send(client: TestClient, batch: str, number: int, offset: int, data: bytes, **changed):
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Whetstone-Token": gate.sign("ada", 0),
        "X-Whetstone-Batch": batch,
        "X-Whetstone-File": str(number),
        "X-Whetstone-Offset": str(offset),
    }
    changed = {name.replace("_", "-"): value for name, value in changed.items()}
    return client.post("/api/uploads/send", content=data, headers={**headers, **changed})


def begin(client: TestClient, *sizes: int) -> str:
    given = [{"name": f"{n}.txt", "size": size} for n, size in enumerate(sizes)]
    return ask(client, "begin", purpose="import", files=given)["batch"]


def test_a_file_comes_in_slices_and_a_lost_answer_is_made_good(client: TestClient) -> None:
    batch = begin(client, 6)
    assert send(client, batch, 1, 0, b"one").json() == {"received": 3}
    again = send(client, batch, 1, 0, b"one")
    assert (again.status_code, again.json()) == (409, {"received": 3})
    assert send(client, batch, 1, 3, b"two").json() == {"received": 6}
    (told,) = ask(client, "list", batch=batch)["files"]
    assert told == {"n": 1, "name": "0.txt", "size": 6, "received": 6}
    assert uploads.files(batch, "ada")[0].path.read_bytes() == b"onetwo"


def test_more_files_join_a_batch_and_leave_it(client: TestClient) -> None:
    batch = begin(client, 0, 0)
    given = [{"name": "c", "size": 1}]
    more = ask(client, "begin", purpose="import", batch=batch, files=given)
    assert (more["batch"], more["files"]) == (batch, [3])
    ask(client, "remove", batch=batch, files=[1, 3])
    assert [each["n"] for each in ask(client, "list", batch=batch)["files"]] == [2]


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (403, {"Origin": "http://evil.example"}),
        (403, {"Host": "evil.example"}),
        (415, {"Content_Type": "multipart/form-data"}),
        (401, {"X_Whetstone_Token": "forged"}),
        (404, {"X_Whetstone_Batch": "0" * 32}),
        (400, {"X_Whetstone_Batch": "../" + "0" * 29}),
        (400, {"X_Whetstone_Batch": ""}),
        (404, {"X_Whetstone_File": "2"}),
        (400, {"X_Whetstone_File": "../../whetstone.db"}),
        (400, {"X_Whetstone_File": "-1"}),
        (400, {"X_Whetstone_File": "9" * 99}),
        (400, {"X_Whetstone_Offset": "x"}),
    ],
)
def test_what_is_no_upload_of_ours_is_refused(
    client: TestClient, status: int, changed: dict
) -> None:
    batch = begin(client, 3)
    assert send(client, batch, 1, 0, b"one", **changed).status_code == status
    assert uploads.files(batch, "ada")[0].received == 0


def test_another_persons_batch_is_not_there(client: TestClient) -> None:
    batch = begin(client, 3)
    token = gate.sign("eve", 0)
    assert send(client, batch, 1, 0, b"one", X_Whetstone_Token=token).status_code == 404
    for name in ("list", "remove"):
        ask(client, name, 404, batch=batch, files=[1], token=token)


def test_what_is_larger_than_announced_or_than_a_slice_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begin(client, 3, 99)
    assert send(client, batch, 1, 0, b"four").status_code == 400
    monkeypatch.setattr(served, "LARGEST_SLICE", 8)
    monkeypatch.setattr(served, "PORTION", 4)
    assert send(client, batch, 2, 0, b"123456789").status_code == 413


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        [1],
        [{"name": "", "size": 1}],
        [{"name": "a"}],
        [{"name": "a", "size": -1}],
        [{"name": "a", "size": True}],
        [{"name": "a", "size": 1e99}],
        [{"name": "a", "size": 2**60}],
        [{"name": "a" * 5_000, "size": 1}],
        [{"name": 1, "size": 1}],
        [{"name": "a", "size": 0}] * 2_001,
    ],
)
def test_files_that_are_announced_badly_are_refused(client: TestClient, files) -> None:
    ask(client, "begin", 400, purpose="import", files=files)


@pytest.mark.parametrize("purpose", [None, "", "other", 7, ["import"]])
def test_files_for_nothing_that_there_is_are_refused(client: TestClient, purpose) -> None:
    ask(client, "begin", 400, purpose=purpose, files=[])


def test_files_for_one_thing_do_not_join_those_for_another(client: TestClient) -> None:
    batch = begin(client, 1)
    ask(client, "begin", 400, purpose="try", batch=batch, files=[])


def test_what_is_read_into_memory_has_a_limit_before_it_is_sent(client: TestClient) -> None:
    given = [{"name": "a.csv", "size": 51 * 1024**2}]
    said = ask(client, "begin", 400, purpose="match", files=given)["error"]
    assert "at most 50.0 MB are read here" in said
    ask(client, "begin", purpose="monitor", files=given)


def test_a_batch_is_named_by_nothing_that_could_be_a_path(client: TestClient, home: Path) -> None:
    for batch in ("../..", "", None, 7, "A" * 32, "0" * 33, "lock"):
        ask(client, "list", 400, batch=batch)
    assert (home / "whetstone.db").exists()
