"""What review changed in each person's work: by decisions, and by whoever mended it later."""

from storage.actions import actions
from storage.collaboration import assignments
from storage.collaboration.adjudication import open_document
from storage.collaboration.rules.starts import Start
from storage.collaboration.work import reviewed
from storage.collaboration.work.reviewed import Changed
from storage.journal import annotations
from storage.types import Span
from tests.storage.actions.test_actions import TEXT, addition
from tests.storage.collaboration.conftest import acting
from tests.storage.collaboration.test_adjudication import PEOPLE, decide, judge
from tests.storage.conftest import sentence, stored


def changes(db, project):
    with db.read() as session:
        return reviewed.changes(session, project.id)


def work(db, project, document, name, *operations):
    """Let somebody finish a document as they find it, after these operations."""
    opened = annotations.open_annotation(db, document, name)
    done = {"kind": "status", "status": "done"}
    sent = [
        each | {"seq": number, "base_revision": opened.revision + number - 1}
        for number, each in enumerate((*operations, done), 1)
    ]
    client = f"{name}-{document}-{opened.revision}"
    saved = annotations.apply_operations(db, project.id, document, name, client, sent)
    assert all(result["status"] == "saved" for result in saved.results)


def add(start, end, label, quote):
    span = {"id": f"s{start}{label}", "start": start, "end": end, "label": label, "quote": quote}
    return {"kind": "add", "span": span}


PER, ORG = add(0, 3, "PER", "Ada"), add(8, 11, "ORG", "Bob")


def test_a_decision_says_what_it_changed_in_each_persons_work(db, project, given):
    document, _ = given(PEOPLE, PEOPLE)
    assert changes(db, project) == {}
    base = open_document(db, project.id, document).decision.revision
    decide(db, project, document, judge("reject", 1, base, status="done"))

    assert changes(db, project) == {
        "ann": Changed(documents=1),
        "ben": Changed(documents=1, changed=1, marks=2),
        "cyd": Changed(documents=1),
    }


def test_who_finishes_somebodys_document_after_them_reviews_it(db, project):
    one, two, alone = stored(db, project, *(sentence("Ada met Bob.") for _ in range(3)))
    for document in (one, two, alone):
        work(db, project, document, "ann", PER)
    assert changes(db, project) == {}
    work(db, project, one, "ben", ORG)
    work(db, project, two, "ben")
    assert changes(db, project) == {"ann": Changed(documents=2, changed=1, marks=1)}
    # The last one to look settles it, for all before; and ann follows.
    work(db, project, one, "cyd", {"kind": "remove", "id": "s0PER"})
    assert changes(db, project) == {
        "ann": Changed(documents=2, changed=1, marks=2),
        "ben": Changed(documents=1, changed=1, marks=1),
    }
    work(db, project, one, "ann", {"kind": "remove", "id": "s0PER"}, ORG)
    assert changes(db, project)["ann"] == Changed(documents=2)


def test_who_began_with_nothing_of_theirs_reviewed_nothing(db, project):
    imported, blind = stored(
        db, project, sentence("Ada met.", Span(0, 3, "PER")), sentence("Ada met Bob.")
    )
    work(db, project, imported, "ben")
    assignments.set_dealing(db, project.id, 2, Start.BARE)
    for name, mark in (("ann", PER), ("ben", ORG)):
        with acting(name):
            work(db, project, blind, name, mark)
    assert changes(db, project) == {}


def test_an_edit_of_many_documents_reviews_none(db, project):
    ids = stored(db, project, *(sentence(TEXT) for _ in range(2)))
    for document in ids:
        work(db, project, document, "ann")
    changes_of = {id: [addition(13)] for id in ids}
    actions.apply(db, project.id, "ben", "repeat", "PER on “Ada”", changes_of)
    assert changes(db, project) == {}
