"""An import and its rehearsal: one transaction, kept or taken back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from storage.corpus import documents, projects, reading
from storage.corpus.staging import Place, Repeated, Stage, staged
from storage.engines.schema import DocumentRow
from storage.errors import InputError
from storage.finding import progress
from storage.hashing import text_hash
from storage.types import Document, Source, Span, Split, Status

GOOD = Document("Ada met Bob.", spans=(Span(0, 3, "PER"),))
FAR = Document("Ada", spans=(Span(0, 9, "PER"),))
LONG = Document("Eve", spans=(Span(0, 3, "L" * 201),))
ODD = Document("Eve", spans=(Span(0, 3, "a\u2028b"),))
TAKEN = Document("Eve", spans=(Span(0, 3, "(missed)"),))
ENDLESS = Document("Eve", layout={"record": {"x": float("inf")}})
HALF = Document("Eve", layout={"record": {"x": "\ud800"}})
NUL = Document("Eve", layout={"record": {"x": ["\0"]}})


def bring(db, found, project_id=None, labels=(), progress=None):
    target = documents.Target(project_id, "Letters", "ada", tuple(labels))
    return documents.bring_in(db, target, staged(found), progress)


def test_a_new_project_gets_its_documents_labels_and_a_dev_split_at_once(db):
    intake = bring(db, [GOOD] * 20, labels=["LOC"])
    project = projects.get_project(db, intake.project)
    assert [label.name for label in project.labels] == ["LOC", "PER"]
    assert documents.count_documents(db, project.id) == 20
    found = progress.of(db, project.id)
    assert found.by_split[Split.DEV] == intake.dev


def test_documents_come_in_as_they_were_staged(db):
    given = [
        Document(
            "Ada 😀 met\r\nBob.\u2028",
            tokens=((0, 3), (4, 5)),
            spans=(Span(0, 3, "PER", score=0.5, source=Source.MODEL), Span(4, 5, "MISC")),
            split=Split.TEST,
            group="g",
            status=Status.IN_PROGRESS,
            name="n",
            layout={"format": "x", "record": {"a": [1, None]}},
            date="2026-01-02",
        ),
        Document("", status=Status.DONE),
        Document("empty"),
    ]
    stage = staged(given)
    assert list(stage.read()) == given
    documents.bring_in(db, documents.Target(None, "Letters", "ada"), stage)
    with db.read() as session:
        rows = session.scalars(select(DocumentRow).order_by(DocumentRow.id))
        found = [replace(each, id=None) for each in reading.documents(session, rows)]
    assert found == given
    assert [span.source for span in found[0].spans] == [Source.MODEL, Source.IMPORT]


def test_a_rehearsal_keeps_nothing(db, project):
    target = documents.Target(None, "Letters", "ada", ("X",))
    documents.rehearse(db, target, staged([GOOD] * 20))
    documents.rehearse(db, replace(target, project=project.id), staged([GOOD]))
    assert projects.find_project(db, "Letters") is None
    assert documents.count_documents(db, project.id) == 0
    assert projects.get_project(db, project.id).labels == project.labels


@pytest.mark.parametrize("bad", [FAR, LONG, ODD, TAKEN, ENDLESS, HALF, NUL])
def test_what_no_database_can_keep_is_refused_when_it_is_staged(bad):
    stage = Stage()
    stage.add(GOOD)
    with pytest.raises(InputError, match=r"\.$"):
        stage.add(bad)
    stage.finish()
    assert list(stage.read()) == [GOOD]
    assert list(stage.labels) == ["PER"]


def test_a_document_that_is_refused_leaves_no_label_behind():
    stage = Stage()
    with pytest.raises(InputError):
        stage.add(Document("Eve ran", spans=(Span(0, 3, "NEW"), Span(4, 7, "L" * 201))))
    assert stage.labels == {}


def test_a_backslash_is_no_nul(db):
    bring(db, [Document("Eve", layout={"record": {"x": "\\u0000"}})])


def test_a_name_that_is_taken_is_an_error_of_both(db, project):
    target = documents.Target(None, project.name, "ada")
    for carry_out in (documents.bring_in, documents.rehearse):
        with pytest.raises(InputError, match="There is a project"):
            carry_out(db, target, staged([GOOD]))


def test_overlaps_that_the_project_no_longer_allows_are_refused(db, project):
    both = Document("Ada Bob", spans=(Span(0, 7, "PER"), Span(4, 7, "PER")))
    with pytest.raises(InputError, match="allow overlaps"):
        bring(db, [both], project.id)


def test_who_stops_an_import_takes_all_of_it_back(db):
    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(db, [GOOD] * 20, progress=stop)
    assert projects.list_projects(db) == []


def test_two_thousand_new_labels_are_made_in_one_import(db):
    many = [Document("Eve", spans=(Span(0, 3, f"L{number}"),)) for number in range(2_000)]
    intake = bring(db, many)
    assert len(projects.list_labels(db, intake.project)) == 2_000


def test_equal_documents_are_told_with_the_place_of_the_first():
    eve = text_hash("Eve")
    stage = Stage(known=lambda hashes: {each: None for each in hashes if each == eve})
    for line, text in enumerate(("Ada", "Eve", "Ada"), 1):
        stage.add(Document(text), Place(0, line))
    assert stage.finish() == [
        Repeated(Place(0, 2), None, False),
        Repeated(Place(0, 3), Place(0, 1), False),
    ]


def test_what_was_taken_back_comes_in_when_it_is_asked_for_again(db, project):
    documents.add_documents(db, project.id, [Document("Before", spans=(Span(0, 6, "X"),))], "eve")
    stage = staged([Document(f"Ada {n}", spans=(Span(0, 3, "PER"),)) for n in range(4_100)])

    def stop(done):
        if done > 2_000:
            raise InterruptedError("enough")

    target = documents.Target(project.id, "", "ada")
    with pytest.raises(InterruptedError):
        documents.bring_in(db, target, stage, stop)
    assert documents.count_documents(db, project.id) == 1
    documents.bring_in(db, target, stage)
    ids = documents.list_ids(db, project.id)
    spans = documents.current_spans(db, ids)
    assert [spans[id] for id in ids] == [(Span(0, 6, "X"),)] + [(Span(0, 3, "PER"),)] * 4_100
    assert next(stage.read(limit=1)).text == "Ada 0"
    stage.close()
