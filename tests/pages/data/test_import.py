"""Import: what would come in is shown first, and exactly that comes in on confirmation."""

from __future__ import annotations

import csv
import io
import json

import pytest
from streamlit.testing.v1 import AppTest

from engine import tasks
from pages.widgets.data import problem_list
from storage.actions import actions
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding import search
from storage.types import Document, Problem, Severity
from tests.engine.folders import wait_for
from tests.pages.conftest import Open, button, drop, labels, plain, said

SENTENCES = b"Ada B-PER\nsleeps O\n\nOslo B-LOC\n"
NUMBERED = b"1\tAda\tB-PER\tO\n2\tsleeps\tO\tO\n\n1\tOslo\tB-ORG\tB-LOC\n2\twins\tO\tO\n"


def drawn(app: AppTest) -> str:
    """Return what is drawn as HTML."""
    return "".join(block.proto.body for block in app.get("html"))


def importer(app: AppTest):
    return next(b for b in app.button if b.label.startswith("Import "))


def test_an_upload_is_shown_first_and_imported_only_on_confirmation(
    open_page: Open, db: Database
) -> None:
    app = open_page("data")
    app.text_input[0].input("Letters").run()
    drop(app, ("dev.conll", SENTENCES))
    assert "**2** documents · 3 tokens · 2 spans · 0 duplicates · tag scheme IOB2" in said(app)
    assert ">Ada<small>PER</small>" in drawn(app)
    assert projects.list_projects(db) == []
    next(b for b in app.button if b.label == "Import 2 documents").click().run()
    project = projects.find_project(db, "Letters")
    assert documents.count_documents(db, project.id) == 2
    assert [label.name for label in project.labels] == ["PER", "LOC"]


@pytest.mark.parametrize("task", tasks.known())
def test_a_door_opens_the_form_for_its_kind_of_label(task: str, open_page: Open) -> None:
    app = open_page("data", task=task)
    assert app.selectbox(key="task").value == task
    other = tasks.known()[tasks.known().index(task) - 1]
    app.selectbox(key="task").select(other).run()
    assert app.selectbox(key="task").value == other


def test_labels_of_whole_texts_that_spans_cannot_take_are_told_with_the_way_out(
    open_page: Open,
) -> None:
    app = open_page("data")
    table = b"text,category\nShe sleeps.,calm\nIt rains.,weather\n"
    drop(app, ("notes.csv", table))
    assert "To label whole texts, choose that above" in said(app)


def test_an_upload_with_errors_cannot_be_imported_until_the_rows_are_left_out(
    open_page: Open, db: Database
) -> None:
    project = projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("bad.conll", b"Ada B-PER\nlonely\n\nOslo B-LOC\n"))
    assert next(b for b in app.button if b.label.startswith("Import")).disabled
    assert plain(app.error[0].value).startswith("**1 error**\n\n- bad.conll, line 2: The row has")
    app.checkbox[0].check().run()
    next(b for b in app.button if b.label == "Import 2 documents").click().run()
    assert documents.count_documents(db, project.id) == 2


def test_the_text_column_of_a_table_can_be_chosen(open_page: Open, db: Database) -> None:
    project = projects.create_project(db, "Tables")
    app = open_page("data")
    table = b"id,title,comment\n1,Ada,She sleeps.\n2,Oslo,It rains.\n"
    drop(app, ("notes.csv", table))
    app.selectbox(key="text_column").select("title").run()
    next(b for b in app.button if b.label == "Import 2 documents").click().run()
    rows = search.rows(db, project.id)
    assert [row.text for row in rows] == ["Ada", "Oslo"]


def test_plain_text_comes_in_by_line_or_by_paragraph(open_page: Open, db: Database) -> None:
    projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("a.txt", b"one\ntwo\n\nthree\n"))
    assert any(b.label == "Import 3 documents" for b in app.button)
    app.radio(key="by").set_value("paragraph").run()
    assert any(b.label == "Import 2 documents" for b in app.button)


