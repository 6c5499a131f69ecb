"""The documents that several people finished and did not label alike."""

from storage.actions import relabelling
from storage.collaboration import cases
from storage.collaboration.adjudication import open_document
from storage.collaboration.cases import Standing
from storage.journal import annotations
from storage.types import Span
from tests.storage.collaboration.test_adjudication import PEOPLE, decide, judge
from tests.storage.collaboration.versions import ADA, BOB, ROME

ORG = Span(8, 11, "ORG")


def test_those_wait_that_two_finished_and_that_differ(db, project, given):
    differs, alike, alone, empty = given(
        {"ann": (ADA, BOB), "ben": (ADA, ORG, ROME)},
        {"ann": (ADA,), "ben": (ADA,)},
        {"ann": (ADA,)},
        {"ann": (ADA,), "ben": ()},
    )

    found = cases.find(db, project.id)

    assert found.keys() == {differs}, "what nobody marked anything in is not finished by an import"
    case = found[differs]
    assert (case.people, case.standing) == (("ann", "ben"), Standing.OPEN)
    assert case.clashes == (frozenset({"PER", "ORG"}), frozenset({"ORG"}))
    assert cases.find(db, project.id, [alike, alone, empty]) == {}


def test_a_decided_document_waits_no_more_until_a_version_says_something_new(db, project, given):
    (document,) = given(PEOPLE)
    assert cases.count_waiting(db, project.id) == 1
    base = open_document(db, project.id, document).decision.revision
    decide(db, project, document, judge("reject", 1, base, status="done"))
    assert cases.find(db, project.id, [document])[document].standing is Standing.DECIDED
    assert cases.count_waiting(db, project.id) == 0

    span = {"id": "x", "start": 0, "end": 7, "label": "ORG", "quote": "Ada met"}
    gone = {"seq": 1, "base_revision": 0, "kind": "remove", "id": "i1"}
    edits = [gone, {"seq": 2, "base_revision": 1, "kind": "add", "span": span}]
    saved = annotations.apply_operations(db, project.id, document, "ann", "a", edits)
    assert [result["status"] for result in saved.results] == ["saved", "saved"]

    assert cases.find(db, project.id)[document].standing is Standing.CHANGED
    assert cases.count_waiting(db, project.id) == 1


def test_the_docket_is_read_once_and_then_where_something_was_edited(
    db, project, given, monkeypatch
):
    first, second = given(PEOPLE, {"ann": (ADA, BOB), "ben": (ADA, ORG)})
    assert cases.docket(db, project.id).cases.keys() == {first, second}
    asked, find = [], cases.find

    def listen(db, project_id, documents=None):
        asked.append(documents)
        return find(db, project_id, documents)

    monkeypatch.setattr(cases, "find", listen)
    assert cases.docket(db, project.id) is cases.docket(db, project.id) and not asked
    base = open_document(db, project.id, second).decision.revision
    decide(db, project, second, judge("reject", 1, base, status="done"))
    now = cases.docket(db, project.id)
    assert asked == [[second]] and now.cases == find(db, project.id)
    assert now.waiting == sum(e.standing is not Standing.DECIDED for e in now.cases.values())
    organisation = next(each.id for each in project.labels if each.name == "ORG")
    relabelling.rename_label(db, organisation, "ORG 2", "ann")
    assert cases.docket(db, project.id).cases == find(db, project.id)
    assert asked == [[second], None], "labels are called otherwise: all is read"
