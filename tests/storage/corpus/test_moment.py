"""A project at one moment: what is read together, whatever is written meanwhile."""

from storage.corpus import moment
from storage.journal import annotations
from storage.types import Span, Split, Status
from tests.storage.conftest import sentence, stored


def finish(db, project: int, document: int) -> None:
    edit = {"kind": "status", "status": "done", "seq": 1, "base_revision": 0}
    annotations.apply_operations(db, project, document, "ada", f"tab {document}", [edit])


def test_documents_come_whole_and_in_order_a_part_at_a_time(db, project):
    ids = stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(1100)))
    with moment.at(db, project.id) as now:
        found = list(now.documents())
    assert [document.id for document in found] == ids
    assert [document.text for document in found] == [f"Ada {n}" for n in range(1100)]
    assert all(document.spans[0].label == "PER" for document in found)


def test_what_is_edited_meanwhile_is_neither_read_nor_said_to_be(db, project):
    first, second = stored(db, project, sentence("Ada"), sentence("Bob"))
    finish(db, project.id, first)
    with moment.at(db, project.id) as now:
        newest = now.newest_edit
        finish(db, project.id, second)
        assert [document.id for document in now.documents(statuses=(Status.DONE,))] == [first]
        assert now.newest_edit == newest
    assert annotations.edited(db, project.id, newest) == [second]


def test_the_outline_names_what_the_documents_are(db, project):
    given = [sentence(f"T {n}", split=list(Split)[n % 3], status=Status.DONE) for n in range(9)]
    ids = stored(db, project, *given, sentence("to do"))
    with moment.at(db, project.id) as now:
        outline = now.outline(statuses=(Status.DONE,))
        assert outline == [(id, each.split) for id, each in zip(ids, given, strict=False)]
        assert [d.id for d in now.documents(Split.DEV)] == [id for id, s in outline if s == "dev"]
        assert [d.id for d in now.picked(ids[2:4])] == ids[2:4]
