"""The view Strings: words labelled differently in places, and all of them mended in one step."""

from __future__ import annotations

import pytest

from engine.inspection import inconsistencies
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.types import Project, Status
from tests.engine.tiny import document
from tests.pages.conftest import Open, button, labels


@pytest.fixture
def project(db: Database) -> Project:
    """Ulm is a place three times, a club once, and left alone once; Bonn is done with."""
    made = projects.create_project(db, "places").id
    texts = [
        *(document(f"in Ulm {n}", (3, 6, "LOC"), status=Status.DONE) for n in range(3)),
        document("ULM won", (0, 3, "ORG"), status=Status.DONE),
        document("to Ulm", status=Status.DONE),
        document("Ulm is open"),
    ]
    documents.add_documents(db, made, texts, "ada")
    return projects.get_project(db, made)


def test_all_places_get_one_label_in_one_step(
    open_page: Open, db: Database, project: Project
) -> None:
    app = open_page("review", view="Strings")
    shown = app.dataframe[0].value
    assert shown[["words", "said", "odd"]].values.tolist() == [
        ["Ulm", "LOC 3 · ORG 1 · unlabelled 1", 2]
    ]
    assert app.query_params["words"] == "Ulm"
    button(app, "Label all 2 as LOC").click().run()
    assert "2 spans in 2 documents" in app.success[0].value
    assert inconsistencies.find(db, project) == []
    assert "labelled in the same way everywhere" in app.info[0].value
    last = list(journal.current(db, project.id))[-1]
    assert last.spans == (), "what is not done is left alone"


def test_words_may_also_be_nothing(open_page: Open, db: Database, project: Project) -> None:
    app = open_page("review", view="Strings")
    app.button_group[-1].set_value("unlabelled").run()
    assert "Unlabel all 4" in labels(app)
    button(app, "Unlabel all 4").click().run()
    done = journal.current(db, project.id, statuses=(Status.DONE,))
    assert not any(each.spans for each in done)


def test_what_was_found_right_is_no_finding_any_more(db: Database, project: Project) -> None:
    known = {each.text: each for each in journal.current(db, project.id)}
    won, bare = known["ULM won"], known["to Ulm"]
    for one, kind, place in (
        (won, "confirm", {"start": 0, "end": 3, "label": "ORG", "quote": "ULM"}),
        (bare, "reject", {"start": 3, "end": 6, "label": "LOC", "quote": "Ulm"}),
    ):
        assert inconsistencies.find(db, project)
        revision = journal.open_annotation(db, one.id or 0, "ada").revision
        edit = {"seq": 1, "base_revision": revision, "kind": kind, **place}
        journal.apply_operations(db, project.id, one.id or 0, "ada", f"t{kind}", [edit])
    assert inconsistencies.find(db, project) == []


def test_of_very_many_the_newest_are_looked_through_and_that_is_said(
    open_page: Open, db: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inconsistencies, "MOST", 3)
    app = open_page("review", view="Strings")
    assert "The newest 3 of 5 that are done were looked through." in [c.value for c in app.caption]
    (found,) = inconsistencies.find(db, project)
    assert sorted(found.counts, key=str) == sorted([("LOC", 1), ("ORG", 1), (None, 1)], key=str)
