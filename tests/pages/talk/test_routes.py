"""What the tagger asks and says: a document's threads, their words in the text, who may what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import gate
from pages.routes.talk import talking
from storage.collaboration import about, thread_lists, threads
from storage.collaboration.thread_lists import Waiting
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.types import Document, Span, Status

Ask = Callable[..., dict]


@pytest.fixture
def document(db: Database) -> int:
    project = projects.create_project(db, "news").id
    projects.add_labels(db, project, ["PER"])
    settings.put(db, "annotator", "ada")
    done = Document("Ada met Bob.", spans=(Span(0, 3, "PER"),), status=Status.DONE)
    documents.add_documents(db, project, [done], "ada")
    return documents.list_ids(db, project)[0]


@pytest.fixture
def ask(db: Database, document: int) -> Iterator[Ask]:
    """Ask a route about the document; it must be answered with a status."""
    with TestClient(Starlette(routes=talking.routes()), base_url="http://127.0.0.1:8501") as client:

        def ask(name: str, status: int = 200, **fields) -> dict:
            body = {"token": gate.sign("ada", 1), "document": document, **fields}
            answer = client.post(f"/api/{name}", json=body)
            assert answer.status_code == status, answer.text
            return answer.json()

        yield ask


def test_a_thread_is_begun_answered_mended_and_resolved(db: Database, ask: Ask) -> None:
    (made,) = ask("talk-say", text="Is he PER?", start=8, end=11, label="PER")["threads"]
    assert (made["place"], made["quote"], made["label"]) == ({"start": 8, "end": 11}, "Bob", "PER")
    (made,) = ask("talk-say", text="Yes.", thread=made["id"])["threads"]
    assert [each["text"] for each in made["comments"]] == ["Is he PER?", "Yes."]
    comment = made["comments"][1]["id"]
    (made,) = ask("talk-say", text="Yes, @ada.", comment=comment)["threads"]
    assert made["comments"][1]["text"] == "Yes, @ada." and made["comments"][1]["edited"]
    (made,) = ask("talk-settle", act="resolve", thread=made["id"])["threads"]
    assert (made["open"], made["resolved"]) == (False, "ada")
    (made,) = ask("talk-settle", act="reopen", thread=made["id"])["threads"]
    (made,) = ask("talk-settle", act="delete", comment=comment)["threads"]
    assert made["open"] and len(made["comments"]) == 1
    ask("talk-say", text="A first word.", start=0, end=3)
    ask("talk-say", text="All of it.")
    assert [each["quote"] for each in ask("talk")["threads"]] == ["Bob", "Ada", ""]


def test_a_mention_is_seen_where_the_panel_is_open(db: Database, ask: Ask, document: int) -> None:
    settings.put(db, "annotator", "bob")
    threads.ask(db, 1, about.on_document(document), "@ada?")
    settings.put(db, "annotator", "ada")
    assert ask("talk")["threads"][0]["unread"]
    assert thread_lists.waiting(db, 1) == Waiting(1, 1)
    answer = ask("talk", seen=True)
    assert answer["threads"][0]["unread"] and answer["names"] == ["ada", "bob"]
    assert thread_lists.waiting(db, 1) == Waiting(0, 1)


def test_nothing_of_another_project_is_told_or_changed(
    db: Database, ask: Ask, document: int
) -> None:
    other = projects.create_project(db, "other").id
    documents.add_documents(db, other, [Document("Bob.")], "ada")
    theirs = documents.list_ids(db, other)[0]
    made = threads.ask(db, other, about.on_document(theirs), "Well?")
    ask("talk", 404, document=theirs)
    ask("talk-say", 404, text="x", thread=made.id)
    ask("talk-settle", 404, act="resolve", thread=made.id)
    ask("talk-settle", 404, act="delete", comment=made.comments[0].id)
    ask("talk-say", 404, text="x", comment=made.comments[0].id)
    assert threads.get(db, made.id) == made


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": "x" * 10_001},
        {"text": "x", "start": -1, "end": 3},
        {"text": "x", "start": 0, "end": 99},
        {"text": "x", "start": "0", "end": 3},
        {"text": "x", "thread": True},
    ],
)
def test_what_cannot_be_is_refused(ask: Ask, fields: dict) -> None:
    ask("talk-say", 400, **fields)
    ask("talk-settle", 400, act="burn")
    assert ask("talk")["threads"] == []
