"""What the Adjudicate page saves: decisions in their own name, examples, questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import adjudicating, gate
from storage.collaboration import about, adjudication, thread_lists
from storage.collaboration.adjudication import DECIDES
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import JournalRow
from storage.knowledge import examples
from storage.types import Document, Project

Post = Callable[..., dict]


@pytest.fixture
def post(db: Database, project: Project) -> Iterator[Post]:
    who = settings.annotator(db)
    with TestClient(
        Starlette(routes=adjudicating.routes()), base_url="http://127.0.0.1:8501"
    ) as client:

        def post(route: str, status: int = 200, /, **fields: object) -> dict:
            body = {"token": gate.sign(who, project.id, DECIDES), "client": "page", **fields}
            answer = client.post(f"/api/{route}", json=body)
            assert answer.status_code == status, answer.text
            return answer.json()

        yield post


def test_a_decision_is_saved_once_and_on_what_was_seen(
    db: Database, project: Project, ids: list[int], post: Post
) -> None:
    document = ids[2]
    opened = post("adjudicate/open", document=document)
    assert [span["label"] for span in opened["state"]["spans"]] == ["PER", "PER"]
    base = opened["state"]["revision"]
    place = {"kind": "reject", "start": 15, "end": 19, "label": "ORG", "quote": "Rome"}
    edit = {"seq": 1, "base_revision": base, **place, "status": "done"}

    first = post("adjudicate", document=document, operations=[edit])
    again = post("adjudicate", document=document, operations=[edit])
    late = post("adjudicate", 409, document=document, operations=[edit], client="other")

    assert [each["results"][0]["status"] for each in (first, again, late)] == [
        *("saved", "duplicate", "conflict")
    ]
    assert late["state"]["rejected"] == [[15, 19, "ORG"]]
    with db.read() as session:
        (row,) = session.scalars(select(JournalRow))
    assert (row.annotator, row.actor) == (DECIDES, settings.annotator(db))
    assert adjudication.open_document(db, project.id, document).decision.status == "done"
    post("adjudicate", 400, document=document, operations=[])
    post("adjudicate", 404, document=99_999, operations=[edit])


def test_a_decision_becomes_an_example_with_its_reason(
    db: Database, project: Project, ids: list[int], post: Post
) -> None:
    words = {"start": 15, "end": 19, "from": 8, "to": 21, "label": "ORG", "kind": "negative"}
    post("adjudicate/example", document=ids[2], reason="a city <b>here</b>", **words)

    ((kept,),) = examples.of_project(db, project.id).values()
    assert (kept.text, kept.quote, kept.kind) == ("Bob in Rome .", "Rome", "negative")
    assert (kept.reason, kept.document) == ("a city <b>here</b>", ids[2])
    for wrong in ({"from": 16}, {"to": 99}, {"start": True}, {"label": "?"}, {"kind": "so"}):
        post("adjudicate/example", 400, document=ids[2], reason="", **words | wrong)


def test_a_question_is_a_thread_on_the_place(
    db: Database, project: Project, ids: list[int], post: Post
) -> None:
    post("adjudicate/ask", document=ids[2], start=15, end=19, text="City or team?")

    (thread,) = thread_lists.on(db, project.id, about.on_span(ids[2], 15, 19))
    assert (thread.quote, thread.comments[0].text) == ("Rome", "City or team?")
    post("adjudicate/ask", 400, document=ids[2], start=15, end=99, text="?")


def test_a_renewed_token_is_still_for_decisions(db: Database, project: Project) -> None:
    token = gate.sign("ann", project.id, DECIDES)

    assert gate.renew(token).split(".")[0] == token.split(".")[0]
    assert token.split(".")[0] != gate.sign("ann", project.id).split(".")[0]
    assert gate.verify(token) == ("ann", project.id)


def test_no_route_opens_a_document_of_another_project(
    db: Database, ids: list[int], post: Post
) -> None:
    other = projects.create_project(db, "Secret")
    documents.add_documents(db, other.id, [Document("Ada hides.")], "ada")
    (theirs,) = documents.list_ids(db, other.id)
    names = [route.path.removeprefix("/api/") for route in adjudicating.routes()]
    assert len(names) == 4
    for name in names:
        answer = post(name, 404, document=theirs)
        assert answer == {"error": "This project has no such document: reload the page."}
