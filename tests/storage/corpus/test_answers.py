"""What several annotators said of one document: each apart, in and out."""

from dataclasses import replace

import pytest

from storage.collaboration import cases, deciding
from storage.collaboration.cases import Standing
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import moment
from storage.corpus.documents import add_documents, get_document
from storage.corpus.staging import staged
from storage.errors import InputError
from storage.journal import annotations
from storage.types import Answer, Document, Merged, Span, Status

GOLD = (Span(0, 4, "LOC"),)
OTHER = Answer("bob@x.org", (Span(5, 7, "PER"), Span(0, 4, "CITY")))
DOCUMENT = Document("Rome is", spans=GOLD, status=Status.DONE, annotator="ada", others=(OTHER,))


def told(db, project) -> list[Document]:
    with moment.at(db, project) as now:
        return list(now.answered())


def test_each_stays_apart_and_comes_back(db, project):
    add_documents(
        db, project.id, [Document("x"), DOCUMENT, replace(DOCUMENT, text="Rome it")], "you"
    )
    bare, *both = told(db, project.id)
    assert (bare.annotator, bare.others) == ("", ())
    for document in both:
        assert (document.annotator, document.spans) == ("ada", GOLD)
        (other,) = document.others
        assert (other.annotator, other.status) == ("bob@x.org", Status.DONE)
        assert set(other.spans) == set(OTHER.spans)


def test_who_opens_the_document_sees_their_own_answer(db, project):
    add_documents(db, project.id, [DOCUMENT], "you")
    (id,) = [document.id for document in told(db, project.id)]
    assert get_document(db, id).spans == GOLD
    seen = {who: annotations.open_annotation(db, id, who) for who in ("bob@x.org", "ada", "eve")}
    labels = {who: {span.label for span in each.document.spans} for who, each in seen.items()}
    assert labels == {"bob@x.org": {"PER", "CITY"}, "ada": {"LOC"}, "eve": {"LOC"}}


def test_one_who_is_called_as_the_importer_stays_apart(db, project):
    unnamed = replace(DOCUMENT, annotator="", others=(Answer("you", (Span(0, 1, "X"),)),))
    add_documents(db, project.id, [unnamed], "you")
    (document,) = told(db, project.id)
    assert (document.annotator, document.others[0].annotator) == ("you", "you (file)")


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ((OTHER, OTHER), "has two answers of"),
        ((Answer("ada"),), "has two answers of"),
        ((Answer("c", (Span(0, 99, "X"),)),), "has a span from 0 to 99"),
        ((Answer(" ", ()),), "has no name"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(db, project, others, message):
    with pytest.raises(InputError, match=message):
        add_documents(db, project.id, [replace(DOCUMENT, others=others)], "you")
    assert told(db, project.id) == []


DECIDED = replace(
    DOCUMENT,
    spans=(Span(5, 7, "PER"),),
    annotator=str(Merged.ADJUDICATED),
    others=(OTHER, Answer("ada", GOLD)),
)


@pytest.mark.parametrize("kind", [Gold.ADJUDICATED, Gold.NEWEST])
def test_what_was_decided_comes_back_as_decided(db, project, kind):
    deciding.set_policy(db, project.id, Policy(kind))
    add_documents(db, project.id, [DECIDED, replace(DOCUMENT, text="Rome it")], "you")
    first, second = told(db, project.id)
    assert (first.annotator, first.spans, first.status) == (
        Merged.ADJUDICATED,
        DECIDED.spans,
        Status.DONE,
    )
    assert {each.annotator for each in first.others} == {"ada", "bob@x.org"}
    standing = {id: case.standing for id, case in cases.find(db, project.id).items()}
    assert standing == {first.id: Standing.DECIDED, second.id: Standing.OPEN}
    assert deciding.look(db, project.id, Policy(Gold.ADJUDICATED)).without == 1


def test_a_majority_is_not_taken_in_as_anybodys(db, project):
    with pytest.raises(InputError, match="stands for what several people made"):
        merged = replace(DECIDED, annotator=str(Merged.MAJORITY))
        add_documents(db, project.id, [merged], "you")


def test_a_stage_counts_what_nobody_has_decided_yet():
    same = replace(DOCUMENT, others=(Answer("bob", GOLD),))
    begun = replace(DOCUMENT, others=(replace(OTHER, status=Status.IN_PROGRESS),))
    empty = replace(DOCUMENT, spans=(), others=(Answer("bob", GOLD), Answer("eve", GOLD)))
    nobodys = replace(DOCUMENT, annotator="")
    found = [
        Document("x"),
        nobodys,
        DOCUMENT,
        same,
        begun,
        DECIDED,
        empty,
        replace(DOCUMENT, others=()),
    ]
    stage = staged(found, "spans", True)
    assert stage.undecided() == 2
    stage.close()
