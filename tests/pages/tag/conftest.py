"""Five letters, a model that has looked at them, and how a person goes from page to page."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding.selection import Order
from storage.journal import annotations
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Span, Split, Status
from tests.pages.conftest import Open

PER = Span(0, 3, "PER")


@pytest.fixture
def ids(db: Database) -> list[int]:
    """Five documents: the second is done, the third done and empty."""
    project = projects.create_project(db, "Letters").id
    given = [
        Document("Ada met Bob.", split=Split.TRAIN),
        Document("Eve met Berlin.", spans=(PER,), status=Status.DONE, split=Split.DEV),
        Document("Nobody met.", status=Status.DONE, split=Split.TRAIN),
        Document("Zoë met BERLIN.", split=Split.TRAIN),
        Document("Max met Ida.", split=Split.TRAIN),
    ]
    documents.add_documents(db, project, given, "ada")
    settings.put(db, "last_project", project)
    return documents.list_ids(db, project)


@pytest.fixture
def look(db: Database, ids: list[int]) -> int:
    """A model that looked at all documents; it doubts the last one most."""
    run = runs.create_run(db, projects.find_project(db, "Letters").id, {}).id
    spans = [(ids[0], Span(0, 3, "PER", score=0.75)), (ids[1], Span(8, 14, "LOC", score=0.9))]
    scores = [DocumentScore(id, 0.1 * place, 0.5, 0.5, 0.5) for place, id in enumerate(ids)]
    suggestions.store(db, run, spans, scores)
    return run


def visit(open_page: Open, page: str, **address: str) -> AppTest:
    """Open a page by an address of its own."""
    app = open_page().switch_page(f"{page}.py")
    if page == "data":
        app.query_params["section"] = "Documents"
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def sent(app: AppTest) -> dict:
    """Return what the page handed to the tagger."""
    return json.loads(app.get("bidi_component")[0].proto.json)


def choose(app: AppTest, kind: Order) -> None:
    app.radio(key="queue-kind").set_value(kind).run()
    assert not app.exception, app.exception


def finish(db: Database, document: int) -> None:
    operation = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    project = projects.find_project(db, "Letters").id
    who = settings.annotator(db)
    annotations.apply_operations(db, project, document, who, f"c{document}", [operation])
