"""What a coach suggests, from when on, and what becomes of it: real database, real encoder."""

from __future__ import annotations

from engine.coach.coach import Coach
from storage.coaching import choices, outcomes, thresholds
from storage.coaching.choices import Choices
from storage.corpus import documents
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.types import DocumentScore, RunKind, Span
from tests.engine.coach.travels import edit, finish, make, said, travel


def test_what_became_of_its_suggestions_is_kept(db, tagged):
    project, ids, wanted = tagged
    coach = Coach(db, project.id)
    coach.update(ids[10:])
    before = set(said(db, ids)[ids[10]])
    finish(db, project, ids[10], wanted[10])
    coach.update(ids[11:])
    (outcome,) = outcomes.newest(db, project.id, 50)
    right = before & set(wanted[10].spans)
    assert (outcome.document, outcome.run, outcome.revision) == (ids[10], coach.run, 1)
    assert (outcome.kept, outcome.dropped) == (len(right), len(before - right))
    assert outcome.added == len(set(wanted[10].spans) - before)


def test_at_first_it_leaves_their_word_to_models_that_need_no_examples(db, tagged):
    project, ids, _ = tagged
    run = runs.create_run(db, project.id, {}, RunKind.ZERO_SHOT, numbered=False).id
    theirs = Said(DocumentScore(ids[10], None, None, None, None), (Span(0, 3, "place", score=0.5),))
    suggestions.put(db, run, [theirs])
    Coach(db, project.id).update(ids[10:])
    found = suggestions.of_documents(db, ids[10:12])
    assert [found[id].kind for id in ids[10:12]] == [RunKind.ZERO_SHOT, RunKind.COACH]


def test_a_person_may_say_from_when_on_it_speaks(db, tagged):
    project, ids, _ = tagged
    coach = Coach(db, project.id)
    choices.put(db, project.id, Choices(threshold=1.01))
    coach.update(ids[10:])
    assert not any(said(db, ids).values())
    choices.put(db, project.id, Choices(threshold=0.01))
    coach.update(ids[10:])
    assert any(said(db, ids).values())


def test_as_long_as_it_has_hardly_learned_anything_it_says_only_what_it_is_sure_of(db):
    wanted = [travel(number) for number in range(8)]
    project = make(db, wanted)
    ids = list(documents.list_ids(db, project.id))
    finish(db, project, ids[0], wanted[0])
    coach = Coach(db, project.id)
    coach.update(ids[1:])
    spans = [span for spans in said(db, ids).values() for span in spans]
    assert spans and min(span.score or 0 for span in spans) >= thresholds.FIRST
    # A person's own word holds at once.
    choices.put(db, project.id, Choices(threshold=0.05))
    coach.update(ids[1:])
    more = [span for spans in said(db, ids).values() for span in spans]
    assert min(span.score or 0 for span in more) < thresholds.FIRST


def test_what_words_would_be_that_it_does_not_suggest_is_kept_up_to_date(db, tagged):
    project, ids, wanted = tagged
    choices.put(db, project.id, Choices(threshold=1.01))
    coach = Coach(db, project.id)
    coach.update(ids[10:])
    before = suggestions.of_documents(db, ids[10:])
    assert not any(each.spans for each in before.values())
    assert {guess.label for each in before.values() for guess in each.guesses} == {
        "person",
        "place",
    }
    for id in ids[:10]:
        edit(db, project, id, {"kind": "relabel", "id": "s1", "label": "person"})
    assert coach.update(()).changed == 0, "nobody sees a guess"
    after = suggestions.of_documents(db, ids[10:])
    assert {guess.label for each in after.values() for guess in each.guesses} == {"person"}