def test_columns_are_shown_and_can_be_chosen(open_page: Open, db: Database) -> None:
    project = projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("numbered.tsv", NUMBERED))
    assert app.selectbox(key="tag_column").placeholder == "3: B-PER, B-ORG, O"
    assert "Column 4 holds tags, too (B-LOC)" in said(app)
    assert "--" not in said(app)
    assert ">Ada<small>PER</small>" in drawn(app)
    app.selectbox(key="tag_column").select("4").run()
    assert ">Oslo<small>LOC</small>" in drawn(app)
    importer(app).click().run()
    (label,) = projects.list_labels(db, project.id)
    assert label.name == "LOC"


def test_what_the_database_refuses_is_told_with_its_line_before_anything_comes_in(
    open_page: Open, db: Database
) -> None:
    project = projects.create_project(db, "Letters")
    rows = [
        {"text": "Ada", "label": [[0, 3, "PER"]]},
        {"text": "Eve", "label": [[0, 3, "L" * 201]]},
        {"text": "Bob", "score": 0, "label": [[0, 3, "(missed)"]]},
    ]
    data = "".join(json.dumps(row) + "\n" for row in rows) + '{"text": "Zoe", "x": 1e999}\n'
    app = open_page("data")
    drop(app, ("x.jsonl", data.encode()))
    assert plain(app.error[0].value).startswith("**3 errors**\n\n- x.jsonl, line 2: ")
    assert "- x.jsonl, line 4: The number 1e999 is too large" in plain(app.error[0].value)
    assert importer(app).disabled
    app.checkbox(key="skip_bad").check().run()
    importer(app).click().run()
    assert [row.text for row in search.rows(db, project.id)] == ["Ada"]


def test_a_file_of_mostly_the_same_texts_asks_first(open_page: Open, db: Database) -> None:
    projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("words.txt", b"the\na\nthe\nthe\nthe\n"))
    assert importer(app).disabled
    app.checkbox(key="allow_duplicates").check().run()
    assert not importer(app).disabled


def test_a_new_project_is_named_after_the_file_where_nobody_names_it(
    open_page: Open, db: Database
) -> None:
    app = open_page("data")
    drop(app, ("letters.1.conll", SENTENCES))
    importer(app).click().run()
    assert [project.name for project in projects.list_projects(db)] == ["letters.1"]


def test_pasted_text_becomes_a_project_that_is_tagged_at_once(
    open_page: Open, db: Database
) -> None:
    app = open_page("data")
    app.segmented_control(key="from").set_value("Pasted text").run()
    app.text_area[0].input("Ada sleeps.\nOslo wins.\n").run()
    names = next(field for field in app.text_input if field.label == "What do you look for?")
    names.input("PER, LOC, PER").run()
    importer(app).click().run()
    assert not app.exception
    project = projects.find_project(db, "My texts")
    assert [label.name for label in project.labels] == ["PER", "LOC"]
    assert documents.count_documents(db, project.id) == 2
    assert [title.value for title in app.title] == ["Tag"]


def test_hostile_texts_are_drawn_as_text(open_page: Open, db: Database) -> None:
    projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("x.conll", b"<script>x</script> B-<b>\nb O\n"))
    assert "&lt;script&gt;" in drawn(app)
    assert "<script>" not in drawn(app)


def test_a_text_to_learn_from_and_to_measure_on_at_once_is_warned_of(
    open_page: Open, db: Database
) -> None:
    project = projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("train.txt", b"Ada sleeps.\nOslo wins.\nEmmy left.\n"))
    importer(app).click().run()
    drop(app, ("test.txt", b"Ada sleeps.\nNobody came.\nAll went.\nZoe won.\n"))
    assert "**1 document would be learned from and measured on at once**" in app.error[0].value
    told = app.dataframe[0].value["What and what to do"].tolist()
    assert told == ["The text is the same as in the project, in another split."]
    importer(app).click().run()
    assert documents.count_documents(db, project.id) == 7


