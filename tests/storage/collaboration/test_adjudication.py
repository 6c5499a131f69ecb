"""Decisions between several people's versions: edits like any other, in another's name."""

import pytest
from sqlalchemy import select

from storage.archives import restoring, writing
from storage.collaboration import adjudication, cases, deciding
from storage.collaboration.adjudication import DECIDES
from storage.collaboration.cases import Standing
from storage.collaboration.rules.policies import Gold, Policy
from storage.collaboration.work import reviewed
from storage.corpus import documents, projects
from storage.engines.schema import JournalRow
from storage.errors import ForbiddenError, InputError, NotFoundError
from storage.journal import annotations
from storage.permissions import Person, Role, acting_as
from storage.types import Span, Status
from tests.storage.collaboration.versions import ADA, BOB, ROME

PEOPLE = {"ann": (ADA, BOB), "ben": (ADA, ROME), "cyd": (ADA, BOB)}


def judge(kind: str, seq: int, base: int, mark: Span = ROME, **fields) -> dict:
    text = "Ada met Bob in Rome ."[mark.start : mark.end]
    place = {"start": mark.start, "end": mark.end, "label": mark.label, "quote": text}
    return {"seq": seq, "base_revision": base, "kind": kind, **place, **fields}


def decide(db, project, document, *batch, actor="rev", client="tab", **options):
    return adjudication.decide(db, project.id, document, actor, client, batch, **options)


def test_a_decision_begins_with_the_majority_and_is_nowhere_before_the_first_edit(
    db, project, given
):
    (document,) = given(PEOPLE)

    opened = adjudication.open_document(db, project.id, document)

    assert opened.decision.spans == (ADA, BOB)
    assert opened.decision.status is Status.UNTOUCHED
    assert [version.annotator for version in opened.versions] == ["ann", "ben", "cyd"]
    assert [place.marks for place in opened.differences] == [(BOB,), (ROME,)]
    assert cases.find(db, project.id)[document].standing is Standing.OPEN
    assert annotations.open_annotation(db, document, "ann").spans == (ADA, BOB)


def test_an_edit_is_recorded_with_who_decided_and_answered_twice_alike(db, project, given):
    (document,) = given(PEOPLE)
    base = adjudication.open_document(db, project.id, document).decision.revision
    edit = judge("reject", 1, base, status="done")

    first = decide(db, project, document, edit)
    again = decide(db, project, document, edit)

    assert [each.results[0]["status"] for each in (first, again)] == ["saved", "duplicate"]
    with db.read() as session:
        (row,) = session.scalars(select(JournalRow))
    assert (row.annotator, row.actor, row.kind) == (DECIDES, "rev", "reject")
    opened = adjudication.open_document(db, project.id, document)
    assert opened.decision.work.rejected == {(15, 19, "ORG")}
    assert (opened.decision.spans, opened.decision.status) == ((ADA, BOB), Status.DONE)


def test_undo_takes_a_decision_back_as_any_edit(db, project, given):
    (document,) = given(PEOPLE)
    base = adjudication.open_document(db, project.id, document).decision.revision
    done = decide(db, project, document, judge("reject", 1, base, status="done"))
    last = done.state["undo"][-1]

    back = {**last["inverse"], "seq": 2, "base_revision": base + 1, "undoes": last["op"]}
    taken = decide(db, project, document, back)

    assert taken.state["rejected"] == [] and taken.state["status"] == "untouched"
    assert [step["op"] for step in taken.state["redo"]] == ["tab:1"]


def test_two_reviewers_at_once_the_later_is_told(db, project, given):
    (document,) = given(PEOPLE)
    base = adjudication.open_document(db, project.id, document).decision.revision
    decide(db, project, document, judge("reject", 1, base), actor="one", client="a")

    late = decide(db, project, document, judge("confirm", 1, base, BOB), actor="two", client="b")

    assert late.results[0]["status"] == "conflict"
    assert late.state["rejected"] == [[15, 19, "ORG"]]


def test_a_first_edit_on_versions_that_moved_on_is_a_conflict(db, project, given):
    (document,) = given(PEOPLE)
    base = adjudication.open_document(db, project.id, document).decision.revision
    edit = {"seq": 1, "base_revision": 0, "kind": "remove", "id": "i1", "status": "done"}
    assert annotations.apply_operations(db, project.id, document, "ben", "b", [edit]).results

    late = decide(db, project, document, judge("reject", 1, base))

    assert late.results[0]["status"] == "conflict"


