"""The Agreement page: what is weakest between whom, and the sentences behind every number."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from engine.evaluation.confusion import Confusion, confuse
from engine.inspection.agreement import comparing, matching, reading
from pages.access import pages
from pages.widgets.agreement import chosen
from pages.widgets.agreement.sentences import is_in
from storage.cells import ANY, Cell, Only
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Project, Span, Status
from tests.engine.agreement.answered import texts
from tests.engine.inspection.agreement import people
from tests.engine.inspection.finished import done, finished
from tests.pages import walked
from tests.pages.conftest import Open, said

PAGE = "agreement"
HOSTILE = ("ORG", "<script>alert(1)</script>", "=1+1|[x](javascript:1)")


@pytest.fixture
def made(db: Database) -> Project:
    return people.project(db, wrong=(0.1, 0.2, 0.6), number=60, labels=HOSTILE)


def opened(open_page: Open, made: Project, **params: str) -> AppTest:
    return open_page(PAGE, project=str(made.id), **params)


def test_what_is_weakest_is_said_first_and_its_sentences_are_open(
    open_page: Open, made: Project
) -> None:
    app = opened(open_page, made)
    words = said(app)
    assert "is the weakest that is sure: κ 0." in words and "**person 2** stands out: κ 0." in words
    assert "A unit is a word" in words and "nan" not in words.lower().split()
    data = walked.sent(app)
    assert app.subheader[0].value.startswith("Differences about")
    assert data["counts"]["total"] > 0
    assert all("person" in row["reason"] for row in data["rows"])


def test_the_number_of_every_part_is_that_of_its_rows(db: Database, made: Project) -> None:
    found = comparing.compare(db, made)
    matches = matching.match(found.versions, 0, 2, made.task)
    table = Confusion.of({"confusion": confuse(matches)})
    sides = [(row, column) for row in (ANY, *table.rows) for column in (ANY, *table.columns)]
    parts = [Cell(0, "", *each) for each in sides]
    parts += [
        Cell(0, "", label, label if only is Only.BORDERS else ANY, only)
        for label in table.labels
        for only in (Only.ERRORS, Only.BORDERS)
    ]
    parts.append(Cell(0, "", ANY, ANY, Only.ERRORS))
    for part in parts:
        assert table.count(*part.place) == sum(is_in(match, part) for match in matches), part


def test_a_cell_of_the_address_opens_its_rows(open_page: Open, made: Project, db: Database) -> None:
    found = comparing.compare(db, made)
    matches = matching.match(found.versions, 0, 2, made.task)
    label = HOSTILE[1]
    app = opened(
        open_page, made, view="Confusion", a="person 0", b="person 2", gold=label, predicted=label
    )
    number = sum(is_in(match, Cell(0, "", label, label)) for match in matches)
    assert walked.sent(app)["counts"]["total"] == number
    assert "Rows: person 0. Columns: person 2." in said(app) and "αU 0." in said(app)


def test_what_is_clicked_is_opened_and_the_model_stays(
    open_page: Open, made: Project, db: Database
) -> None:
    known = annotations.of_documents(db, documents.list_ids(db, made.id))
    run = done(db, finished(db, made.id, known, {}, labels=HOSTILE))
    app = opened(open_page, made, run=str(run.id))
    assert reading.model_name(run) in " ".join(app.dataframe[0].value["people"])
    app.session_state["agreement-pairs"] = {"selection": {"cells": [[4, "kappa"]]}}
    clicked = app.dataframe[0].value.iloc[4]
    app.run()
    asked = app.query_params
    assert asked["run"] == str(run.id) and asked["only"] == "errors"
    assert clicked["label"] == asked["gold"]
    assert clicked["people"] == f"{asked['a']} – {asked['b']}"


def edit(db: Database, made: Project, place: int) -> None:
    id = documents.list_ids(db, made.id)[place]
    asked = {"seq": 1, "base_revision": 0, "kind": "flag", "flagged": True}
    outcome = annotations.apply_operations(db, made.id, id, "dan", f"tab{place}", [asked])
    assert outcome.results[0]["status"] == "saved"


def test_what_takes_long_stays_until_somebody_asks(
    open_page: Open, made: Project, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(open_page, made)
    edit(db, made, 0)
    app.run()
    assert not [each for each in app.button if each.key == "agreement-anew"]
    monkeypatch.setattr(chosen, "QUICK", 0.0)
    edit(db, made, 1)
    app.run()
    anew = next(each for each in app.button if each.key == "agreement-anew")
    anew.click().run()
    assert not [each for each in app.button if each.key == "agreement-anew"]


def test_alone_it_is_not_in_the_menu(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = people.project(db, wrong=(0.1,), number=3)
    several = people.project(db, number=3, name="more")
    place = [each.name for each in pages.PAGES].index(PAGE)
    monkeypatch.setattr(pages.Listed, "seen", lambda _, shown: shown)
    for project, shown in ((alone, False), (several, True)):
        monkeypatch.setattr(pages.st, "session_state", {"project": project.id})
        assert pages.for_whoever_acts()[place] is shown


def test_every_view_is_drawn(open_page: Open, made: Project) -> None:
    for view in ("Pairs", "Confusion", "People", "Over time"):
        app = opened(open_page, made, view=view)
        assert walked.sent(app) is not None, view
        if view == "Pairs":
            table = app.dataframe[0].value
            assert len(table) == 3 * len(HOSTILE)
            kappas = table["kappa"].tolist()
            assert kappas == sorted(kappas)
        if view == "Over time":
            # All was done in one week: a line of one point shows nothing.
            assert "One period by now" in "".join(each.value for each in app.caption)


def test_one_person_alone_is_told_what_is_missing(open_page: Open, db: Database) -> None:
    alone = people.project(db, wrong=(0.1,), number=3)
    app = opened(open_page, alone)
    assert "Agreement is of two people or more" in "".join(each.value for each in app.info)


def test_people_without_a_common_document_are_told_so(open_page: Open, db: Database) -> None:
    apart = projects.create_project(db, "apart")
    rows = [
        replace(each, id=None, annotator=f"p{each.id}", status=Status.DONE)
        for each in texts(2, ["A"])
    ]
    documents.add_documents(db, apart.id, rows, "importer")
    app = opened(open_page, projects.get_project(db, apart.id))
    assert "no two have finished one yet" in "".join(each.value for each in app.info)


@pytest.mark.long
def test_what_was_imported_is_a_side_that_is_asked_for(open_page: Open, db: Database) -> None:
    made = projects.create_project(db, "brought")
    rows = [
        replace(each, id=None, status=Status.DONE, spans=(Span(0, 1, "A"),))
        for each in texts(30, ["A"])
    ]
    documents.add_documents(db, made.id, rows, "root")
    for place, id in enumerate(documents.list_ids(db, made.id)):
        for who in ("ann", "ben"):
            own = annotations.open_annotation(db, id, who)
            done = {"seq": 1, "base_revision": own.revision, "kind": "status", "status": "done"}
            if own.spans and place % 3 == 0:
                done |= {"kind": "remove", "id": own.spans[0].id}
            saved = annotations.apply_operations(db, made.id, id, who, f"{who}-{id}", [done])
            assert saved.results[0]["status"] == "saved", saved.results
    made = projects.get_project(db, made.id)

    app = opened(open_page, made)
    assert set(app.dataframe[0].value["people"]) == {"ann – ben"}
    assert "In 30 of 30 shared sentences somebody began with" in said(app)
    app = opened(open_page, made, imported="yes")
    people = set(app.dataframe[0].value["people"])
    assert people == {"ann – ben", "ann – (imported)", "ben – (imported)"}
    assert app.query_params["imported"] == "yes" and app.metric[3].value == "30"
