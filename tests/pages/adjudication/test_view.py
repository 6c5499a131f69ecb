"""The Adjudicate page: which document it opens, what it tells the browser, what it does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streamlit.testing.v1 import AppTest

from storage.collaboration import adjudication
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.runs import reports, runs
from storage.types import Document, Project, RunState, Span, Status
from tests.pages.conftest import REPORT, Open
from tests.storage.collaboration.versions import BOB, ROME
from tests.storage.conftest import sentence


def visit(open_page: Open, **address: str) -> AppTest:
    app = open_page().switch_page("together/adjudicate.py")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def sent(app: AppTest) -> dict[str, Any] | None:
    found = [each.proto.json for each in app.get("bidi_component") if "people" in each.proto.json]
    return json.loads(found[0]) if found else None


def ask(app: AppTest, **wish: object) -> None:
    app.session_state["walk-adjudicate"] = {"open": {"n": 1, **wish}}
    app.run()
    assert not app.exception, app.exception


def settle(db: Database, project: Project, document: int) -> None:
    """Decide on a document that none of its disputed marks stands."""
    opened = adjudication.open_document(db, project.id, document)
    base = opened.decision.revision
    text = opened.decision.document.text
    marks = [mark for place in opened.differences for mark in place.marks]
    parts: list[Mapping[str, object]] = [
        {"kind": "remove", "id": span.id} for span in opened.decision.spans if span in marks
    ]
    parts += [
        {
            **{"kind": "reject", "start": mark.start, "end": mark.end, "label": mark.label},
            "quote": text[mark.start : mark.end],
        }
        for mark in marks
    ]
    edit = {"seq": 1, "base_revision": base, "kind": "batch", "operations": parts}
    done = {**edit, "status": "done"}
    outcome = adjudication.decide(db, project.id, document, "rev", f"tab{document}", [done])
    assert outcome.results[0]["status"] == "saved", outcome


def test_the_document_with_most_places_opens_with_everybodys_version(
    open_page: Open, project: Project, ids: list[int]
) -> None:
    data = sent(visit(open_page))

    assert data is not None and data["entry"] == "adjudicating/start.js"
    assert [person["name"] for person in data["people"]] == ["ann", "ben", "cyd"]
    assert [(row["start"], row["kind"]) for row in data["rows"]] == [
        (BOB.start, "only some have it"),
        (ROME.start, "only some have it"),
    ]
    assert [bool(side) for side in data["rows"][1]["sides"]] == [False, True, False]
    state = data["opened"][0]["state"]
    assert [span["label"] for span in state["spans"]] == ["PER", "PER"], "the majority"
    way = {"index": 0, "total": 2, "left": 2, "waits": True, "next": ids[1], "previous": None}
    assert data["way"] == way | {"why": "2 places differ"}


def test_what_the_newest_model_confuses_comes_first(
    open_page: Open, db: Database, project: Project, ids: list[int]
) -> None:
    table = {"labels": ["ORG", "PER"], "counts": [[5, 0, 9], [0, 5, 1], [0, 30, 0]]}
    run = runs.create_run(db, project.id, {}).id
    runs.claim_next(db)
    runs.set_state(db, run, RunState.DONE)
    scores = REPORT["test"] | {"confusion": table | {"exact": [5, 5]}}
    reports.store_report(db, run, REPORT | {"test": scores}, {})

    data = sent(visit(open_page))

    assert data is not None
    assert data["way"]["why"] == "PER or not: the model confuses these 31 times"


def test_without_names_nobodys_name_leaves_the_server(
    open_page: Open, project: Project, ids: list[int]
) -> None:
    app = visit(open_page)
    app.toggle[0].set_value(True).run()

    data = sent(app)
    assert data is not None
    assert [person["name"] for person in data["people"]] == ["Person 1", "Person 2", "Person 3"]
    assert not any(name in json.dumps(data["people"]) for name in ("ann", "ben", "cyd"))
    marks = [len(person["spans"]) for person in data["people"]]
    sides = [[bool(row["sides"][at]) for row in data["rows"]] for at in range(3)]
    assert marks == [2, 2, 2] and sorted(sides) == [[False, True], [True, False], [True, False]]


def test_a_decided_document_keeps_its_place_and_the_next_one_opens(
    open_page: Open, db: Database, project: Project, ids: list[int]
) -> None:
    app = visit(open_page)
    settle(db, project, ids[2])
    ask(app, document=ids[1])

    data = sent(app)
    assert data is not None and data["opened"][0]["document"]["id"] == ids[1]
    assert data["way"] | {"why": ""} == {
        **{"index": 1, "total": 2, "left": 1, "waits": True},
        **{"next": None, "previous": ids[2], "why": ""},
    }
    settle(db, project, ids[1])
    ask(app, document=None, n=2)
    assert sent(app) is None
    assert app.success[0].value == "Everything is decided: 2 documents."
    next(each for each in app.button if each.label == "Look at the decisions").click().run()
    assert sent(app) is not None


def test_an_address_names_a_document_and_one_that_goes_is_passed_over(
    open_page: Open, db: Database, project: Project, ids: list[int]
) -> None:
    app = visit(open_page, document=str(ids[1]))
    data = sent(app)
    assert data is not None and data["opened"][0]["document"]["id"] == ids[1]
    assert sent(visit(open_page, document=str(ids[0])))["opened"][0]["document"]["id"] == ids[2]


def test_alone_nothing_waits_and_the_page_is_not_in_the_menu(open_page: Open, db: Database) -> None:
    made = projects.create_project(db, "Alone")
    projects.add_labels(db, made.id, ["PER"])
    given = Document("Ada.", spans=(Span(0, 3, "PER"),), status=Status.DONE)
    documents.add_documents(db, made.id, [given], "ann")
    settings.put(db, "last_project", made.id)

    app = visit(open_page)

    assert sent(app) is None
    assert app.info[0].value.startswith("No document waits")


def test_what_was_imported_stands_beside_people_once_it_is_switched_on(
    open_page: Open, db: Database, project: Project, ids: list[int]
) -> None:
    assert [each.label for each in visit(open_page).toggle] == ["Without names"]
    text = "Ada met Bob in Rome ."
    documents.add_documents(db, project.id, [sentence(text, BOB)], "root")
    id = documents.list_ids(db, project.id)[-1]
    for who in ("ann", "ben"):
        own = journal.open_annotation(db, id, who)
        done = {"seq": 1, "base_revision": own.revision, "kind": "status", "status": "done"}
        if own.spans:
            done |= {"kind": "remove", "id": own.spans[0].id}
        journal.apply_operations(db, project.id, id, who, who, [done])

    app = visit(open_page, document=str(id))
    assert "nobody differs" in app.info[0].value
    app.toggle[1].set_value(True).run()
    app = visit(open_page, document=str(id))
    data = sent(app)
    assert data and [each["name"] for each in data["people"]] == ["(imported)", "ann", "ben"]