def test_the_encoding_is_shown_and_another_one_can_be_chosen(open_page: Open, db: Database) -> None:
    projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("a.txt", "Ada schläft.\nOslo gewinnt über alle.\n".encode("cp1252")))
    app.selectbox(key="encoding").select("cp1252").run()
    assert "Western (Windows-1252, Latin-1)" in plain(said(app))
    assert "schläft" in drawn(app)
    app.selectbox(key="encoding").select("cp1251").run()
    assert "Cyrillic" in said(app) and "schläft" not in drawn(app)


def test_the_list_of_problems_is_whole_and_no_cell_of_it_is_a_formula() -> None:
    problem = Problem(Severity.ERROR, "=cmd.csv", 7, '+1 "x", gone\nand more')
    written = problem_list.as_csv([problem] * 1_000).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(written, newline=""))
    assert head == ["severity", "file", "line", "message"]
    assert rows == [["error", "'=cmd.csv", "7", "'" + problem.message]] * 1_000


PAIRS = b"question,answer\nWhere is it?,In the post.\nMay I return it?,Yes.\nHow long?,Two days.\n"


def test_a_new_project_of_pairs_gets_negatives_and_shows_both_texts(
    open_page: Open, db: Database
) -> None:
    app = open_page("data")
    app.selectbox(key="task").select("pairs").run()
    drop(app, ("log.csv", PAIRS))
    assert "If they are a log of what people chose" in said(app)
    app.number_input(key="negatives").set_value(2).run()
    assert "nobody chose" in said(app) and 'class="ws-second"' in drawn(app)
    importer(app).click().run()
    project = projects.find_project(db, "log")
    assert (project.task, [each.name for each in project.labels]) == (
        "pairs",
        ["match", "no match"],
    )
    app.segmented_control(key="section").set_value("Documents").run()
    assert "· sampled</small>" in drawn(app) and "In the post." in drawn(app)


def test_labels_go_onto_the_documents_that_are_there(open_page: Open, db: Database) -> None:
    project = projects.create_project(db, "Letters")
    there = [Document("Ada sleeps"), Document("It rains")]
    documents.add_documents(db, project.id, there, settings.annotator(db))
    app = open_page("data")
    drop(app, ("more.conll", SENTENCES))
    app.selectbox(key="onto-0").select("text").run()
    assert "**1** of them found in the project · **1 document** there would change" in said(app)
    assert "1 document not found" in [each.label for each in app.expander]
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["File"], row["Line"]) == ("more.conll", "4")
    button(app, "Label 1 document").click().run()
    assert [row.text for row in search.rows(db, project.id)] == ["Ada sleeps", "It rains"]
    (action,) = actions.list_actions(db, project.id)
    assert (action.documents, action.spans, action.annotator) == (1, 1, settings.annotator(db))
    assert plain(app.success[0].value).endswith("by text: 1 span in 1 document.")
    assert app.selectbox(key="onto-1").value == ""


def test_a_project_without_documents_is_not_asked_about_them(open_page: Open, db: Database) -> None:
    projects.create_project(db, "Letters")
    assert "onto-0" not in [each.key for each in open_page("data").selectbox]


@pytest.mark.long
def test_near_duplicates_are_looked_for_where_somebody_asks(open_page: Open, db: Database) -> None:
    projects.create_project(db, "Letters")
    app = open_page("data")
    drop(app, ("a.txt", b"Ada slept well.\nada SLEPT well!\nIt rains.\n"))
    button(app, "Look for near-duplicates").click().run()
    wait_for(lambda: "Import 3 documents" in labels(app.run()))
    assert "1 group of texts that are nearly the same" in [each.label for each in app.expander]
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["Line"] == "1" and row["What and what to do"].endswith("this, line 2.")
    # Read in another way there is another answer, which nobody has asked for yet.
    app.radio(key="by").set_value("paragraph").run()
    assert "Look for near-duplicates" in labels(app)