def test_a_long_document_is_decided_without_reading_it_whole(db, project, given):
    (document,) = given(PEOPLE)
    base = adjudication.open_document(db, project.id, document).decision.revision
    first = decide(db, project, document, judge("reject", 1, base), lean=True)
    second = decide(db, project, document, judge("confirm", 2, base + 1, BOB), lean=True)

    assert (first.state, second.state) == (None, None)
    assert adjudication.open_document(db, project.id, document).decision.spans == (ADA, BOB)


def test_only_reviewers_see_and_decide(db, project, given):
    (document,) = given(PEOPLE)

    with acting_as(Person("ann", Role.ANNOTATOR)):
        with pytest.raises(ForbiddenError):
            adjudication.open_document(db, project.id, document)
        with pytest.raises(ForbiddenError):
            decide(db, project, document, judge("reject", 1, 3))
        with pytest.raises(ForbiddenError):
            cases.find(db, project.id)
    with acting_as(Person("rev", Role.REVIEWER)):
        assert adjudication.open_document(db, project.id, document).versions


def test_another_projects_document_is_not_opened(db, project, given):
    (document,) = given(PEOPLE)
    other = projects.create_project(db, "Other")

    with pytest.raises(InputError, match="another project"):
        adjudication.open_document(db, other.id, document)
    with pytest.raises(NotFoundError):
        decide(db, other, document, judge("reject", 1, 3))


def test_who_has_not_finished_has_no_version(db, project, given):
    (document,) = given({"ann": (ADA, BOB), "ben": (ADA,)})
    edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": "in progress"}
    annotations.apply_operations(db, project.id, document, "ben", "b", [edit])

    assert [v.annotator for v in adjudication.open_document(db, project.id, document).versions] == [
        "ann"
    ]
    assert cases.find(db, project.id) == {}


def test_half_a_decision_is_not_gold_a_whole_one_is(db, project, given):
    (document,) = given({"ann": (ADA, BOB), "ben": (ADA, ROME)})
    base = adjudication.open_document(db, project.id, document).decision.revision
    decide(db, project, document, judge("reject", 1, base))
    assert documents.get_document(db, document).spans == (ADA, ROME)

    decide(db, project, document, judge("reject", 2, base + 1, BOB, status="done"))

    gold = documents.get_document(db, document)
    assert (gold.spans, gold.status) == ((ADA,), Status.DONE)


@pytest.mark.sqlite_first
def test_a_project_archive_keeps_decisions_and_who_made_them(db, project, given, tmp_path):
    (document,) = given(PEOPLE)
    base = adjudication.open_document(db, project.id, document).decision.revision
    decide(db, project, document, judge("reject", 1, base, status="done"))
    writing.write(db, project.id, tmp_path / "x.zip")

    restored = restoring.restore(db, tmp_path / "x.zip").id

    ((again, case),) = cases.find(db, restored).items()
    assert again != document and case.standing is Standing.DECIDED
    opened = adjudication.open_document(db, restored, again)
    assert opened.decision.work.rejected == {(15, 19, "ORG")}
    with db.read() as session:
        changes = [reviewed.changes(session, id) for id in (project.id, restored)]
        assert changes[0] == changes[1] != {}
        query = select(JournalRow.actor).where(JournalRow.project_id == restored)
        assert list(session.scalars(query)) == ["rev"]


def test_by_the_policy_of_decisions_only_what_is_decided_or_undisputed_is_gold(db, project, given):
    waiting, alike = given(PEOPLE, {"ann": (ADA,), "ben": (ADA,)})
    deciding.set_policy(db, project.id, Policy(Gold.ADJUDICATED))
    assert documents.get_document(db, waiting).spans == ()
    assert documents.get_document(db, alike).spans == (ADA,)
    base = adjudication.open_document(db, project.id, waiting).decision.revision
    decide(db, project, waiting, judge("reject", 1, base))
    assert documents.get_document(db, waiting).spans == (), "half of a decision is none"

    decide(db, project, waiting, judge("confirm", 2, base + 1, BOB, status="done"))

    assert documents.get_document(db, waiting).spans == (ADA, BOB)
