"""The guideline page: written, previewed and kept; it shows labels and fetches nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest

from storage.corpus import projects
from storage.database.connection import Database
from storage.knowledge import guidelines
from storage.types import Project
from tests.pages.conftest import Open, button, said


def edited(open_page: Open) -> AppTest:
    app = open_page("guideline")
    return app.segmented_control(key="view").set_value("Edit").run()


def write(open_page: Open, text: str) -> AppTest:
    app = edited(open_page)
    app.text_area[0].input(text).run()
    return app


def opened(db: Database, sample: int) -> Project:
    return projects.get_project(db, sample)


def test_what_is_written_is_shown_at_once_and_kept_on_save(
    open_page: Open, db: Database, sample: int
) -> None:
    app = write(open_page, "## Names\n\nOnly of *people*.")
    assert "Only of *people*." in said(app)
    assert "Not saved yet" in said(app)
    assert opened(db, sample).guideline == ""
    button(app, "Save").click().run()
    assert opened(db, sample).guideline == "## Names\n\nOnly of *people*."
    assert "Not saved yet" not in said(app)
    assert "Only of *people*." in said(open_page("guideline"))


def test_a_draft_outlives_the_way_to_another_page(
    open_page: Open, db: Database, sample: int
) -> None:
    app = write(open_page, "a draft")
    app.switch_page("home.py").run()
    app.switch_page("guideline.py").run()
    app.segmented_control(key="view").set_value("Read").run()
    assert "not saved yet" in said(app)
    app.segmented_control(key="view").set_value("Edit").run()
    assert app.text_area[0].value == "a draft"
    button(app, "Discard changes").click().run()
    assert app.text_area[0].value == ""


def test_what_was_saved_elsewhere_is_shown_and_never_overwritten_unasked(
    open_page: Open, db: Database, sample: int
) -> None:
    app = write(open_page, "mine")
    projects.set_guideline(db, sample, "theirs")
    app.run()
    assert "saved elsewhere" in said(app)
    assert app.text_area[0].value == "mine"
    assert "theirs" in [code.value for code in app.code]
    button(app, "Take theirs").click().run()
    assert app.text_area[0].value == "theirs"
    app.text_area[0].input("both").run()
    button(app, "Save").click().run()
    assert opened(db, sample).guideline == "both"


def test_without_a_draft_the_newest_text_is_edited(
    open_page: Open, db: Database, sample: int
) -> None:
    app = edited(open_page)
    projects.set_guideline(db, sample, "theirs")
    app.run()
    assert app.text_area[0].value == "theirs"


def test_hostile_markdown_fetches_and_runs_nothing(
    open_page: Open, db: Database, sample: int
) -> None:
    hostile = "![a](http://x.test/a.png) \\![b](http://x.test/b.png) ![c]\n\n[c]: http://x.test/c"
    app = write(open_page, hostile + "<script>alert(1)</script>")
    shown = [each for each in app.markdown if "x.test" in each.value]
    assert shown
    assert not any("![" in each.value for each in shown)
    assert not any(each.allow_html for each in shown)


def test_labels_are_shown_with_what_they_mean_and_their_examples(
    open_page: Open, db: Database, sample: int
) -> None:
    label = opened(db, sample).labels[0]
    words: dict[str, Any] = {
        "description": "<b>People</b>",
        "positive": "Ada",
        "negative": "the queen",
    }
    projects.update_label(db, replace(label, **words))
    shown: Sequence[Any] = open_page("guideline").get("html")
    html = "".join(each.value for each in shown)
    assert "&lt;b&gt;People&lt;/b&gt;" in html
    assert "Ada" in html and "the queen" in html
    assert all(label.name in html for label in opened(db, sample).labels)


def test_a_guideline_begins_with_a_paragraph_for_each_label(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("guideline")
    assert "The guideline has no text yet" in said(app)
    button(app, "Begin one").click().run()
    assert app.segmented_control(key="view").value == "Edit"
    assert app.text_area[0].value.startswith("## What counts\n\n### PER\n\nPeople, families")
    assert projects.get_project(db, sample).guideline == ""
    button(app, "Save").click().run()
    assert "### PER" in projects.get_project(db, sample).guideline


def test_what_a_label_is_and_is_not_is_said_where_the_guideline_is_edited(
    open_page: Open, db: Database, sample: int
) -> None:
    label = opened(db, sample).labels[0]
    app = edited(open_page)
    app.text_input(key=f"describe-{label.id}-negative").set_value(" the queen ").run()
    assert not app.error
    said_now = opened(db, sample).labels[0]
    assert said_now == replace(label, negative="the queen")
    assert guidelines.in_force(db, sample).labels[0].negative == "the queen"
    app.text_input(key=f"describe-{label.id}-description").set_value("Whoever has a name").run()
    assert opened(db, sample).labels[0] == replace(said_now, description="Whoever has a name")
