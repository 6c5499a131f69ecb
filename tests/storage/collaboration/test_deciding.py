"""Whose labels count: by each policy, after each write, and after a change of the policy."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select

from storage.actions import actions, relabelling, undo
from storage.coaching import work
from storage.collaboration import deciding
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import documents, moment, projects
from storage.engines.schema import AnnotationRow
from storage.errors import ForbiddenError, InputError, RefusedError
from storage.finding import progress, search
from storage.finding.search import Search
from storage.journal import annotations
from storage.knowledge import outdated
from storage.permissions import Person, Role, acting_as
from storage.types import Answer, Document, Merged, Span, Status, Task
from tests.storage.conftest import sentence, stored

ADA, BOB = Span(0, 3, "PER"), Span(8, 11, "PER")
MAJORITY, ADJUDICATED = Policy(Gold.MAJORITY), Policy(Gold.ADJUDICATED)
NEWEST = Policy()


def give(db, project, document: int, who: str, spans: Sequence[Span], status=Status.DONE) -> None:
    """Let somebody's version of a document be these spans, by edits."""
    opened = annotations.open_annotation(db, document, who)
    text = opened.document.text
    parts: list[dict] = [{"kind": "remove", "id": id} for id in opened.work.spans]
    for span in spans:
        fields: dict = {"start": span.start, "end": span.end, "label": span.label}
        quote = text[span.start : span.end]
        id = f"{who}{span.start}{span.label}"
        parts.append({"kind": "add", "span": {**fields, "quote": quote, "id": id}})
    edit: dict = {"seq": 1, "base_revision": opened.revision, "status": str(status)}
    edit |= {"kind": "batch", "operations": parts} if parts else {"kind": "status"}
    client = f"{who}-{document}-{opened.revision}"
    outcome = annotations.apply_operations(db, project.id, document, who, client, [edit])
    assert outcome.results[0]["status"] == "saved", outcome.results


def gold(db, document: int) -> tuple[str, set[Span]]:
    """Return whose annotation counts, and its spans; nobody's where none does."""
    with db.read() as session:
        query = select(AnnotationRow.annotator).where(
            AnnotationRow.document_id == document, AnnotationRow.is_current
        )
        owner = session.scalar(query)
    return owner or "", set(documents.get_document(db, document).spans)


@pytest.fixture
def document(db, project) -> int:
    return stored(db, project, sentence())[0]


def versions(db, project, document: int) -> None:
    give(db, project, document, "ann", [ADA])
    give(db, project, document, "ben", [ADA, BOB])
    give(db, project, document, "cem", [BOB, replace(ADA, label="ORG")])


@pytest.mark.parametrize(
    ("policy", "owner", "marks"),
    [
        (NEWEST, "cem", {BOB, replace(ADA, label="ORG")}),
        (Policy(Gold.PERSON, "ben"), "ben", {ADA, BOB}),
        (Policy(Gold.PERSON, "eve"), "cem", {BOB, replace(ADA, label="ORG")}),
        (MAJORITY, str(Merged.MAJORITY), {ADA, BOB}),
        (ADJUDICATED, "", set()),
    ],
)
def test_each_policy_says_whose_labels_count_and_newest_is_found_again(
    db, project, document, policy, owner, marks
):
    versions(db, project, document)
    deciding.set_policy(db, project.id, policy)
    assert gold(db, document) == (owner, marks)
    assert deciding.policy(db, project.id) == policy
    assert not deciding.is_pending(db, project.id)
    deciding.set_policy(db, project.id, NEWEST)
    assert gold(db, document) == ("cem", {BOB, replace(ADA, label="ORG")})
    with db.read() as session:
        assert len(session.scalars(select(AnnotationRow)).all()) == 3, "what was computed is gone"


@pytest.mark.parametrize("policy", [MAJORITY, ADJUDICATED, Policy(Gold.PERSON, "ben")])
def test_gold_is_the_same_by_a_change_of_the_policy_and_by_edits_under_it(
    db, project, document, policy
):
    later = stored(db, project, sentence("Ada met Bob!"))[-1]
    versions(db, project, document)
    deciding.set_policy(db, project.id, policy)
    versions(db, project, later)
    assert gold(db, later) == gold(db, document)


