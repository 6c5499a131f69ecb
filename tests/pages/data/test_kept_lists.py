"""A word list that was uploaded is kept, used again, asked by the coach or not, and removed."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from storage.coaching import choices, outcomes, word_lists
from storage.coaching.choices import Choices
from storage.coaching.outcomes import Outcome
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Project
from tests.pages.conftest import Open, button, plain, said
from tests.pages.data.test_dictionary import figures, opened, project, upload

__all__ = ["project"]
NAMES = b"text,label\nOslo,LOC\nAda,PER\nUlm,CITY\n"


@pytest.fixture
def kept(db: Database, project: Project) -> word_lists.WordList:
    given = [("Oslo", "LOC"), ("Ada", "PER")]
    return word_lists.keep(db, project.id, "Names *1*", given, match_case=False)


def named(app: AppTest, file: str) -> TextInput:
    return app.text_input(key=f"keep-name-{file}")


def captions(app: AppTest) -> str:
    return " ".join(plain(each.value) for each in app.caption)


def test_an_upload_is_kept_as_it_is_looked_for_and_a_name_that_is_taken_is_said(
    open_page: Open, db: Database, project: Project
) -> None:
    app = upload(opened(open_page), "names.csv", NAMES)
    app.toggle(key="dictionary-words").set_value(False).run()
    assert "3 strings, also inside of words, case as written. New labels: CITY." in captions(app)
    button(app, "Keep the list").click().run()
    (made,) = word_lists.of_project(db, project.id)
    assert (made.name, made.strings, made.whole_words) == ("names", 3, False)
    assert word_lists.entries(db, made.id)[2] == ("Ulm", "CITY")
    assert [label.name for label in projects.list_labels(db, project.id)][2:] == ["CITY"]
    assert "A list of this name, 3 strings of" in captions(app)
    button(app, "Replace the list").click().run()
    named(app, "names.csv").set_value("Others").run()
    button(app, "Keep the list").click().run()
    assert not app.exception
    assert [each.name for each in word_lists.of_project(db, project.id)] == ["names", "Others"]
    # The next file is no other version of this one.
    assert named(upload(app, "cities.csv", NAMES), "cities.csv").value == "cities"


def test_a_kept_list_is_looked_for_again_without_its_file(
    open_page: Open, db: Database, kept: word_lists.WordList
) -> None:
    app = opened(open_page)
    app.button(key=f"use-list-{kept.id}").click().run()
    assert app.radio(key="dictionary-from").value == "A kept list"
    assert not app.toggle(key="dictionary-case").value
    button(app, "Look for 2 strings").click().run()
    assert figures(app) == {"Spans": "4", "Documents": "2", "Strings found": "3"}
    button(app, "Label 4 spans in 2 documents").click().run()
    assert not app.exception


def test_each_says_what_it_holds_how_it_did_and_whether_the_coach_asks_it(
    open_page: Open, db: Database, project: Project, kept: word_lists.WordList
) -> None:
    scores = ((0.8, True), (0.8, False))
    outcomes.put(db, [Outcome(documents.list_ids(db, project.id)[0], kept.run, None, scores)])
    app = opened(open_page)
    assert "2 strings · LOC, PER · whole words, in any case · kept" in captions(app)
    assert "1 of 2 suggestions kept by people" in captions(app)
    assert "**Names *1***" in said(app)
    app.toggle(key=f"ask-list-{kept.id}").set_value(False).run()
    assert not word_lists.of_project(db, project.id)[0].is_asked
    # A page that was drawn before somebody else decided does not take that back.
    word_lists.ask(db, kept.id, True)
    assert app.run().toggle(key=f"ask-list-{kept.id}").value
    assert word_lists.of_project(db, project.id)[0].is_asked
    choices.put(db, project.id, Choices(on=False))
    assert "switched off in Settings" in captions(app.run())


def test_a_list_is_removed(
    open_page: Open, db: Database, project: Project, kept: word_lists.WordList
) -> None:
    app = opened(open_page)
    app.radio(key="dictionary-from").set_value("A kept list").run()
    button(app, "Remove the list").click().run()
    assert not app.exception
    assert word_lists.of_project(db, project.id) == []
    assert app.radio(key="dictionary-from").options == ["A file", "What is labelled so far"]
