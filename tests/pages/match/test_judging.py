"""What people say of an answer: a pair of the project, once, by an edit that undo takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import gate, routes
from storage.corpus import documents, projects, second_texts
from storage.database.connection import Database
from storage.types import Document, Project, Split

QUERY, ITEM = "Why <b>so</b>? 👍", "Because.\nReally."
Judge = Callable[..., dict]


@pytest.fixture
def project(db: Database) -> Project:
    made = projects.create_project(db, "help", "pairs")
    projects.add_labels(db, made.id, ["match", "no match"])
    return made


@pytest.fixture
def post(project: Project) -> Iterator[Judge]:
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as client:

        def post(route: str, status: int = 200, /, **fields: object) -> dict:
            body = {"token": gate.sign("ada", project.id), "client": "page", **fields}
            answer = client.post(f"/api/{route}", json=body)
            assert answer.status_code == status, answer.text
            return answer.json()

        yield post


def told(db: Database, project: Project) -> tuple[str, bool]:
    known = second_texts.known(db, project.id, QUERY, [ITEM])[ITEM]
    return known.label, known.done


def test_a_pair_is_added_once_and_what_is_said_last_counts(
    db: Database, project: Project, post: Judge
) -> None:
    asked = {"text": QUERY, "item": ITEM}
    first = post("judge", seq=1, label="match", **asked)
    assert told(db, project) == ("match", True)
    # Sent again, as after an answer that was lost.
    again = post("judge", seq=1, label="match", **asked)
    assert again["document"] == first["document"]
    second = post("judge", seq=2, label="no match", **asked)
    assert told(db, project) == ("no match", True)
    [document] = [documents.get_document(db, id) for id in documents.list_ids(db, project.id)]
    assert (document.text, document.second_text) == (QUERY, ITEM)
    assert (document.split, len(document.spans)) == (Split.TRAIN, 1)
    for step, left in ((second["step"], ("match", True)), (first["step"], ("", False))):
        post("undo", document=document.id, direction="undo", expects=step)
        assert told(db, project) == left


def test_a_pair_goes_where_its_first_text_is_already(
    db: Database, project: Project, post: Judge
) -> None:
    given = [Document(QUERY, split=Split.TEST, group="g", second_text="Other.")]
    documents.add_documents(db, project.id, given, "ada")
    made = post("judge", seq=1, label="match", text=QUERY, item=ITEM)["document"]
    found = documents.get_document(db, made)
    assert (found.split, found.group) == (Split.TEST, "g")


def test_only_labels_of_the_project_and_projects_on_two_texts(
    db: Database, project: Project, post: Judge
) -> None:
    assert "no such label" in post("judge", 400, seq=1, label="9", text="a", item="b")["error"]
    other = projects.create_project(db, "spans")
    token = gate.sign("ada", other.id)
    answer = post("judge", 400, seq=1, label="match", text="a", item="b", token=token)
    assert "one text at a time" in answer["error"]
    graded = projects.create_project(db, "graded", "pairs")
    token = gate.sign("ada", graded.id)
    post("judge", seq=1, label="match", text="a", item="b", token=token)
    assert [label.name for label in projects.list_labels(db, graded.id)] == ["match"]