def test_a_majority_follows_every_edit_and_undo(db, project, document):
    deciding.set_policy(db, project.id, MAJORITY)
    give(db, project, document, "ann", [ADA])
    assert gold(db, document) == ("ann", {ADA}), "one alone is the majority"
    give(db, project, document, "ben", [ADA, BOB], Status.IN_PROGRESS)
    assert gold(db, document) == ("ann", {ADA}), "who has not finished has no vote"
    give(db, project, document, "ben", [ADA, BOB])
    assert gold(db, document) == (str(Merged.MAJORITY), {ADA})
    give(db, project, document, "ann", [BOB])
    assert gold(db, document)[1] == {BOB}
    newest = annotations.open_annotation(db, document, "ann").stacks.undo[-1]
    undo.undo(db, project.id, "ann", newest.op)
    assert gold(db, document)[1] == {ADA}
    give(db, project, document, "ben", [])
    assert gold(db, document) == (str(Merged.MAJORITY), set())
    assert documents.get_document(db, document).status is Status.DONE


def test_a_majority_is_as_old_as_the_oldest_guideline_that_it_was_made_under(db, project, document):
    deciding.set_policy(db, project.id, MAJORITY)
    versions(db, project, document)
    per = project.labels[0].id
    projects.set_guideline(db, project.id, "PER is another thing", meaning=[per])
    for who, left in (("ann", [document]), ("ben", [document]), ("cem", [])):
        assert outdated.documents(db, project.id, per) == [document]
        give(db, project, document, who, [ADA])
        assert outdated.documents(db, project.id, per) == left


def test_a_majority_follows_changes_of_labels_and_many_edits_at_once(db, project, document):
    versions(db, project, document)
    deciding.set_policy(db, project.id, MAJORITY)
    per, org = project.labels
    assert relabelling.touch(db, per.id).spans == 4, "what was computed is nobody's work"
    merged = relabelling.merge_labels(db, org.id, per.id, "ann")
    assert (merged.documents, gold(db, document)[1]) == (1, {ADA, BOB})
    add = {"start": 4, "end": 7, "label": "PER", "quote": "met", "id": "m"}
    for who in ("ann", "ben"):
        change = {document: [{"kind": "add", "span": add}]}
        action = actions.apply(db, project.id, who, "repeat", "met", change)
    assert gold(db, document)[1] == {ADA, BOB, Span(4, 7, "PER")}
    actions.reverse(db, action.id, "ben")
    assert gold(db, document)[1] == {ADA, BOB}
    relabelling.delete_label(db, per.id, "ann")
    assert gold(db, document) == (str(Merged.MAJORITY), set())
    deciding.set_policy(db, project.id, NEWEST)
    assert gold(db, document)[0] == "ben", "a change of the labels is nobody's newest work"


@pytest.mark.parametrize("policy", [MAJORITY, ADJUDICATED])
def test_imports_of_several_annotators_are_merged_at_once(db, project, policy):
    deciding.set_policy(db, project.id, policy)
    others = Answer("ben", (ADA, BOB)), Answer("cem", (BOB,)), Answer("dan", (BOB,), Status.SKIPPED)
    given = Document("Ada met Bob.", spans=(ADA,), status=Status.DONE, annotator="ann")
    told, alone = stored(
        db, project, replace(given, others=others), replace(given, text="Ada met Bob?")
    )
    if policy is MAJORITY:
        assert gold(db, told) == (str(Merged.MAJORITY), {ADA, BOB})
    else:
        assert gold(db, told) == ("", set())
    assert gold(db, alone) == ("ann", {ADA})
    with moment.at(db, project.id) as now:
        first = next(iter(now.answered()))
    assert first.annotator == "", "what several made is exported as nobody's"
    assert {each.annotator for each in first.others} == {"ann", "ben", "cem", "dan"}
    deciding.set_policy(db, project.id, NEWEST)
    assert gold(db, told) == ("ann", {ADA}), "the file's own, as without the policy"


@pytest.mark.parametrize("name", ["(majority)", " (Adjudicated) "])
def test_nobody_imports_as_what_several_made(db, project, name):
    for given in (sentence(annotator=name, status=Status.DONE), sentence()):
        with pytest.raises(InputError, match="stands for what several people made"):
            documents.add_documents(db, project.id, [given], name)
    assert documents.count_documents(db, project.id) == 0


def test_several_labels_of_a_whole_text_are_voted_on_one_by_one(db):
    made = projects.create_project(db, "Topics", Task.MULTILABEL, allow_overlaps=True)
    projects.add_labels(db, made.id, ["a", "b", "c"])
    id = stored(db, made, sentence())[0]
    deciding.set_policy(db, made.id, MAJORITY)
    for who, given in {"ann": "ab", "ben": "bc", "cem": "b"}.items():
        give(db, made, id, who, [Span(0, 0, label) for label in given])
    assert gold(db, id) == (str(Merged.MAJORITY), {Span(0, 0, "b")})


