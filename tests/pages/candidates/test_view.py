"""Candidates on the Tag page: which left text, which of its pairs, and where the way leads."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.access import session
from storage.accounts import accounts
from storage.collaboration import assignments
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.permissions import Role
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Source, Span, Status
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open

NO = Span(0, 0, "no")


@pytest.fixture
def ids(db: Database) -> list[int]:
    """Twelve pairs with one left text, of which the first is answered; two answered; one open."""
    project = projects.create_project(db, "Answers", "pairs").id
    given = [Document("Where?", second_text=f"There {n}") for n in range(12)]
    given[0] = Document("Where?", second_text="There 0", spans=(NO,), status=Status.DONE)
    done = [Document("When?", second_text=f"Then {n}", status=Status.DONE) for n in range(2)]
    documents.add_documents(db, project, [*given, *done, Document("Who?", second_text="I")], "ada")
    settings.put(db, "last_project", project)
    return documents.list_ids(db, project)


def visit(open_page: Open, **address: str) -> AppTest:
    app = open_page().switch_page("tag.py")
    for name, value in {"view": "candidates", "queue": "all", **address}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def sent(app: AppTest) -> dict:
    found = [each.proto.json for each in app.get("bidi_component") if "queue" in each.proto.json]
    return json.loads(found[0])


def test_the_first_left_text_begins_with_what_is_open(open_page: Open, ids: list[int]) -> None:
    data = sent(visit(open_page))
    assert data["entry"] == "candidates/start.js"
    assert [row["document"] for row in data["rows"]] == ids[:10]
    assert (data["left"], data["total"], data["pages"]) == ("Where?", 12, 2)
    assert data["waiting"] == [1, 2]
    assert (data["at"], data["statuses"][str(ids[0])], data["ranked"]) == (ids[1], "done", False)
    # What is all answered is passed over on the way on, not on the way back.
    way = {"index": 0, "total": 3, "left": 2, "next": ids[14], "previous": None}
    assert data["way"] == way


def test_an_address_names_a_pair_and_its_page(open_page: Open, ids: list[int]) -> None:
    data = sent(visit(open_page, document=str(ids[11])))
    assert [row["document"] for row in data["rows"]] == ids[10:12]
    assert (data["page"], data["at"], data["first"]) == (2, ids[11], 10)
    data = sent(visit(open_page, document=str(ids[14])))
    assert data["way"]["previous"] == ids[12]
    assert data["way"]["next"] == ids[0]


def test_texts_without_a_second_one_have_no_candidates(open_page: Open, sample: int) -> None:
    data = sent(visit(open_page))
    assert "entry" not in data
    assert data["candidates"] is False


def test_who_labels_blind_is_shown_neither_answers_nor_what_has_learned_from_them(
    open_page: Open, db: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = projects.find_project(db, "Answers").id
    run = runs.create_run(db, project, {}).id
    said = [(id, Span(0, 0, "no", source=Source.MODEL, score=0.9)) for id in ids[:2]]
    runs.mark_frozen(db, run)
    suggestions.store(db, run, said, [DocumentScore(id, 0.5, 0.5, 0.5, None) for id in ids[:2]])
    shown = sent(visit(open_page))["rows"][:2]
    assert [bool(row["given"]) for row in shown] == [True, False]
    assert [bool(row["suggested"]) for row in shown] == [True, True]
    for who, role in (("root", Role.ADMIN), ("ann", Role.ANNOTATOR)):
        accounts.add(db, who, role)
    assignments.set_dealing(db, project, 2, "suggestions")
    token = begin(db, "ann")
    monkeypatch.setattr(session, "token", lambda: token)
    data = sent(visit(open_page))
    rows = {row["document"]: row for row in data["rows"]}
    assert not rows[ids[0]]["given"] and not rows[ids[0]]["suggested"] and not rows[ids[0]]["marks"]
    assert rows[ids[1]]["suggested"], "nobody has answered it"
    assert (data["statuses"][str(ids[0])], data["at"]) == ("untouched", ids[1])
    assert data["waiting"] == [1, 2]
