"""The queue on the Tag page and the search on the Data page, as a person meets them."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.access import session
from pages.coaching import coach
from storage.accounts import accounts
from storage.collaboration import assignments, queues
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding.search import Search
from storage.finding.selection import Order, Selection
from storage.journal import annotations
from storage.permissions import Role
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Span, Split, Status
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open, button, said

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


def test_the_tagger_is_told_all_it_shows(open_page: Open, ids: list[int], look: int) -> None:
    data = sent(open_page("tag"))
    assert data["queue"] == {
        "name": "todo",
        "title": "To do",
        "detailed": False,
        "why": "",
        "ids": [ids[0], ids[3], ids[4]],
        "index": 0,
        "total": 3,
        "open": [ids[0], ids[3], ids[4]],
        "left": 3,
    }
    assert data["suggestions"] == {
        "run": look,
        "maker": "run 1",
        "spans": [{"start": 0, "end": 3, "label": "PER", "score": 0.75}],
        "guesses": [],
    }
    assert (data["threshold"], data["keys"], data["guideline"]) == (0.8, {}, False)
    assert set(data["routes"]) >= {"undo", "find", "apply", "label", "renew"}
    assert set(data["labels"][0]) >= {"name", "color", "key", "description", "positive", "negative"}


def test_settings_and_the_guideline_reach_the_tagger(
    open_page: Open, db: Database, ids: list[int]
) -> None:
    project = projects.find_project(db, "Letters").id
    projects.set_guideline(db, project, "# People\nNames of people.")
    settings.put(db, "suggestion_threshold", 0.6)
    settings.put(db, "keys", {"next": "m"})
    data = sent(open_page("tag"))
    assert (data["threshold"], data["keys"], data["guideline"]) == (0.6, {"next": "m"}, True)
    assert data["suggestions"] is None, "no model has looked"


def test_a_finished_document_stays_in_its_queue_until_that_is_made_anew(
    open_page: Open, db: Database, ids: list[int]
) -> None:
    app = open_page("tag")
    finish(db, ids[0])
    app.session_state["opened"] = ids[3]
    app.run()
    assert sent(app)["queue"]["ids"] == [ids[0], ids[3], ids[4]]
    assert sent(app)["document"]["id"] == ids[3]
    app.button(key="queue-refresh").click().run()
    assert sent(app)["queue"]["ids"] == [ids[3], ids[4]]
    assert sent(app)["document"]["id"] == ids[3]


def test_a_reload_keeps_the_queue_and_the_finished_document(
    open_page: Open, db: Database, ids: list[int]
) -> None:
    before = open_page("tag")
    finish(db, ids[0])
    address = {name: before.query_params[name] for name in ("queue", "document")}
    assert address == {"queue": "todo", "document": str(ids[0])}
    app = visit(open_page, "tag", **address)
    assert sent(app)["queue"]["ids"] == [ids[0], ids[3], ids[4]]
    assert sent(app)["document"]["id"] == ids[0]
    assert sent(app)["queue"]["why"] == "Opened by itself: it is not in this queue."


def test_documents_that_come_later_join_the_queue(
    open_page: Open, db: Database, ids: list[int]
) -> None:
    app = open_page("tag")
    project = projects.find_project(db, "Letters").id
    documents.add_documents(db, project, [Document("New")], "ada")
    app.run()
    assert sent(app)["queue"]["total"] == 4


def test_where_all_is_done_everything_is_the_queue(
    open_page: Open, db: Database, ids: list[int]
) -> None:
    for document in (ids[0], ids[3], ids[4]):
        finish(db, document)
    app = open_page("tag")
    assert app.query_params["queue"] == "all"
    assert sent(app)["queue"]["total"] == 5
    choose(app, Order.TODO)
    assert app.info[0].value.startswith("Everything is done")


def test_the_most_uncertain_opens_first_and_says_why(
    open_page: Open, ids: list[int], look: int
) -> None:
    app = open_page("tag")
    choose(app, Order.UNCERTAIN)
    assert app.query_params["queue"] == "uncertain/entropy"
    assert sent(app)["document"]["id"] == ids[4]
    assert sent(app)["queue"]["ids"] == [ids[4], ids[3], ids[0]]
    why = f"Most uncertain of 3: mean token entropy 0.40 nats; run {look}."
    assert sent(app)["queue"]["why"] == why
    app.selectbox(key="queue-measure").select("margin").run()
    assert app.query_params["queue"] == "uncertain/margin"


def test_all_documents_keeps_the_open_one(open_page: Open, ids: list[int]) -> None:
    app = visit(open_page, "tag", queue="todo", document=str(ids[3]))
    choose(app, Order.ALL)
    assert sent(app)["document"]["id"] == ids[3]
    assert sent(app)["queue"]["index"] == 3


def test_the_seed_is_shown_and_decides(open_page: Open, ids: list[int]) -> None:
    app = visit(open_page, "tag", queue="random/7")
    assert app.number_input(key="queue-seed").value == 7
    app.number_input(key="queue-seed").set_value(8).run()
    assert app.query_params["queue"] == "random/8"
    assert "seed 8" in sent(app)["queue"]["why"]


def test_a_label_can_be_chosen(open_page: Open, ids: list[int], look: int) -> None:
    app = open_page("tag")
    choose(app, Order.LABEL)
    assert app.query_params["queue"] == "label/PER"
    assert sent(app)["queue"]["ids"] == [ids[0], ids[1]]
    assert sent(app)["queue"]["why"].startswith("Suggested PER at 75%: the least sure of 2")


def test_without_a_model_the_page_says_what_to_do(open_page: Open, ids: list[int]) -> None:
    app = open_page("tag")
    choose(app, Order.MIX)
    assert app.info[0].value.startswith("Train a model first")
    choose(app, Order.TODO)
    assert sent(app)["queue"]["total"] == 3


def test_a_search_in_the_popover_is_the_queue(open_page: Open, ids: list[int]) -> None:
    app = open_page("tag")
    choose(app, Order.SEARCH)
    app.text_input(key="queue-search-text").input("berlin").run()
    assert sent(app)["queue"]["ids"] == [ids[1], ids[3]]
    assert app.query_params["queue"] == "search/text=berlin"
    again = visit(open_page, "tag", queue="search/text=berlin")
    assert again.text_input(key="queue-search-text").value == "berlin"
    assert sent(again)["queue"]["title"] == "“berlin”"


@pytest.mark.parametrize("name", ["", "zzz", "cell/9/test/a/b", "label/Nobody", "search/status=x"])
def test_no_address_breaks_the_page(open_page: Open, ids: list[int], name: str) -> None:
    app = visit(open_page, "tag", queue=name, document="99999999999999999999")
    assert not app.exception


def listed(app: AppTest) -> list[str]:
    """Return the rows as they are read, what was found in asterisks."""
    drawn = [each.proto.body for each in app.get("html") if "ws-document" in each.proto.body]
    rows = [
        re.sub("<style>.*</style>|<small>[^<]*</small>|^<div[^>]*><span>[^<]*</span>", "", row)
        for row in drawn
        if "<style>" not in row
    ]
    marked = [re.sub("</?mark[^>]*>", "**", row).replace("<small", " · <small") for row in rows]
    return [re.sub("<[^>]*>", "", row) for row in marked]


def test_the_list_counts_what_each_filter_would_give(open_page: Open, ids: list[int]) -> None:
    app = visit(open_page, "data")
    status = app.selectbox(key=f"{form(app)}-status")
    assert status.options == [
        "any status",
        "not started (3)",
        "done (1)",
        "done and empty (1)",
    ]
    status.select("done and empty").run()
    assert listed(app) == ["Nobody met. · done and empty · train"]
    assert app.selectbox(key=f"{form(app)}-split").options == ["any split", "train (1)", "dev (0)"]
    assert app.query_params["search"] == "status=done and empty"
    app.selectbox(key=f"{form(app)}-status").select("").run()
    assert len(listed(app)) == 5
    assert "search" not in app.query_params


def form(app: AppTest) -> str:
    return next(
        each.key.removesuffix("-text") for each in app.text_input if each.key.endswith("-text")
    )


def test_what_is_found_is_shown_and_opens_with_the_search_as_the_queue(
    open_page: Open, ids: list[int]
) -> None:
    app = visit(open_page, "data", search="text=bERLIN")
    assert listed(app) == [
        "Eve met **Berlin**. · 1 span · dev",
        "Zoë met **BERLIN**. · no spans · train",
    ]
    assert "2 documents: “bERLIN”" in said(app).replace("**", "")
    link = app.get("page_link")[-1].proto
    name = Selection(Order.SEARCH, search=Search(text="bERLIN")).name
    assert f"document={ids[3]}" in link.query_string
    opened = visit(open_page, "tag", document=str(ids[3]), queue=name)
    assert sent(opened)["queue"]["ids"] == [ids[1], ids[3]]
    assert sent(opened)["queue"]["index"] == 1


def test_a_search_becomes_the_queue_by_a_button(open_page: Open, ids: list[int]) -> None:
    app = visit(open_page, "data", search="label=PER")
    button(app, "Use as queue").click().run()
    assert [title.value for title in app.title] == ["Tag"]
    assert sent(app)["queue"]["title"] == "Label PER"
    assert sent(app)["queue"]["ids"] == [ids[1]]


def test_a_long_list_is_paged(open_page: Open, db: Database, ids: list[int]) -> None:
    project = projects.find_project(db, "Letters").id
    documents.add_documents(db, project, [Document(f"Text {n}") for n in range(30)], "ada")
    app = visit(open_page, "data", search="text=text")
    assert len(listed(app)) == 25
    app.session_state[f"{form(app)}-page-text=text"] = 2
    app.run()
    assert [label.split(" ·")[0] for label in listed(app)] == [
        f"**Text** {n}" for n in range(25, 30)
    ]


def test_what_is_mine_comes_first_where_documents_are_given_out_and_goes_back(
    open_page: Open, db: Database, ids: list[int]
) -> None:
    project = projects.find_project(db, "Letters").id
    assert Order.MINE not in visit(open_page, "tag").radio(key="queue-kind").options
    queues.create_queue(db, project, "Again", reason="PER changed.", documents=[ids[3]])
    app = visit(open_page, "tag")
    assert app.radio(key="queue-kind").options[0] == "Mine"
    assert assignments.given(db, project) == [], "nothing is given to who does not ask"
    choose(app, Order.MINE)
    assert sent(app)["queue"]["ids"] == [ids[3], ids[0], ids[4]], "of queues first, no finished one"
    assert (sent(app)["queue"]["title"], sent(app)["queue"]["why"]) == ("Mine", "PER changed.")
    assert assignments.take(db, project, "eve") == [], "nobody else gets them"
    app.button(key="queue-give-back").click().run()
    assert app.radio(key="queue-kind").value is Order.TODO
    assert assignments.given(db, project) == []


def test_who_only_labels_begins_with_theirs(
    open_page: Open, db: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(db, "root", Role.ADMIN)
    project = projects.find_project(db, "Letters").id
    assignments.take(db, project, "ben", 1)
    told = {"ann": (Order.MINE, ids[3:]), "ben": (Order.MINE, ids[:1])}
    # Nothing is left for the third: what a link leads to is opened all the same.
    told["cleo"] = (Order.TODO, [ids[0], ids[3], ids[4]])
    for name, (kind, given) in told.items():
        accounts.add(db, name, Role.ANNOTATOR)
        token = begin(db, name)
        monkeypatch.setattr(session, "token", lambda token=token: token)
        app = visit(open_page, "tag")
        assert app.radio(key="queue-kind").value is kind
        assert sent(app)["queue"]["ids"] == given


def test_what_another_has_done_is_to_do_in_ones_own_queue(
    open_page: Open, db: Database, ids: list[int]
) -> None:
    project = projects.find_project(db, "Letters").id
    assignments.set_dealing(db, project, 2, "bare")
    app = visit(open_page, "tag", queue="mine")
    assert sent(app)["queue"]["open"] == ids, "what ada has done, too"
    finish(db, ids[0])
    app.run()
    assert sent(app)["queue"]["open"] == ids[1:]


def test_who_starts_from_the_text_alone_is_told_no_suggestions_until_they_are_done(
    open_page: Open, db: Database, ids: list[int], look: int
) -> None:
    project = projects.find_project(db, "Letters").id
    assignments.set_dealing(db, project, 1, "bare")
    assert sent(visit(open_page, "tag"))["suggestions"], "nobody gave it to whoever is here"
    app = visit(open_page, "tag", queue="mine")
    assert sent(app)["document"]["id"] == ids[0] and sent(app)["suggestions"] is None
    who = settings.annotator(db)
    assert ids[0] not in coach.said(ids, who) and ids[0] in coach.said(ids, "eve")
    finish(db, ids[0])
    assert ids[0] in coach.said(ids, who)
