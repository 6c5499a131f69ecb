"""One's own queue: given out, filled up, given back."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from pages.access import session
from pages.coaching import coach
from pages.widgets.tag import queue_picker
from storage.accounts import accounts
from storage.collaboration import assignments, queues
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding.selection import Order
from storage.journal import annotations
from storage.permissions import Role
from storage.runs import runs
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open
from tests.pages.tag.conftest import choose, finish, sent, visit


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
    edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    for document in ids[1:3]:
        annotations.apply_operations(db, project, document, "ada", f"ada{document}", [edit])
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
    assert sent(app)["withheld"] == "No suggestions: you start from the text alone."
    who = settings.annotator(db)
    assert ids[0] not in coach.said(ids, who) and ids[0] in coach.said(ids, "eve")
    finish(db, ids[0])
    assert ids[0] in coach.said(ids, who)


def test_who_starts_blind_is_told_why_there_are_no_suggestions_of_what_others_labelled(
    open_page: Open, db: Database, ids: list[int], look: int
) -> None:
    project = projects.find_project(db, "Letters").id
    assignments.set_dealing(db, project, 2, "suggestions")
    edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    annotations.apply_operations(db, project, ids[0], "eve", "eve", [edit])
    runs.mark_frozen(db, look)
    data = sent(visit(open_page, "tag", queue="mine"))
    assert (data["document"]["id"], data["suggestions"]) == (ids[0], None)
    assert data["withheld"].startswith("No suggestions: what models say here may come from")
    ahead = coach.said(ids, settings.annotator(db))
    assert ids[0] not in ahead and ids[3] in ahead


def test_it_fills_up_behind_as_documents_are_finished(
    open_page: Open, db: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stayed as it was on the first visit, until the page was opened anew."""
    monkeypatch.setattr(assignments, "AT_ONCE", 2)
    monkeypatch.setattr(queue_picker, "LOW", 1)
    app = visit(open_page, "tag", queue="mine")
    assert sent(app)["queue"]["ids"] == [ids[0], ids[3]]
    finish(db, ids[0])
    app.run()
    assert sent(app)["queue"]["ids"] == [ids[0], ids[3], ids[4]]
    assert (sent(app)["document"]["id"], sent(app)["queue"]["left"]) == (ids[0], 2)
    assert sent(app)["queue"]["why"] == "Given to you."
    for document in ids[3:]:
        finish(db, document)
    app.run()
    assert sent(app)["queue"]["why"].startswith("All of yours is done: you have labelled all 3")


def test_an_empty_one_says_why_and_is_looked_for_again_once_more_can_have_come(
    open_page: Open, db: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = projects.find_project(db, "Letters").id
    assignments.take(db, project, "ben")
    asked: list[int] = []
    looked = assignments._candidates

    def look(*given: Any) -> Iterator[Sequence[int]]:
        asked.append(1)
        return looked(*given)

    monkeypatch.setattr(assignments, "_candidates", look)
    app = visit(open_page, "tag", queue="mine")
    assert "each document goes to 1 person" in app.info[0].value
    assert "3 not begun: what they give back comes here" in app.info[0].value
    first = len(asked)
    app.run()
    app.run()
    assert len(asked) == first, "nothing has come: nothing is looked for"
    assignments.give_back(db, project, "ben")
    app.run()
    assert sent(app)["queue"]["ids"] == [ids[0], *ids[3:]]
