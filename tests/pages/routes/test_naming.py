"""Examples taken from the text while one labels, and labels with their examples for the tagger."""

from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import gate, naming, routes
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.knowledge import examples
from storage.types import Document

LONG = "Nothing. " * 60 + "Then <b>Ada</b> met Bob! " + "Nothing. " * 60
START = LONG.index("Ada")


@pytest.fixture
def project(db: Database) -> int:
    made = projects.create_project(db, "news").id
    projects.add_labels(db, made, ["PER"])
    documents.add_documents(db, made, [Document("Ada met Bob."), Document(LONG)], "ada")
    return made


@pytest.fixture
def keep(db: Database, project: int) -> Callable[..., tuple[int, dict]]:
    client = TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501")

    def keep(document: int, **fields) -> tuple[int, dict]:
        said = {"start": 0, "end": 3, "kind": "positive", "label": "PER", "reason": ""}
        body = {"token": gate.sign("ada", project), "document": document, **said, **fields}
        answer = client.post("/api/examples", json=body)
        return answer.status_code, answer.json()

    return keep


def test_what_is_selected_becomes_an_example_beside_the_text(
    db: Database, project: int, keep: Callable[..., tuple[int, dict]]
) -> None:
    first, long = documents.list_ids(db, project)
    assert keep(first, kind="negative", reason="No <i>title</i>")[0] == 200
    status, body = keep(long, start=START, end=START + 3)
    assert (status, body["labels"]) == (200, naming.described(projects.get_project(db, project)))
    newest, other = body["labels"][0]["examples"]
    assert newest["parts"] == ["Then <b>", "Ada", "</b> met Bob! "]
    assert (other["kind"], other["reason"]) == ("negative", "No <i>title</i>")
    ((_, kept),) = examples.of_project(db, project).values()
    assert (kept.text, kept.quote, kept.document) == ("Then <b>Ada</b> met Bob! ", "Ada", long)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"label": "ORG"}, 404),
        ({"kind": "maybe"}, 400),
        ({"start": True}, 400),
        ({"start": 3, "end": 99}, 400),
        ({"start": -1}, 400),
        ({"reason": "a" * 2_001}, 400),
        ({"document": 99}, 404),
    ],
)
def test_what_is_no_example_is_refused(
    db: Database, project: int, keep: Callable[..., tuple[int, dict]], fields: dict, status: int
) -> None:
    first = documents.list_ids(db, project)[0]
    assert keep(**{"document": first} | fields)[0] == status
    assert examples.of_project(db, project) == {}


def test_work_of_an_older_version_is_known_as_such_until_it_is_confirmed(
    db: Database, project: int
) -> None:
    first = documents.list_ids(db, project)[0]

    def confirm() -> None:
        work = annotations.open_annotation(db, first, "ada")
        edit = {"seq": work.revision + 1, "base_revision": work.revision, "kind": "status"}
        batch = [edit | {"status": "done"}]
        annotations.apply_operations(db, project, first, "ada", "tab", batch)

    confirm()
    assert not annotations.open_annotation(db, first, "ada").is_behind
    projects.set_guideline(db, project, "New")
    assert annotations.open_annotation(db, first, "ada").is_behind
    confirm()
    assert not annotations.open_annotation(db, first, "ada").is_behind
