"""The Team page: whose labels count, what is given to whom, what is to be looked at."""

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from pages.access import pages, session
from pages.routes import gate
from storage import permissions
from storage.accounts import accounts
from storage.collaboration import assignments, deciding, queues
from storage.collaboration.assignments import Dealing
from storage.collaboration.rules.policies import Gold, Policy
from storage.collaboration.rules.starts import Start
from storage.corpus import documents
from storage.database.connection import Database
from storage.engines.schema import ProjectRow
from storage.errors import ForbiddenError
from storage.journal import annotations
from storage.permissions import Person, Role, acting_as
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open, button, plain, said

HOSTILE = "<b>Eve</b> **x**"


def finish(db: Database, project: int, who: str, mark: bool) -> None:
    """Let somebody finish the first document, with a mark or without."""
    document = documents.list_ids(db, project)[0]
    opened = annotations.open_annotation(db, document, who)
    text = opened.document.text
    label = {"id": "n", "start": 0, "end": 2, "label": "PER", "quote": text[:2]}
    parts: list[dict] = [{"kind": "remove", "id": id} for id in opened.work.spans]
    parts += [{"kind": "add", "span": label}] if mark else []
    edit = {"seq": 1, "base_revision": opened.revision, "kind": "batch", "operations": parts}
    edit |= {"status": "done"}
    if not parts:
        edit = {"seq": 1, "base_revision": opened.revision, "kind": "status", "status": "done"}
    outcome = annotations.apply_operations(db, project, document, who, f"t-{who}", [edit])
    assert outcome.results[0]["status"] == "saved"


def radio(app: AppTest):
    return next(each for each in app.radio if "Where several people" in each.label)


def test_another_policy_says_first_what_it_leaves_open_and_is_then_in_force(
    open_page: Open, db: Database, sample: int
) -> None:
    finish(db, sample, "Ada", mark=True)
    finish(db, sample, HOSTILE, mark=False)
    app = open_page("team")
    assert "the newest** counts" in plain(said(app))
    radio(app).set_value(Gold.ADJUDICATED).run()
    assert "1 document would have no labels that count" in plain(said(app))
    assert deciding.policy(db, sample) == Policy(), "nothing is changed by looking"
    button(app, "Let these count").click().run()
    assert deciding.policy(db, sample) == Policy(Gold.ADJUDICATED)
    assert "what was decided** counts" in plain(said(app))
    radio(app).set_value(Gold.PERSON).run()
    app.selectbox(key=f"gold-person-{sample}-").set_value(HOSTILE).run()
    button(app, "Let these count").click().run()
    assert deciding.policy(db, sample) == Policy(Gold.PERSON, HOSTILE)


def test_queues_are_listed_with_their_reason_and_closed(
    open_page: Open, db: Database, sample: int
) -> None:
    ids = documents.list_ids(db, sample)[:2]
    queues.create_queue(db, sample, "Again", reason=HOSTILE, documents=ids)
    app = open_page("team", view="Queues")
    assert "2 documents" in said(app) and "Eve" in said(app)
    button(app, "Close").click().run()
    assert queues.list_queues(db, sample)[0].is_closed
    button(app, "Open again").click().run()
    assert not queues.list_queues(db, sample)[0].is_closed


def test_how_documents_are_given_out_is_said_and_what_was_given_goes_back(
    open_page: Open, db: Database, sample: int
) -> None:
    assignments.take(db, sample, HOSTILE, 2)
    app = open_page("team", view="Who gets what")
    assert "2 documents given · 0 done · 2 to do" in said(app)
    key = f"{sample}-1-{Start.OPEN}"
    app.number_input(key=f"giving-people-{key}").set_value(2)
    app.radio(key=f"giving-start-{key}").set_value(Start.BARE).run()
    assert assignments.dealing(db, sample) == Dealing(), "not before it is pressed"
    button(app, "Give out like this").click().run()
    assert assignments.dealing(db, sample) == Dealing(2, Start.BARE)
    button(app, "Give back").click().run()
    assert assignments.given(db, sample) == []
    assert "Nobody was given a document yet" in said(app)


@pytest.mark.parametrize("given_out", ["of a project", "of a queue"])
def test_alone_team_is_in_the_menu_once_documents_are_given_out(
    open_page: Open, db: Database, sample: int, given_out: str
) -> None:
    """Who let each document go to two people found the page no more that said so."""

    def is_hidden() -> bool:
        menu = [page for page in pages.PAGES if page.for_several]
        kept_out = pages._kept_out(permissions.current(), sample)
        assert {"agreement", "adjudicate"} <= {page.name for page in menu} & {*kept_out}
        return "team" in kept_out

    assert is_hidden()
    if given_out == "of a project":
        app = open_page("team", view="Who gets what")
        app.number_input(key=f"giving-people-{sample}-1-{Start.OPEN}").set_value(2).run()
        button(app, "Give out like this").click().run()
    else:
        queues.create_queue(db, sample, "Again", documents=documents.list_ids(db, sample)[:1])
    assert not is_hidden()


