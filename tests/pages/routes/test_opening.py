"""What the tagger is told of documents that come next, and of the coach beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.coach.registry import Coaches
from engine.encoding.tokens import tokenize
from pages.coaching.watching import Watch
from pages.routes import gate, routes
from storage.coaching import choices
from storage.coaching.choices import Choices
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Document

TEXTS = ("Ada met Bob.", "Nobody met Ada.", "Ada left.")
SECONDS = 30.0


@pytest.fixture
def ids(db: Database) -> list[int]:
    project = projects.create_project(db, "news").id
    projects.add_labels(db, project, ["PER"])
    documents.add_documents(db, project, [Document(text, tokenize(text)) for text in TEXTS], "ada")
    return documents.list_ids(db, project)


@pytest.fixture
def ask(db: Database) -> Iterator[Callable[..., dict]]:
    """Ask a route of a project's page; it must be answered with 200."""
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as client:

        def ask(name: str, status: int = 200, **fields) -> dict:
            body = {"token": gate.sign("ada", 1), **fields}
            answer = client.post(f"/api/{name}", json=body)
            assert answer.status_code == status, answer.text
            return answer.json()

        yield ask


def answer(ask: Callable[..., dict], document: int) -> int:
    """Mark the first word of a document and finish it; return the entry that says so."""
    span = {"id": "s", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    edit = {"kind": "add", "span": span, "seq": 1, "base_revision": 0, "status": "done"}
    return ask("edits", document=document, client="tab", operations=[edit])["entry"]


def test_once_the_coach_has_learned_an_answer_it_is_told_what_comes_next(
    ask, ids: list[int], served: Coaches
) -> None:
    entry = answer(ask, ids[0])
    asked = {"documents": ids[1:], "coming": ids[1:], "after": entry}
    until = time.monotonic() + SECONDS
    while not (told := ask("suggested", **asked))["told"]:
        assert told["suggestions"] == {} and time.monotonic() < until
        time.sleep(0.05)
    assert told["coach"]["documents"] == 1 and told["coach"]["entry"] >= entry
    found = told["suggestions"][str(ids[1])]
    assert [(each["start"], each["label"]) for each in found["spans"]] == [(11, "PER")]
    assert found["maker"] == "coach, revision 1"
    ahead = ask("ahead", document=ids[0], documents=ids[1:])
    assert ahead["entry"] >= entry and ahead["opened"][1]["suggestions"]["spans"]


def test_no_coach_begins_because_of_an_edit_and_none_where_it_is_off(
    db: Database, ask, ids: list[int], served: Coaches
) -> None:
    watch = Watch()
    watch.look()
    answer(ask, ids[0])
    watch.look()
    assert served._known == {}, "the Tag page begins one"
    choices.put(db, 1, Choices(on=False))
    told = ask("suggested", documents=[], coming=ids, after=0)
    assert told["coach"] == {"on": False} and served._known == {}


def test_where_there_is_no_server_there_is_no_coach(ask, ids: list[int]) -> None:
    assert ask("suggested", documents=ids, coming=ids, after=0)["coach"] is None


def test_another_projects_documents_are_not_told(
    db: Database, ask, ids: list[int], served: Coaches
) -> None:
    other = projects.create_project(db, "other").id
    documents.add_documents(db, other, [Document("Ada.", tokenize("Ada."))], "ada")
    foreign = documents.list_ids(db, other)[0]
    assert ask("suggested", documents=[foreign], after=0)["suggestions"] == {}
    assert "reload" in ask("suggested", 400, documents=["1"], after=0)["error"]
