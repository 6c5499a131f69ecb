"""Labels are described, coloured and ordered; what touches spans is told first and reversible."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets.common import colors
from storage.actions import actions, relabelling
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding import progress
from storage.journal import annotations
from storage.types import Document, Project, Span, Status
from tests.pages.conftest import Open, button, labels, said

TEXT = "Ada and Acme Ltd met Bob at Acme Ltd."
SPANS = (
    Span(0, 3, "PER"),
    Span(8, 16, "ORG"),
    Span(21, 24, "PER"),
    Span(28, 36, "ORG"),
)


@pytest.fixture
def project(db: Database) -> Project:
    """Two texts of one sentence, with two people and two companies in each."""
    made = projects.create_project(db, "News")
    projects.add_labels(db, made.id, ["PER", "ORG", "LOC"])
    texts = [Document(TEXT, spans=SPANS, status=Status.DONE, name=f"{n}") for n in (1, 2)]
    documents.add_documents(db, made.id, texts, "ada")
    return projects.get_project(db, made.id)


def section(open_page: Open, name: str = "Labels", chosen: int | None = None) -> AppTest:
    app = open_page("data")
    app.segmented_control(key="section").set_value(name).run()
    if chosen is not None:
        app.button(key=f"label-{chosen}-more").click().run()
    return app


def operation(app: AppTest, label: int, name: str) -> AppTest:
    app.button(key=f"label-{label}-more").click().run()
    return app.segmented_control(key=f"operation-{label}").set_value(name).run()


def field(app: AppTest, label: str):
    return next(each for each in [*app.text_input, *app.text_area] if each.label.startswith(label))


def used(db: Database, project: Project) -> dict[str, int]:
    return dict(progress.of(db, project.id).by_label)


def test_a_label_is_described_with_an_example_and_a_counterexample(
    open_page: Open, db: Database, project: Project
) -> None:
    app = section(open_page, chosen=project.labels[0].id)
    field(app, "Description").input("People.").run()
    field(app, "Example of PER").input(" Ada ").run()
    field(app, "Counterexample of PER").input("the queen").run()
    label = projects.get_project(db, project.id).labels[0]
    assert (label.description, label.positive, label.negative) == ("People.", "Ada", "the queen")


def test_a_field_leaves_alone_what_was_changed_elsewhere(
    open_page: Open, db: Database, project: Project
) -> None:
    app = section(open_page)
    projects.update_label(db, replace(project.labels[0], name="PERSON", key="p"))
    field(app, "Description").input("People.").run()
    label = projects.get_project(db, project.id).labels[0]
    assert (label.name, label.key, label.description) == ("PERSON", "p", "People.")
    assert field(app, "Key").value == "p"


def test_a_key_that_another_label_has_is_refused_in_words(
    open_page: Open, db: Database, project: Project
) -> None:
    app = section(open_page)
    field(app, "Key").input("2").run()
    assert "belongs to" in app.error[0].value
    assert field(app, "Key").value == "1"
    assert not app.run().error


@pytest.mark.parametrize(
    ("key", "what"), [("j", "Select the next word"), ("J", "Grow the selection by a word")]
)
def test_a_key_that_means_a_command_is_told(
    open_page: Open, db: Database, project: Project, key: str, what: str
) -> None:
    app = section(open_page)
    assert not app.warning
    field(app, "Key").input(key).run()
    assert projects.get_project(db, project.id).labels[0].key == key
    assert what in app.warning[0].value
    settings.put(db, "keys", {"nextToken": "d", "grow": "Shift+d"})
    assert not app.run().warning


def test_one_of_something_is_said_in_the_singular(
    open_page: Open, db: Database, project: Project
) -> None:
    documents.add_documents(
        db, project.id, [Document("Rome.", spans=(Span(0, 4, "LOC"),), status=Status.DONE)], "ada"
    )
    assert [each.value for each in section(open_page).caption if "span" in each.value] == [
        "4 spans",
        "4 spans",
        "1 span",
    ]


def test_a_colour_hard_to_see_is_said_and_the_nearest_good_one_offered(
    open_page: Open, db: Database, project: Project
) -> None:
    app = section(open_page, chosen=project.labels[0].id)
    app.color_picker[0].set_value("#ffee00").run()
    assert "light page" in said(app)
    better = colors.nearest_good("#ffee00")
    button(app, f"Use {better}").click().run()
    assert "Hard to see" not in said(app)
    assert projects.get_project(db, project.id).labels[0].color == better


def test_labels_move_up_and_down(open_page: Open, db: Database, project: Project) -> None:
    app = section(open_page, chosen=project.labels[0].id)
    assert button(app, "Move up").disabled
    button(app, "Move down").click().run()
    names = [label.name for label in projects.get_project(db, project.id).labels]
    assert names == ["ORG", "PER", "LOC"]
    assert app.session_state["label"] == project.labels[0].id


def test_labels_are_added_as_many_as_are_named(
    open_page: Open, db: Database, project: Project
) -> None:
    app = section(open_page)
    field(app, "New labels").input("DATE, MISC")
    button(app, "Add").click().run()
    names = [label.name for label in projects.get_project(db, project.id).labels]
    assert names == ["PER", "ORG", "LOC", "DATE", "MISC"]


def test_merging_says_what_it_touches_and_can_be_taken_back_and_repeated(
    open_page: Open, db: Database, project: Project
) -> None:
    org, loc = project.labels[1].id, project.labels[2].id
    app = operation(section(open_page), org, "Merge")
    app.selectbox(key=f"merge-{org}").set_value(loc).run()
    assert "Merging ORG into LOC relabels 4 spans in 2 documents" in said(app)
    assert used(db, project)["ORG"] == 4
    button(app, "Merge into LOC").click().run()
    assert not app.exception
    assert used(db, project) == {"PER": 4, "LOC": 4}
    assert "ORG merged into LOC: 4 spans in 2 documents" in app.success[0].value.replace("\\", "")
    button(app, "Take back").click().run()
    assert used(db, project) == {"PER": 4, "ORG": 4, "LOC": 0}
    button(app, "Repeat").click().run()
    assert used(db, project) == {"PER": 4, "LOC": 4}


def test_what_was_edited_since_stays_and_is_counted(
    open_page: Open, db: Database, project: Project
) -> None:
    org, loc = project.labels[1].id, project.labels[2].id
    relabelling.merge_labels(db, org, loc, "ada")
    first = documents.list_ids(db, project.id)[0]
    opened = annotations.open_annotation(db, first, "ada")
    edit = {"seq": 1, "base_revision": opened.revision, "kind": "remove", "id": opened.spans[1].id}
    annotations.apply_operations(db, project.id, first, "ada", "client", [edit])
    app = section(open_page)
    button(app, "Take back").click().run()
    assert "1 edit no longer fits" in said(app)
    assert used(db, project)["ORG"] == 3


def test_deleting_says_what_goes(open_page: Open, db: Database, project: Project) -> None:
    per = project.labels[0].id
    app = operation(section(open_page), per, "Delete")
    assert "Deleting PER removes 4 spans in 2 documents" in said(app)
    button(app, "Delete PER").click().run()
    assert "Move up" not in labels(app)
    assert used(db, project) == {"ORG": 4, "LOC": 0}
    button(app, "Take back").click().run()
    assert used(db, project) == {"PER": 4, "ORG": 4, "LOC": 0}


def test_renaming_keeps_the_spans(open_page: Open, db: Database, project: Project) -> None:
    per = project.labels[0].id
    app = operation(section(open_page), per, "Rename")
    app.text_input(key=f"rename-{per}").input("PERSON").run()
    assert "Renaming PER to PERSON changes 4 spans in 2 documents" in said(app)
    button(app, "Rename to PERSON").click().run()
    assert used(db, project) == {"PERSON": 4, "ORG": 4, "LOC": 0}
    assert "Take back" in labels(app)


def test_splitting_takes_the_texts_that_a_search_finds_and_a_person_ticks(
    open_page: Open, db: Database, project: Project
) -> None:
    per = project.labels[0].id
    app = operation(section(open_page), per, "Split")
    app.text_input(key=f"split-search-{per}").input("ad").run()
    app.checkbox(key=f"split-{per}-ad-all").check().run()
    app.text_input(key=f"split-name-{per}").input("WOMAN").run()
    assert "Splitting WOMAN off PER relabels 2 spans in 2 documents" in said(app)
    button(app, "Split off WOMAN").click().run()
    assert used(db, project) == {"PER": 2, "ORG": 4, "LOC": 0, "WOMAN": 2}


def test_single_texts_are_ticked_in_the_table(
    open_page: Open, db: Database, project: Project
) -> None:
    per = project.labels[0].id
    app = operation(section(open_page), per, "Split")
    app.text_input(key=f"split-name-{per}").input("MAN").run()
    rows = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.session_state[f"split-{per}--rows"] = rows
    app.run()
    button(app, "Split off MAN").click().run()
    assert relabelling.quotes(db, per) == [("Ada", 2)]


def test_forbidding_overlaps_says_what_goes_and_can_be_taken_back(
    open_page: Open, db: Database
) -> None:
    made = projects.create_project(db, "Nested", allow_overlaps=True)
    spans = (Span(0, 3, "PER"), Span(0, 16, "ORG"))
    documents.add_documents(db, made.id, [Document(TEXT, spans=spans)], "ada")
    app = open_page("settings")
    app.toggle(key=f"overlaps-{made.id}-True").set_value(False).run()
    assert "removes 1 span in 1 document" in said(app)
    assert projects.get_project(db, made.id).allow_overlaps
    button(app, "Keep them").click().run()
    assert app.toggle(key=f"overlaps-{made.id}-True").value
    app.toggle(key=f"overlaps-{made.id}-True").set_value(False).run()
    button(app, "Forbid overlaps").click().run()
    assert used(db, made) == {"PER": 0, "ORG": 1}
    action = actions.list_actions(db, made.id)[0]
    button(section(open_page), "Take back").click().run()
    assert actions.list_actions(db, made.id)[0].reverses == action.id
    assert used(db, made) == {"PER": 1, "ORG": 1}


def test_a_label_whose_name_is_markdown_is_shown_as_it_is(
    open_page: Open, db: Database, project: Project
) -> None:
    projects.add_labels(db, project.id, ["**<b>x</b>**"])
    chosen = projects.get_project(db, project.id).labels[-1]
    app = operation(section(open_page), chosen.id, "Delete")
    assert "Deleting **<b>x</b>** removes 0 spans" in said(app)
    assert not any(each.allow_html for each in app.markdown)


def test_a_change_is_taken_back_or_repeated_by_what_it_did_not_by_its_title(
    open_page: Open, db: Database, project: Project
) -> None:
    name = "Taken back: PER"
    relabelling.rename_label(db, project.labels[0].id, name, "ada")
    (renamed,) = actions.list_actions(db, project.id)
    relabelling.rename_label(db, project.labels[0].id, "PER", "ada")
    newest, _ = actions.list_actions(db, project.id)
    assert newest.title.startswith("Taken back: ")
    assert labels(section(open_page)).count("Take back") == 2
    back = actions.reverse(db, newest.id, "ada")
    assert "Repeat" in labels(section(open_page))
    again = actions.reverse(db, back.id, "ada")
    assert [each.takes_back for each in (renamed, newest, back, again)] == [
        False,
        False,
        True,
        False,
    ]
    found = labels(section(open_page))
    assert (found.count("Take back"), found.count("Repeat")) == (3, 0)


def test_a_hundred_labels_are_paged(open_page: Open, db: Database, project: Project) -> None:
    projects.add_labels(db, project.id, [f"L{number}" for number in range(97)])
    app = section(open_page)
    assert len([b for b in app.button if b.label == "More"]) == 25


def test_labels_come_from_a_list_of_another_tool_with_their_colours(
    open_page: Open, db: Database, project: Project
) -> None:
    app = section(open_page)
    listed = '[{"text": "PER"}, {"text": "*x*", "background_color": "#102030"}]'
    app.file_uploader(key=f"label-list-{project.id}").upload("l.json", listed.encode()).run()
    assert "2 labels in the file, 1 of them new" in said(app)
    button(app, "Add 1 label").click().run()
    added = projects.list_labels(db, project.id)[-1]
    assert (added.name, added.color) == ("*x*", "#102030")
    assert "all of them are here" in said(app)


def test_what_is_no_list_of_labels_is_refused_in_a_sentence(
    open_page: Open, project: Project
) -> None:
    app = section(open_page)
    app.file_uploader(key=f"label-list-{project.id}").upload("l.xml", b"<View>").run()
    assert any("no XML" in each.value for each in app.error)
