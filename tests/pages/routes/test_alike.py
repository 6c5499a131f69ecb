"""One answer for many documents: counted first, given in one step, taken back in one."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.routes import alike, gate, routes
from storage.collaboration import assignments
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports, runs, suggestions
from storage.types import Document, DocumentScore, ErrorKind, Match, Source, Span, Split, Status

TEXTS = ["Where is card 1?", "where is CARD 22", "Where is my card 3?", "Hello", "Bye"]
DEV = [Document(f"dev {n}", split=Split.DEV, spans=(Span(0, 0, "lost"),)) for n in range(4)]


@pytest.fixture
def project(db: Database) -> int:
    made = projects.create_project(db, "questions", "classes")
    projects.add_labels(db, made.id, ["lost", "other"])
    found = [Document(text, name=text) for text in TEXTS]
    documents.add_documents(db, made.id, [*found, *DEV], "ada")
    return made.id


@pytest.fixture
def ids(db: Database, project: int) -> list[int]:
    return list(documents.list_ids(db, project))


@pytest.fixture
def call(project: int):
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as client:

        def post(route: str, status: int = 200, /, **fields) -> dict:
            body = {"token": gate.sign("ada", project), **fields}
            answer = client.post(f"/api/{route}", json=body)
            assert answer.status_code == status, answer.text
            return answer.json()

        yield post


def answers(db: Database, ids: list[int]) -> list[tuple[list[str], Status]]:
    found = [annotations.open_annotation(db, id, "ada") for id in ids]
    return [([span.label for span in each.spans], each.status) for each in found]


def answer(call, document: int, label: str, seq: int = 1) -> None:
    span = {"id": f"m{seq}", "start": 0, "end": 0, "label": label, "quote": ""}
    operation = {"seq": seq, "base_revision": 0, "kind": "add", "span": span, "status": "done"}
    call("edits", document=document, client="tab", operations=[operation])


def test_what_is_nearly_the_same_gets_the_same_answer_in_one_step(call, db, ids) -> None:
    call("answer-alike", 409, document=ids[0], client="tab", seq=8)
    answer(call, ids[0], "lost")
    found = call("alike", document=ids[0], list=True)
    assert (found["documents"], found["same"]) == (1, 1)
    assert [hit["text"] for hit in found["hits"]] == [TEXTS[1]]
    sent = {"document": ids[0], "client": "tab", "seq": 9}
    done = call("answer-alike", **sent)
    assert call("answer-alike", **sent)["documents"] == 1, "a repeated request is done once"
    assert answers(db, ids[:3]) == [(["lost"], "done"), (["lost"], "done"), ([], "untouched")]
    call(
        "undo", document=ids[0], direction="undo", expects=done["state"]["elsewhere"]["undo"]["op"]
    )
    assert answers(db, ids[:2]) == [(["lost"], "done"), ([], "untouched")]


def test_of_very_many_only_equal_texts_are_offered(call, db, project, ids, monkeypatch) -> None:
    monkeypatch.setattr(alike, "MOST", 5)
    documents.add_documents(db, project, [Document(TEXTS[0]), Document(TEXTS[3])], "ada")
    answer(call, ids[0], "lost")
    found = call("alike", document=ids[0], list=True)
    assert found["documents"] == found["same"] == 1
    assert [hit["text"] for hit in found["hits"]] == [TEXTS[0]]


def test_none_of_these_is_an_answer_that_others_can_get(call, db, ids) -> None:
    done = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    call("edits", document=ids[0], client="tab", operations=[done])
    state = call("answer-alike", document=ids[0], client="tab", seq=9)["state"]
    assert answers(db, ids[:2]) == [([], "done")] * 2
    call("undo", document=ids[0], direction="undo", expects=state["elsewhere"]["undo"]["op"])
    assert answers(db, ids[:2]) == [([], "done"), ([], "untouched")]


def test_what_was_answered_is_left_alone_and_only_what_is_chosen_is_answered(call, db, ids) -> None:
    answer(call, ids[1], "other")
    answer(call, ids[0], "lost", seq=2)
    assert call("alike", document=ids[0], list=False)["documents"] == 0
    refused = call("answer-alike", 409, document=ids[0], client="tab", seq=3)
    assert refused["error"] == "No other open text is nearly the same."
    call("answer-alike", 400, document=ids[0], client="tab", seq=4, documents=["x"])


def test_what_a_model_is_sure_of_is_accepted_with_how_often_that_was_right(
    call, db, project, ids
) -> None:
    run = runs.create_run(db, project, {}).id
    runs.request_cancel(db, run)
    said = [Span(0, 0, "lost", source=Source.MODEL, score=each) for each in (0.97, 0.9, 0.6)]
    scores = [DocumentScore(id, 0.5, 0.5, 0.5, None) for id in ids]
    suggestions.store(db, run, zip(ids[1:4], said, strict=True), scores)
    lost = Span(0, 0, "lost")
    judged = [
        Match(id, lost, Span(0, 0, name, score=score), ErrorKind(kind))
        for id, name, score, kind in zip(
            ids[5:],
            ("lost", "lost", "other", "lost"),
            (0.95, 0.9, 0.92, 0.3),
            ("exact", "exact", "type", "exact"),
            strict=True,
        )
    ]
    reports.store_report(db, run, {}, {Split.DEV: judged})
    counted = call("sure", document=ids[0], threshold=0.9)
    # "other" was wrong, but nothing would be given it.
    by_label = [{"label": "lost", "documents": 2, "right": 2, "total": 2}]
    assert counted == {"documents": 2, "right": 2, "total": 3, "labels": by_label}
    answer(call, ids[1], "other")
    done = call("answer-sure", document=ids[0], threshold=0.9, client="tab", seq=5)
    assert done["documents"] == 1
    assert answers(db, ids[1:4]) == [(["other"], "done"), (["lost"], "done"), ([], "untouched")]
    call(
        "undo", document=ids[0], direction="undo", expects=done["state"]["elsewhere"]["undo"]["op"]
    )
    assert answers(db, ids[2:3]) == [([], "untouched")]
    assert call("sure", document=ids[0], threshold=0.9)["documents"] == 1
    assignments.set_dealing(db, project, 1, "bare")
    assignments.take(db, project, "ada", 9)
    assert call("sure", document=ids[0], threshold=0.9)["documents"] == 0, "the text alone"
    call("answer-sure", 400, document=ids[0], threshold=0.9, client="tab", seq=6)
    call("sure", 400, document=ids[0], threshold="high")


def test_who_labels_blind_answers_what_is_open_to_them_whatever_others_have_done(
    call, db, project, ids
) -> None:
    assignments.set_dealing(db, project, 2, "suggestions")
    assert assignments.take(db, project, "ada", 3) == ids[:3]
    for place in (0, 1):
        # Eve answers the first before the training, and the second after it.
        operation = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
        client = f"eve{place}"
        annotations.apply_operations(db, project, ids[place], "eve", client, [operation])
        if not place:
            run = runs.create_run(db, project, {}).id
            runs.mark_frozen(db, run)
    said = [(id, Span(0, 0, "lost", source=Source.MODEL, score=0.97)) for id in ids[:3]]
    scores = [DocumentScore(id, 0.5, 0.5, 0.5, None) for id in ids]
    suggestions.store(db, run, said, scores)
    assert call("sure", document=ids[0], threshold=0.9)["documents"] == 2
    done = call("answer-sure", document=ids[0], threshold=0.9, client="tab", seq=5)
    assert done["documents"] == 2
    assert answers(db, ids[:3]) == [([], "untouched"), (["lost"], "done"), (["lost"], "done")]
    assert call("sure", document=ids[0], threshold=0.9)["documents"] == 0
    assignments.set_dealing(db, project, 2, "bare")
    assert assignments.take(db, project, "ada", 3) == [ids[0], *ids[3:5]]
    store = [(id, Span(0, 0, "lost", source=Source.MODEL, score=0.97)) for id in ids[:5]]
    suggestions.store(db, run, store, scores)
    assert call("sure", document=ids[0], threshold=0.9)["documents"] == 0, "the text alone"