def test_a_decision_counts_where_people_differ_and_their_agreement_without_one(
    db, project, document
):
    versions(db, project, document)
    deciding.set_policy(db, project.id, ADJUDICATED)
    give(db, project, document, Merged.ADJUDICATED, [BOB], Status.IN_PROGRESS)
    assert gold(db, document) == ("", set()), "a decision that is not finished is none"
    give(db, project, document, Merged.ADJUDICATED, [BOB])
    assert gold(db, document) == (str(Merged.ADJUDICATED), {BOB})
    give(db, project, document, "ann", [ADA, BOB])
    assert gold(db, document) == (str(Merged.ADJUDICATED), {BOB}), "a decision stays"
    other = stored(db, project, sentence("Ada met Bob!"))[-1]
    give(db, project, other, "ann", [ADA])
    give(db, project, other, "ben", [ADA])
    assert gold(db, other) == ("ann", {ADA})


def test_it_is_said_before_what_a_policy_would_leave_without_gold(db, project, document):
    ids = stored(db, project, sentence("Ada met Bob!"), sentence("Eve."))
    versions(db, project, document)
    give(db, project, ids[1], "ann", [ADA])
    told = {
        policy: deciding.look(db, project.id, policy)
        for policy in (NEWEST, MAJORITY, ADJUDICATED, Policy(Gold.PERSON, "ann"))
    }
    assert {each.finished for each in told.values()} == {2}
    assert [each.without for each in told.values()] == [0, 0, 1, 0]
    assert gold(db, document)[0] == "cem", "nothing was changed"


def test_counts_and_searches_see_a_change_that_left_no_entry_in_the_journal(db, project, document):
    versions(db, project, document)
    found = Search(label="ORG")
    assert list(search.ids(db, project.id, found)) == [document]
    deciding.set_policy(db, project.id, MAJORITY)
    assert list(search.ids(db, project.id, found)) == []
    assert progress.of(db, project.id).by_label == {"PER": 2, "ORG": 0}
    deciding.set_policy(db, project.id, ADJUDICATED)
    assert progress.of(db, project.id).by_status[Status.UNTOUCHED] == 1


def test_what_anybody_judged_stays_judged_in_a_majority(db, project, document):
    versions(db, project, document)
    deciding.set_policy(db, project.id, MAJORITY)
    place = {"start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    revision = annotations.open_annotation(db, document, "ben").revision
    edit = {"seq": 9, "base_revision": revision, "kind": "confirm", **place}
    annotations.apply_operations(db, project.id, document, "ben", "t", [edit])
    assert annotations.judged(db, project.id) == {(document, 0, 3, "PER")}


def test_a_change_that_was_broken_off_goes_on_where_it_stopped(db, project, document, monkeypatch):
    other = stored(db, project, sentence("Ada met Bob!"))[-1]
    for id in (document, other):
        versions(db, project, id)
    monkeypatch.setattr(deciding, "CHUNK", 1)

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deciding.set_policy(db, project.id, MAJORITY, stop)
    assert deciding.is_pending(db, project.id)
    assert (gold(db, document)[0], gold(db, other)[0]) == (str(Merged.MAJORITY), "cem")
    deciding.go_on(db, project.id)
    assert not deciding.is_pending(db, project.id)
    assert gold(db, other)[0] == str(Merged.MAJORITY)


def test_only_an_admin_changes_it(db, project):
    with acting_as(Person("rev", Role.REVIEWER)), pytest.raises(ForbiddenError):
        deciding.set_policy(db, project.id, MAJORITY)
    with pytest.raises(InputError):
        deciding.set_policy(db, project.id, Policy(Gold.PERSON, "(majority)"))
    assert deciding.policy(db, project.id) == NEWEST


def test_nobody_edits_what_is_computed(db, project, document):
    with pytest.raises(RefusedError):
        give(db, project, document, Merged.MAJORITY, [ADA])


def test_a_coach_begins_anew_once_another_policy_says_what_is_to_be_learned(db, project, document):
    versions(db, project, document)
    seen = work.changes(db, project.id, None)
    assert not work.changes(db, project.id, seen.now).anew
    deciding.set_policy(db, project.id, MAJORITY)
    found = work.changes(db, project.id, seen.now)
    assert (found.anew, found.ids) == (True, (document,))
    assert not work.changes(db, project.id, found.now).anew
