"""Try it in a project on pairs: a pair's answer, and what of a catalogue answers a text."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets.match import asking
from pages.widgets.try_it import files, ranked, tryout
from storage import home
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.runs import reports, runs, suggestions, sure
from storage.types import Document, Run, RunKind, RunState, Span
from tests.pages.conftest import Open, button, said
from tests.pages.match import test_match
from tests.pages.match.test_match import HOSTILE


class Server(test_match.Server):
    """Stands for the model server; it calls every pair a match."""

    def warm(self, folder: object) -> None:
        """Load nothing."""

    def guess(self, folder: object, asked: list[Document]) -> list[tuple]:
        return [(Document(d.text, spans=(Span(0, 0, "match", score=0.9),)), ()) for d in asked]

    def explain(self, folder: object, asked: list[Document], labels: object) -> list[tuple]:
        return [(document, []) for document in asked]


@pytest.fixture
def page(db: Database, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Try it in a project on pairs with a trained model, asked for ranked matches."""
    for module in (asking, files, ranked, tryout):
        monkeypatch.setattr(module, "server", Server)
    monkeypatch.setattr("pages.widgets.common.model.server", Server)
    made = projects.create_project(db, "help", "pairs")
    projects.add_labels(db, made.id, ["match", "no match"])
    settings.put(db, "last_project", made.id)
    done(db, made.id)
    return open_page("try", what="What matches")


def done(db: Database, project: int, kind: str = RunKind.TRAINING) -> Run:
    run = runs.create_run(db, project, {}, kind)
    home.run_folder(run.folder).mkdir(parents=True)
    runs.set_state(db, run.id, RunState.DONE)
    return run


def test_without_a_catalogue_it_leads_to_where_one_is_loaded(page: AppTest) -> None:
    assert "Ranked matches come of a catalogue" in page.info[0].value
    assert "Load a catalogue" in [link.proto.label for link in page.get("page_link")]


def test_what_answers_a_text_is_listed_with_its_score_as_text(page: AppTest, db: Database) -> None:
    project = settings.get(db, "last_project")
    reports.store_report(db, done(db, project, RunKind.CATALOGUE).id, test_match.REPORT, {})
    page.run()
    assert "read by the untrained encoder" in said(page)
    page.text_area(key="sentence").set_value("Why?").run()
    (drawn,) = [each.proto.body for each in page.get("html") if "ws-ranked" in each.proto.body]
    assert "<script>" not in drawn and "&lt;script&gt;" in drawn and "<b>0.40</b>" in drawn
    assert HOSTILE.startswith("<script>")
    button(page, "The first is wrong").click().run()
    found = documents.get_document(db, documents.newest_id(db, project))
    assert (found.text, found.second_text) == ("Why?", HOSTILE)
    links = {each.proto.label: each.proto.query_string for each in page.get("page_link")}
    assert links["Accept and reject them on Match"].startswith("catalogue=")


def test_a_pair_that_the_model_gets_wrong_goes_into_the_project(
    page: AppTest, db: Database
) -> None:
    page.segmented_control(key="what").set_value("A sentence").run()
    page.text_area(key="sentence").set_value("Why?").run()
    page.text_area(key="second").set_value("Because.").run()
    button(page, "This is wrong").click().run()
    project = settings.get(db, "last_project")
    found = documents.get_document(db, documents.newest_id(db, project))
    assert (found.text, found.second_text, found.name) == ("Why?", "Because.", "tried")
    assert "as a pair to label" in said(page)
    # Nothing that the model is sure of, which many are given at once.
    suggested = suggestions.of_document(db, found.id)
    assert suggested.spans == () and suggested.guesses
    assert found.id not in dict(sure.answers(db, project, "ada", 0.0))
