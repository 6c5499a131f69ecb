"""Documents: what is stored comes back, lists page and filter."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.actions import relabelling
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError
from storage.finding import progress, search
from storage.hashing import text_hash
from storage.journal import annotations
from storage.types import Document, Source, Span, Split, Status
from tests.storage.conftest import sentence, stored


def test_a_document_comes_back_as_it_was_given(db, project):
    given = Document(
        text="Ada 👩‍🚒 met\r\n\u2028Bob in 東京",
        tokens=((0, 3), (4, 7)),
        spans=(Span(0, 3, "PER"), Span(19, 21, "LOC")),
        split=Split.TEST,
        group="a.conll#3",
        status=Status.DONE,
        name="a.conll:12",
        layout={"format": "conll", "block": "Ada\tB-PER\n\n", "scheme": "IOB2"},
    )
    id = stored(db, project, given)[0]
    assert documents.get_document(db, id) == replace(given, id=id)
    assert list(annotations.current(db, project.id)) == [replace(given, id=id)]


def test_imported_spans_say_so_and_missing_labels_are_made(db, project):
    model = Span(0, 3, "PER", source=Source.MODEL, score=0.5)
    id = stored(db, project, sentence("Ada met Bob.", model, Span(8, 11, "NEW")))[0]
    first, second = documents.get_document(db, id).spans
    assert (first.source, first.score) == (Source.MODEL, 0.5)
    assert second.source == Source.IMPORT
    assert {first.id, second.id} == {"i1", "i2"}
    names = [label.name for label in projects.list_labels(db, project.id)]
    assert names == ["PER", "ORG", "NEW"]


def test_only_documents_that_somebody_touched_get_an_annotation(db, project):
    stored(db, project, sentence("One."), sentence("Two.", status=Status.DONE))
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM annotations")) == 1
    assert [row.status for row in search.rows(db, project.id)] == [
        Status.UNTOUCHED,
        Status.DONE,
    ]


def test_a_span_given_twice_is_stored_once(db, project):
    id = stored(db, project, sentence("Ada met.", Span(0, 3, "PER"), Span(0, 3, "PER")))[0]
    assert documents.get_document(db, id).spans == (Span(0, 3, "PER"),)


@pytest.mark.parametrize(
    ("bad", "sentence_start"),
    [
        (sentence("Ada", Span(0, 9, "PER")), "has a span from 0 to 9 but 3 characters"),
        (sentence("Ada", Span(2, 2, "PER")), "has a span from 2 to 2 but 3 characters"),
        (sentence("Ada", Span(-1, 2, "PER")), "has a span from -1 to 2 but 3 characters"),
        (
            sentence("Ada met", Span(0, 5, "PER"), Span(4, 7, "PER")),
            "overlap, which this project forbids: allow overlaps",
        ),
        (sentence("a\0b"), "holds a NUL character"),
        (Document("a\ud83d"), "holds half a surrogate pair at character 1"),
        (sentence("a", name="\0"), "name holds a NUL character"),
        (sentence("Ada", Span(0, 3, " ")), "The label has no name"),
    ],
)
def test_an_import_with_one_bad_document_stores_nothing(db, project, bad, sentence_start):
    with pytest.raises(InputError, match=sentence_start):
        stored(db, project, *(sentence(f"Good {n}") for n in range(700)), bad)
    assert documents.count_documents(db, project.id) == 0
    assert projects.list_labels(db, project.id) == list(project.labels)


def test_a_source_that_fails_midway_stores_nothing(db, project):
    def broken():
        yield from (sentence(f"Good {n}") for n in range(700))
        raise OSError("the disk went away")

    with pytest.raises(OSError):
        documents.add_documents(db, project.id, broken(), "ada")
    assert documents.count_documents(db, project.id) == 0


def test_overlaps_are_stored_where_the_project_allows_them(db, project):
    relabelling.set_overlaps(db, project.id, True, "ada")
    id = stored(db, project, sentence("Ada met", Span(0, 5, "PER"), Span(4, 7, "PER")))[0]
    assert len(documents.get_document(db, id).spans) == 2


def test_a_real_corpus_is_stored_in_seconds_and_read_back_whole(db, project):
    words = [f"word{n}" for n in range(18)]
    line = " ".join(words)
    given = [sentence(f"{n} {line}", Span(0, len(str(n)), "PER")) for n in range(3400)]
    assert documents.add_documents(db, project.id, given, "ada") == 3400
    assert progress.of(db, project.id).spans == 3400
    assert [d.text for d in annotations.current(db, project.id)] == [d.text for d in given]


def test_a_document_that_is_not_there_is_named(db):
    with pytest.raises(NotFoundError, match="There is no document 4"):
        documents.get_document(db, 4)


def test_other_projects_are_never_listed(db, project):
    other = projects.create_project(db, "Other")
    (theirs,) = stored(db, other, sentence("Theirs"))
    ids = stored(db, project, sentence("Mine"))
    assert documents.list_ids(db, project.id) == ids
    assert documents.newest_id(db, other.id) == theirs
    assert documents.belongs(db, theirs, other.id)
    assert not documents.belongs(db, theirs, project.id)
    assert not documents.belongs(db, 99, project.id)
    assert not documents.belongs(db, 10**30, project.id)
    assert documents.known_texts(db, project.id)([text_hash("Mine"), text_hash("No")]) == {
        text_hash("Mine"): Split.TRAIN
    }


WNUT = Path(__file__).parents[3] / "../shared/data/wnut17/wnut17train.conll"


@pytest.mark.skipif(not WNUT.exists(), reason="needs the WNUT-17 corpus beside the checkout")
def test_texts_of_a_real_corpus_come_back_to_the_character(db, project):
    blocks = WNUT.read_text("utf-8").split("\n\t\n")
    given = [Document(" ".join(row.split("\t")[0] for row in b.split("\n"))) for b in blocks]
    documents.add_documents(db, project.id, given, "ada")
    assert [d.text for d in annotations.current(db, project.id)] == [d.text for d in given]


def test_a_project_and_its_documents_come_together_or_not_at_all(db):
    given = [sentence("Ada sleeps.", Span(0, 3, "PER"))]
    made = documents.create_with_documents(db, "News", given, "ada", labels=["LOC"])
    assert [label.name for label in projects.list_labels(db, made)] == ["LOC", "PER"]
    assert documents.count_documents(db, made) == 1
    broken = [*given, sentence("Bob.", Span(0, 99, "PER"))]
    with pytest.raises(InputError):
        documents.create_with_documents(db, "Letters", broken, "ada")
    assert projects.find_project(db, "Letters") is None


def test_a_document_that_is_there_is_found_and_any_other_added(db: Database) -> None:
    project = projects.create_project(db, "letters").id
    first = documents.ensure(db, project, Document("a", ((0, 1),)), "ada")
    again = documents.ensure(db, project, Document("a", ((0, 1),), name="other"), "bob")
    assert first.is_new and again == (first.id, False)
    assert documents.ensure(db, project, Document("b", ((0, 1),)), "ada").is_new
    assert documents.count_documents(db, project) == 2


def test_a_pair_goes_where_its_first_text_is(db: Database) -> None:
    """No text is learned from and judged on; and one text is not the pair that begins with it."""
    project = projects.create_project(db, "pairs", task="pairs").id
    there = Document("a", ((0, 1),), second_text="b", split=Split.TEST, group="a")
    documents.add_documents(db, project, [there], "ada")
    pair = Document("a", ((0, 1),), second_text="c", split=Split.TRAIN)
    added = documents.ensure(db, project, pair, "ada")
    found = documents.get_document(db, added.id)
    assert added.is_new and (found.split, found.group) == (Split.TEST, "a")
    assert not documents.ensure(db, project, pair, "ada").is_new
