"""The routes beside saving: repeating a label, undo over the project, labels made in the tagger."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import gate, routes
from storage.cells import Cell
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding.selection import Order, Selection
from storage.journal import annotations
from storage.runs import runs
from storage.types import Document

ADDRESS = "http://127.0.0.1:8501"
TEXTS = ["Ada met 👩‍🚒 Ada.", "ada, ADA and Ada", "Adam", "Nobody"]


@pytest.fixture
def ids(db: Database) -> list[int]:
    project = projects.create_project(db, "news")
    projects.add_labels(db, project.id, ["PER", "LOC"])
    given = [Document(text, name=f"text {n}") for n, text in enumerate(TEXTS, 1)]
    documents.add_documents(db, project.id, given, "ada")
    return list(documents.list_ids(db, project.id))


@pytest.fixture
def call(db: Database):
    with TestClient(Starlette(routes=routes()), base_url=ADDRESS) as client:

        def post(route: str, status: int = 200, /, **fields) -> dict:
            body = {"token": gate.sign("ada", 1), **fields}
            answer = client.post(f"/api/{route}", json=body)
            assert answer.status_code == status, answer.text
            return answer.json()

        yield post


def label(call, document: int, start: int = 0, base: int = 0, seq: int = 1) -> None:
    text = TEXTS[document - 1]
    span = {"id": f"s{seq}", "start": start, "end": start + 3, "label": "PER"}
    span["quote"] = text[start : start + 3]
    operation = {"seq": seq, "base_revision": base, "kind": "add", "span": span}
    call("edits", document=document, client="tab", operations=[operation])


def quotes(db: Database, document: int) -> list[str]:
    found = annotations.open_annotation(db, document, "ada")
    return [found.document.text[span.start : span.end] for span in found.spans]


def find(call, ids, **fields) -> dict:
    return call("find", document=ids[0], quote="Ada", label="PER", **fields)


def test_a_string_is_found_where_it_stands_free(call, ids) -> None:
    label(call, ids[0])
    found = find(call, ids)
    assert found["here"] == [[12, 15]]
    assert (found["spans"], found["documents"], found["hits"]) == (1, 1, [])


def test_case_and_word_borders_may_be_ignored(call, ids) -> None:
    assert find(call, ids, match_case=False)["spans"] == 3
    assert find(call, ids, whole_words=False)["spans"] == 2
    assert find(call, ids, whole_words=False, match_case=False)["documents"] == 2


def test_a_list_shows_each_hit_in_its_place(call, ids) -> None:
    hits = find(call, ids, list=True)["hits"]
    assert [hit["document"] for hit in hits] == [ids[0], ids[0], ids[1]]
    assert hits[1] == {
        "document": ids[0],
        "name": "text 1",
        "start": 12,
        "end": 15,
        "before": "Ada met 👩‍🚒 ",
        "quote": "Ada",
        "after": ".",
    }


def test_ticked_hits_are_labelled_in_one_step_and_undone_in_one(call, db, ids) -> None:
    hits = [
        [hit["document"], hit["start"], hit["end"]] for hit in find(call, ids, list=True)["hits"]
    ]
    sent = {"document": ids[0], "label": "PER", "hits": hits, "client": "tab", "seq": 9}
    done = call("apply", **sent)
    assert (done["spans"], done["documents"], done["skipped"]) == (3, 2, 0)
    assert len(done["state"]["spans"]) == 2
    assert call("apply", **sent) == done, "a repeated request is answered as before"
    step = done["state"]["elsewhere"]["undo"]
    undone = call("undo", document=ids[0], direction="undo", expects=step["op"])
    assert (undone["spans"], undone["documents"], undone["document"]) == (3, 2, None)
    assert quotes(db, ids[1]) == [] == undone["state"]["spans"]
    step = undone["state"]["elsewhere"]["redo"]
    call("undo", document=ids[0], direction="redo", expects=step["op"])
    assert quotes(db, ids[1]) == ["Ada"]


def test_an_undo_that_expected_another_step_is_told_what_there_is(call, ids) -> None:
    label(call, ids[0])
    answer = call("undo", 409, document=ids[0], direction="undo", expects="tab:7")
    assert [step["op"] for step in answer["state"]["undo"]] == ["tab:1"]
    call("undo", document=ids[0], direction="undo", expects="tab:1")
    call("undo", 404, document=ids[0], direction="undo", expects="tab:1")


def test_no_route_of_ours_opens_a_document_of_another_project(call, db, ids) -> None:
    other = projects.create_project(db, "secret")
    projects.add_labels(db, other.id, ["PER"])
    documents.add_documents(db, other.id, [Document("Ada hides.", name="theirs")], "ada")
    theirs = documents.list_ids(db, other.id)[0]
    span = {"id": "s1", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    # All that any route takes: with a document of its own project each one has an answer.
    fields = {
        "client": "tab",
        "seq": 7,
        "operations": [{"seq": 1, "base_revision": 0, "kind": "add", "span": span}],
        "direction": "undo",
        "expects": "tab:1",
        "quote": "Ada",
        "label": "PER",
        "hits": [[ids[0], 12, 15]],
        "name": "ORG",
        **{"start": 0, "end": 3, "kind": "positive", "reason": ""},
        "stale": gate.sign("ada", 1),
        "queue": _cell(own := runs.create_run(db, 1, {}).id),
        "run": own,
        "documents": [ids[0]],
        "threshold": 0.5,
    }
    names = [route.path.removeprefix("/api/") for route in routes() if "/api/" in route.path]
    assert {"edits", "undo", "find", "apply"} < set(names)
    # Here no document is answered as a whole, and there are no pairs of texts.
    others = {"answer-alike", "answer-sure", "judge"}
    for name in (each for each in names if each not in others):
        call(name, document=ids[0], **fields)
    for name in names:
        answer = call(name, 404, document=theirs, **fields)
        assert answer == {"error": "This project has no such document: reload the page."}, name
        call(name, 404, document=theirs + 1, **fields)
    call("apply", 400, **fields | {"document": ids[0], "seq": 8, "hits": [[theirs, 0, 3]]})
    assert annotations.open_annotation(db, theirs, "ada").spans == ()
    secret = _cell(runs.create_run(db, other.id, {}).id)
    call("visits", 404, document=ids[0], queue=secret)
    call("visits", 400, document=ids[0], queue="todo")


def _cell(run: int) -> str:
    return Selection(Order.CELL, cell=Cell(run, "test", "PER", "LOC")).name


def test_a_repetition_that_labels_nothing_is_no_step(call, db, ids) -> None:
    label(call, ids[0])
    sent = {"document": ids[0], "label": "PER", "client": "tab", "seq": 9}
    answer = call("apply", 400, hits=[[ids[0], 0, 3], [ids[1], 500, 503]], **sent)
    assert "has changed meanwhile" in answer["error"]
    call("undo", document=ids[0], direction="undo", expects="tab:1")
    call("apply", 400, hits=[[ids[1], 500, 503]], **sent)
    call("undo", document=ids[0], direction="redo", expects="tab:1")
    assert quotes(db, ids[0]) == ["Ada"]


@pytest.mark.parametrize("client", ["c" * 900_000, "a\0b", "", "é", 7, None])
def test_a_client_is_named_shortly_and_plainly(call, ids, client) -> None:
    sent = {"document": ids[0], "label": "PER", "seq": 9, "hits": [[ids[0], 12, 15]]}
    assert call("apply", 400, client=client, **sent)["error"].endswith("reload the page.")


def test_a_label_made_in_the_tagger_is_the_projects(call, db, ids) -> None:
    found = call("labels", name="  ORG ")["labels"]
    assert [each["name"] for each in found] == ["PER", "LOC", "ORG"]
    assert [each.name for each in projects.list_labels(db, 1)] == ["PER", "LOC", "ORG"]
    assert "has no name" in call("labels", 400, name=" ")["error"]
    assert "confusion table" in call("labels", 400, name="(missed)")["error"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("find", {"document": 1, "quote": " ", "label": "PER"}),
        ("find", {"document": 1, "quote": "x" * 501, "label": "PER"}),
        ("find", {"document": 1, "quote": 7, "label": "PER"}),
        ("apply", {"document": 1, "label": "PER", "client": "c", "seq": 1, "hits": []}),
        ("apply", {"document": 1, "label": "PER", "client": "c", "seq": 1, "hits": [[1, 2]]}),
        ("apply", {"document": 1, "label": "PER", "client": "c", "seq": 1, "hits": [[1, 3, 2]]}),
        ("undo", {"document": 1, "direction": "sideways", "expects": "c:1"}),
    ],
)
def test_a_malformed_request_is_refused_in_one_sentence(call, ids, name, fields) -> None:
    assert call(name, 400, **fields)["error"].endswith(".")