def test_annotators_see_their_own_documents_and_change_nothing(
    open_page: Open, db: Database, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("ann", "ben"):
        assignments.take(db, sample, who, 1)
    accounts.add(db, "root", Role.ADMIN)
    accounts.add(db, "ann", Role.ANNOTATOR)
    token = begin(db, "ann")
    monkeypatch.setattr(session, "token", lambda: token)
    app = open_page("team", view="Who gets what")
    assert "**ann**" in said(app) and "ben" not in said(app)
    assert app.radio(key=f"giving-start-{sample}-1-open").disabled


def test_who_labels_blind_opens_no_page_that_shows_what_others_labelled(
    open_page: Open, db: Database, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blind annotator could read on Report and Review what the others had decided."""
    assignments.set_dealing(db, sample, 1, Start.BARE)
    for who, role in (("root", Role.ADMIN), ("rey", Role.REVIEWER), ("ann", Role.ANNOTATOR)):
        accounts.add(db, who, role)
    signed = {who: begin(db, who) for who in ("rey", "ann")}

    def is_refused(who: str, page: str) -> bool:
        monkeypatch.setattr(session, "token", lambda: signed[who])
        told = "\n".join(plain(each.value) for each in open_page(page).info)
        return "without seeing each other's labels" in told and "ask an admin" in told

    assert [is_refused("ann", page) for page in ("report", "compare", "review")] == [True] * 3
    asked = {"token": gate.sign("ann", sample), "document": documents.list_ids(db, sample)[0]}
    # How many rows of a cell were visited told, document by document, what stood in it.
    for route in ("similar", "visits"):
        with (
            acting_as(Person("ann", Role.ANNOTATOR)),
            pytest.raises(ForbiddenError, match="each o"),
        ):
            gate._answer(route, lambda call: (200, call.fields), asked)
    assert not is_refused("rey", "review") and not is_refused("ann", "guideline")
    with db.write() as written:
        written.execute(update(ProjectRow).values(start=Start.OPEN))
    assert not is_refused("ann", "review")


def test_who_labels_blind_gets_no_queue_that_tells_what_others_labelled(
    open_page: Open, db: Database, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which documents stood under a label, a search or a cell told what others had marked."""
    ids = documents.list_ids(db, sample)
    queues.create_queue(db, sample, "Blind", documents=ids[:2], start=Start.BARE)
    for who, role in (("root", Role.ADMIN), ("ann", Role.ANNOTATOR)):
        accounts.add(db, who, role)
    offered = {}
    for who in ("root", "ann"):
        token = begin(db, who)
        monkeypatch.setattr(session, "token", lambda token=token: token)
        app = open_page("tag", queue="search:text=a")
        offered[who] = app.radio(key="queue-kind")
    assert set(offered["root"].options) - set(offered["ann"].options) == {
        *("For one label", "Worth most first", "Model disagrees", "Search"),
    }
    assert offered["ann"].value in ("mine", "todo")


def test_home_says_how_many_documents_wait_for_a_decision_where_they_go_to_several(
    open_page: Open, db: Database, sample: int
) -> None:
    finish(db, sample, "Ada", mark=True)
    finish(db, sample, "Eve", mark=False)

    def links() -> list[str]:
        return [each.proto.label for each in open_page("home").get("page_link")]

    assert not any("decision" in each for each in links()), "the newest has mended the other"
    assignments.set_dealing(db, sample, 2, Start.BARE)
    assert "1 document waits for a decision" in links()


def test_a_queue_is_made_with_its_own_people_and_start_and_says_how_far_each_is(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("team", view="Queues")
    app.text_input(key="queue-name-0").input("Twice").run()
    app.number_input(key="queue-people-0").set_value(2)
    app.selectbox(key="queue-start-0").set_value(Start.BARE).run()
    total = len(documents.list_ids(db, sample))
    assert f"{total:,} documents, each to 2 people; here are only 1 so far" in said(app)
    button(app, "Make the queue").click().run()
    assert not app.exception and not app.error
    assert app.text_input(key="queue-name-1").value == "", "the next one begins empty"
    (made,) = queues.list_queues(db, sample)
    assert (made.name, made.people, made.start, made.search) == ("Twice", 2, Start.BARE, None)
    for who in ("Ada", "Bob"):
        assignments.take(db, sample, who, 2)
    finish(db, sample, "Ada", mark=True)
    told = said(open_page("team", view="Queues"))
    assert "each to 2 people · the text alone" in told
    assert "1 of 4 given are done: Ada 1 of 2, Bob 0 of 2" in told
