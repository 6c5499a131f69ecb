"""A dictionary shows what it would label, does it in one step, and leaves documents undone."""

import pytest
from streamlit.testing.v1 import AppTest

from storage.actions import actions
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Document, Project, Source, Span, Status
from tests.pages.conftest import Open, button, labels, said


@pytest.fixture
def project(db: Database) -> Project:
    """Two texts that were labelled, and two that nobody has touched."""
    made = projects.create_project(db, "News")
    spans = (Span(0, 3, "PER"), Span(7, 11, "LOC"))
    done = [Document("Ada in Oslo.", spans=spans, status=Status.DONE, name=n) for n in "ab"]
    new = [Document("👩‍🚒 Adam saw Ada in Oslo.", name="c"), Document("Oslo, oslo.", name="d")]
    documents.add_documents(db, made.id, [*done, *new], "ada")
    return projects.get_project(db, made.id)


def opened(open_page: Open) -> AppTest:
    app = open_page("data")
    return app.segmented_control(key="section").set_value("Dictionary").run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    return app.file_uploader(key="dictionary-file").upload(name, data).run()


def quotes(db: Database, project: Project) -> list[list[tuple[str, str, Source]]]:
    return [
        [(each.text[span.start : span.end], span.label, span.source) for span in each.spans]
        for each in annotations.current(db, project.id)
    ]


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_file_labels_untouched_documents_in_one_step_that_can_be_taken_back(
    open_page: Open, db: Database, project: Project
) -> None:
    app = upload(opened(open_page), "names.csv", b"text,label\nOslo,LOC\nAda,PER\n")
    button(app, "Look for 2 strings").click().run()
    assert figures(app) == {"Spans": "3", "Documents": "2", "Strings found": "2"}
    before = quotes(db, project)
    assert before[2:] == [[], []]
    button(app, r"Label 3 spans in 2 documents").click().run()
    assert not app.exception
    made = Source.DICTIONARY
    assert quotes(db, project) == [
        *before[:2],
        [("Ada", "PER", made), ("Oslo", "LOC", made)],
        [("Oslo", "LOC", made)],
    ]
    statuses = [each.status for each in annotations.current(db, project.id)]
    assert statuses == [Status.DONE, Status.DONE, Status.UNTOUCHED, Status.UNTOUCHED]
    assert len(actions.list_actions(db, project.id)) == 1
    button(app, "Take back").click().run()
    assert quotes(db, project) == before


def test_what_is_labelled_so_far_becomes_a_dictionary(
    open_page: Open, db: Database, project: Project
) -> None:
    app = opened(open_page)
    app.radio(key="dictionary-from").set_value("What is labelled so far").run()
    button(app, "Look for strings labelled so far").click().run()
    assert figures(app)["Spans"] == "3"
    app.number_input(key="dictionary-least").set_value(3).run()
    assert not app.metric
    button(app, "Look for strings labelled so far").click().run()
    assert "None of them" in app.info[0].value


def test_case_and_whole_words_are_options(open_page: Open, project: Project) -> None:
    app = upload(opened(open_page), "a.txt", b"oslo\nada\n")
    app.selectbox(key="dictionary-label").set_value("LOC").run()
    app.toggle(key="dictionary-case").set_value(False).run()
    app.toggle(key="dictionary-words").set_value(False).run()
    button(app, "Look for 2 strings").click().run()
    assert figures(app)["Spans"] == "5"


def test_all_documents_may_be_looked_at_and_no_span_is_covered(
    open_page: Open, db: Database, project: Project
) -> None:
    app = upload(opened(open_page), "a.csv", b"in Oslo,LOC\nin,MISC\n")
    app.toggle(key="dictionary-untouched").set_value(False).run()
    button(app, "Look for 2 strings").click().run()
    assert figures(app) == {"Spans": "3", "Documents": "3", "Strings found": "2"}
    assert "New labels: MISC" in said(app)
    button(app, "Label 3 spans in 3 documents").click().run()
    assert [label.name for label in projects.get_project(db, project.id).labels] == [
        *("PER", "LOC", "MISC")
    ]


def test_a_bad_file_is_said_by_line_and_nothing_can_be_done_with_it(
    open_page: Open, project: Project
) -> None:
    app = upload(opened(open_page), "a.txt", b"Ada\nM\0ller\n")
    assert app.dataframe[0].value["Line"].tolist() == [2]
    assert not any(label.startswith("Look for") for label in labels(app))
