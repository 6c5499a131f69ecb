"""What became of suggestions, and in whose name the coach makes them."""

import pytest

from storage.coaching import coach_run, outcomes
from storage.coaching.outcomes import Outcome, Record
from storage.finding import facets
from storage.journal import annotations
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.types import DocumentScore, RunKind, Source, Span, Status
from tests.storage.conftest import sentence, stored

ADA = Span(0, 3, "PER", source=Source.MODEL, score=0.9)


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, *(sentence(f"Ada met Bob {n}", name=f"n{n}") for n in range(3)))


def said(id: int, *spans: Span) -> Said:
    return Said(DocumentScore(id, 0.5, 0.25, 0.125, None), spans)


def finish(db, project, id: int) -> None:
    edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": str(Status.DONE)}
    annotations.apply_operations(db, project.id, id, "ada", f"tab-{id}", [edit])


def test_a_project_has_one_coach_which_is_no_run_of_anybodys(db, project):
    assert coach_run.find(db, project.id) is None
    run = coach_run.ensure(db, project.id)
    assert coach_run.ensure(db, project.id) == coach_run.find(db, project.id) == run
    assert runs.list_runs(db, project.id) == runs.queued_runs(db) == []
    assert runs.states(db, project.id) == {}, "else the Train page would be drawn again for ever"
    assert runs.create_run(db, project.id, {}).number == 1


def test_what_the_coach_says_of_some_documents_leaves_the_others_as_they_are(db, project, ids):
    trained, coach = runs.create_run(db, project.id, {}).id, coach_run.ensure(db, project.id)
    scores = [DocumentScore(id, 0.5, 0.25, 0.125, 0.0) for id in ids]
    suggestions.store(db, trained, [(id, ADA) for id in ids], scores)
    assert suggestions.put(db, coach, [said(ids[1])], revision=7) == [ids[1]]
    found = suggestions.of_documents(db, ids)
    assert [found[id].kind for id in ids] == [RunKind.TRAINING, RunKind.COACH, RunKind.TRAINING]
    assert (found[ids[1]].spans, found[ids[1]].revision, found[ids[0]].revision) == ((), 7, None)
    assert suggestions.newest_run(db, project.id) == trained


def test_a_finished_document_and_one_of_a_maker_that_does_not_give_way_keep_theirs(
    db, project, ids
):
    trained, coach = runs.create_run(db, project.id, {}).id, coach_run.ensure(db, project.id)
    suggestions.store(db, trained, [(ids[0], ADA)], [said(ids[0]).score])
    finish(db, project, ids[1])
    everything = [said(id, ADA) for id in ids]
    assert suggestions.put(db, coach, everything, instead_of=[RunKind.COACH]) == [ids[2]]
    assert suggestions.put(db, coach, everything) == [ids[0], ids[2]]


def test_to_learn_from_a_document_that_was_mended_is_no_disagreement(db, project, ids):
    coach = coach_run.ensure(db, project.id)
    suggestions.put(db, coach, [said(ids[0], ADA)])
    finish(db, project, ids[0])
    assert facets.disagreeing(db, project.id).ids.tolist() == []


def test_outcomes_are_added_up_by_maker_and_the_newest_come_first(db, project, ids):
    trained, coach = runs.create_run(db, project.id, {}).id, coach_run.ensure(db, project.id)
    first = Outcome(ids[0], coach, 3, ((0.9, True), (0.4, False)), added=1)
    finish(db, project, ids[0])
    outcomes.put(db, [first])
    finish(db, project, ids[1])
    second = Outcome(ids[1], trained, None, ((0.75, True),))
    outcomes.put(db, [second, second])
    assert outcomes.newest(db, project.id, 50) == [second, first]
    assert outcomes.newest(db, project.id, 50, coach) == [first]
    assert first.changed == 2
    assert outcomes.by_maker(db, project.id) == {
        trained: Record(1, kept=1),
        coach: Record(1, kept=1, dropped=1, added=1),
    }
    assert outcomes.total([first, second]) == Record(2, kept=2, dropped=1, added=1)
