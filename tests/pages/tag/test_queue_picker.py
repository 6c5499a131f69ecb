"""The queue on the Tag page, as a person meets it."""

from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding.selection import Order
from storage.types import Document
from tests.pages.conftest import Open
from tests.pages.tag.conftest import choose, finish, sent, visit


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


def test_no_address_breaks_the_page(open_page: Open, ids: list[int]) -> None:
    app = visit(open_page, "tag", queue="", document="99999999999999999999")
    for name in ("zzz", "cell/9/test/a/b", "label/Nobody", "search/status=x"):
        app.query_params["queue"] = name
        assert not app.run().exception, name
