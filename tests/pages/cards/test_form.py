"""What cards are asked: found on Data, kept once saved, refused in words, shown again."""

from __future__ import annotations

from pages.widgets.cards import form
from storage.corpus import projects
from storage.database.connection import Database
from storage.knowledge import cards
from storage.knowledge.cards import OTHER, Answers
from tests.pages.conftest import Open, button, said


def test_answers_are_saved_and_go_into_the_card(open_page: Open, db: Database, sample: int) -> None:
    app = open_page("data", section="Card")
    assert "Not answered yet: Intended use, Out of scope" in said(app)
    key = f"card-{sample}-"
    app.text_area(key=f"{key}intended").set_value("Find <b>names</b>.")
    app.text_input(key=f"{key}language").set_value("English").run()
    assert "Not saved yet" in said(app)
    button(app, "Save").click().run()
    assert "'english' is no code of a language" in app.error[0].value.replace("\\", "")
    assert cards.answers(db, sample) == Answers()
    app.text_input(key=f"{key}language").set_value("en")
    app.selectbox(key=f"{key}licence").set_value(OTHER).run()
    app.text_input(key=f"{key}licence_name").set_value("Ours")
    button(app, "Save").click().run()
    kept = Answers(OTHER, "Ours", "en", "Find <b>names</b>.")
    assert cards.answers(db, sample) == kept
    assert "Not saved yet" not in said(app)
    assert open_page("data", section="Card").text_area(key=f"{key}intended").value == kept.intended
    card = form._written(projects.get_project(db, sample), "markdown")
    assert "license: other" in card and "Find \\<b\\>names" in card


def test_what_another_saved_is_shown_and_what_was_typed_stays(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("data", section="Card")
    key = f"card-{sample}-"
    app.text_area(key=f"{key}source").set_value("A paper").run()
    cards.answer(db, sample, Answers(intended="Theirs", source="A radio"))
    app.run()
    assert app.text_area(key=f"{key}intended").value == "Theirs"
    assert app.text_area(key=f"{key}source").value == "A paper"
