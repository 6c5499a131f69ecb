"""An import and its rehearsal: one transaction, kept or taken back."""

import pytest

from storage.corpus import documents, projects
from storage.errors import InputError
from storage.finding import progress, search
from storage.types import Document, Span, Split

GOOD = Document("Ada met Bob.", spans=(Span(0, 3, "PER"),))
FAR = Document("Ada", spans=(Span(0, 9, "PER"),))
LONG = Document("Eve", spans=(Span(0, 3, "L" * 201),))
ODD = Document("Eve", spans=(Span(0, 3, "a\u2028b"),))
TAKEN = Document("Eve", spans=(Span(0, 3, "(missed)"),))
ENDLESS = Document("Eve", layout={"record": {"x": float("inf")}})
HALF = Document("Eve", layout={"record": {"x": "\ud800"}})
NUL = Document("Eve", layout={"record": {"x": ["\0"]}})


def bring(db, found, project_id=None, **options):
    return documents.bring_in(db, project_id, "Letters", found, "ada", **options)


def test_a_new_project_gets_its_documents_labels_and_a_dev_split_at_once(db):
    intake = bring(db, [GOOD] * 20, labels=["LOC"])
    project = projects.get_project(db, intake.project)
    assert [label.name for label in project.labels] == ["LOC", "PER"]
    assert documents.count_documents(db, project.id) == 20
    found = progress.of(db, project.id)
    assert found.by_split[Split.DEV] == intake.dev


def test_a_rehearsal_does_all_of_it_and_keeps_nothing(db, project):
    assert bring(db, [GOOD] * 20, labels=["X"], keep=False).refused == ()
    assert projects.find_project(db, "Letters") is None
    assert bring(db, [GOOD], project.id, labels=["X"], keep=False).project == project.id
    assert documents.count_documents(db, project.id) == 0
    assert projects.get_project(db, project.id).labels == project.labels


@pytest.mark.parametrize("bad", [FAR, LONG, ODD, TAKEN, ENDLESS, HALF, NUL])
@pytest.mark.parametrize("keep", [True, False])
def test_a_rehearsal_refuses_what_the_import_refuses_and_says_which(db, bad, keep):
    intake = bring(db, [GOOD, bad, GOOD, bad], keep=keep)
    assert [refusal.number for refusal in intake.refused] == [1, 3]
    assert all(refusal.message.endswith((".", "file")) for refusal in intake.refused)
    assert projects.list_projects(db) == []


def test_just_the_refused_documents_can_be_left_out(db):
    intake = bring(db, [GOOD, LONG, Document("Eve")], skip_refused=True)
    assert [refusal.number for refusal in intake.refused] == [1]
    assert [row.text for row in search.rows(db, intake.project)] == ["Ada met Bob.", "Eve"]
    assert [label.name for label in projects.list_labels(db, intake.project)] == ["PER"]


def test_a_document_that_is_refused_leaves_no_label_behind(db):
    mixed = Document("Eve ran", spans=(Span(0, 3, "NEW"), Span(4, 7, "L" * 201)))
    intake = bring(db, [GOOD, mixed], skip_refused=True)
    assert [label.name for label in projects.list_labels(db, intake.project)] == ["PER"]


def test_a_backslash_is_no_nul(db):
    written = Document("Eve", layout={"record": {"x": "\\u0000"}})
    assert bring(db, [written]).refused == ()


def test_a_name_that_is_taken_is_an_error_of_both(db, project):
    for keep in (True, False):
        with pytest.raises(InputError, match="There is a project"):
            documents.bring_in(db, None, project.name, [GOOD], "ada", keep=keep)


def test_a_file_of_nothing_but_bad_documents_is_not_read_to_its_end(db):
    assert len(bring(db, [LONG] * 5_000).refused) == 1_000


def test_a_long_rehearsal_lets_others_write_and_numbers_the_refused_through(db, monkeypatch):
    monkeypatch.setattr(documents, "REHEARSED", 3)
    found = [GOOD, LONG, GOOD, GOOD, GOOD, LONG, LONG]
    assert [refusal.number for refusal in bring(db, found, keep=False).refused] == [1, 5, 6]
    assert projects.list_projects(db) == []


def test_two_thousand_new_labels_are_made_in_one_import(db):
    many = [Document("Eve", spans=(Span(0, 3, f"L{number}"),)) for number in range(2_000)]
    intake = bring(db, many)
    assert len(projects.list_labels(db, intake.project)) == 2_000
