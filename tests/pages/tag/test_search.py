"""The search on the Data page, and its way to the Tag page as a queue."""

import re

from streamlit.testing.v1 import AppTest

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding.search import Search
from storage.finding.selection import Order, Selection
from storage.types import Document
from tests.pages.conftest import Open, button, said
from tests.pages.tag.conftest import sent, visit


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
