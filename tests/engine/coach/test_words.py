"""Before the first label: what other projects marked is suggested, until the coach knows more."""

from dataclasses import replace

import pytest

from engine.coach.coach import Coach
from engine.coach.words import gather
from engine.inspection import expectation
from storage.coaching import makers, outcomes
from storage.corpus import documents, projects
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.types import Document, DocumentScore, RunKind, Span, Status
from tests.engine.coach.travels import finish, make, said, travel, words

WORDS = "words of earlier projects"
PERSON, PLACE = "person", "place"


def text(written: str, **marks: str) -> Document:
    """A text with its tokens; each mark is a word's, the first time that it stands there."""
    places = {written.index(quote): (quote, label) for quote, label in marks.items()}
    spans = (Span(at, at + len(quote), label) for at, (quote, label) in sorted(places.items()))
    return Document(written, words(written), tuple(spans))


def label_elsewhere(db, wanted, name="Earlier", **values) -> int:
    done = [replace(document, status=Status.DONE) for document in wanted]
    return documents.create_with_documents(db, name, done, "bob", **values)


@pytest.fixture
def new(db):
    """A project in which nothing is done; another one has the same labels."""
    label_elsewhere(db, [travel(number) for number in range(10)])
    wanted = [travel(number) for number in range(10, 40)]
    project = make(db, wanted)
    return project, list(documents.list_ids(db, project.id)), wanted


def kinds(db, ids) -> list[str]:
    return [found.kind for found in suggestions.of_documents(db, ids).values()]


def makers_of(db, ids) -> set[str]:
    """Return whose the suggested marks are, by the names of their makers."""
    found = suggestions.of_documents(db, ids).values()
    runs_of = {run for each in found for run, spans in each.makers.items() if spans}
    return set(makers.names(db, runs_of).values())


def test_they_are_suggested_from_nothing_under_their_own_name(db, new):
    project, ids, wanted = new
    made = Coach(db, project.id).update(ids[:10])
    assert made.suggestions == 20
    found = suggestions.of_documents(db, ids)
    assert list(found) == ids[:10]
    for id, document in zip(ids, wanted[:10], strict=False):
        assert found[id].spans == document.spans
    (run,) = {each.run for each in found.values()}
    assert makers.names(db, [run]) == {run: "words of earlier projects"}
    assert runs.list_runs(db, project.id) == []


def test_what_became_of_them_is_counted_and_the_learner_takes_over(db, new):
    project, ids, wanted = new
    coach = Coach(db, project.id)
    coach.update(ids)
    for id, document in zip(ids[:19], wanted, strict=False):
        finish(db, project, id, document)
    coach.update(ids[19:])
    assert makers_of(db, ids[19:]) == {WORDS}
    (record,) = outcomes.by_maker(db, project.id).values()
    assert (record.documents, record.kept, record.dropped, record.added) == (19, 38, 0, 0)
    finish(db, project, ids[19], wanted[19])
    coach.update(ids[20:])
    assert makers_of(db, ids[20:]) == {"coach"}


def test_what_is_learned_is_suggested_beside_them_and_both_are_counted(db):
    label_elsewhere(db, [replace(travel(n), spans=travel(n).spans[1:]) for n in range(10)])
    wanted = [travel(number) for number in range(10)] * 3
    project = make(db, wanted)
    ids, coach = list(documents.list_ids(db, project.id)), Coach(db, project.id)
    assert coach.update(ids).suggestions == 30
    for id, document in zip(ids[:10], wanted, strict=False):
        finish(db, project, id, document)
    coach.update(ids[10:])
    for id, document in zip(ids[10:], wanted[10:], strict=True):
        found = suggestions.of_document(db, id)
        assert (found.kind, found.revision, found.spans) == (RunKind.COACH, 1, document.spans)
        named = makers.names(db, found.by)
        assert [named[run] for run in found.by] == ["coach", WORDS]
    assert coach.update(ids[10:]).changed is None
    finish(db, project, ids[10], replace(wanted[10], spans=wanted[10].spans[:1]))
    coach.update(ids[11:])
    of_coach, of_words = outcomes.by_maker(db, project.id).values()
    # Nobody had suggested the ten people.
    assert (of_words.documents, of_words.kept, of_words.dropped, of_words.added) == (11, 10, 1, 10)
    assert (of_coach.documents, of_coach.kept, of_coach.dropped, of_coach.added) == (1, 1, 0, 0)
    newest = expectation.finished(db, project.id)[-1]
    assert (newest.document, newest.kept, newest.dropped) == (ids[10], 1, 1)


def test_a_model_that_somebody_named_keeps_its_word(db, new):
    project, ids, _ = new
    run = runs.create_run(db, project.id, {}, RunKind.ZERO_SHOT, numbered=False).id
    theirs = Said(DocumentScore(ids[0], None, None, None, None), (Span(0, 3, PLACE, score=0.5),))
    suggestions.put(db, run, [theirs])
    Coach(db, project.id).update(ids[:2])
    assert kinds(db, ids[:2]) == [RunKind.ZERO_SHOT, RunKind.WORDS]


def test_only_what_bears_one_label_mostly_and_stands_between_tokens(db):
    earlier = [
        text("New York Times says May", May=PERSON, **{"New York Times": PLACE}),
        text("New York", **{"New York": PLACE}),
        text("Jordan went", Jordan=PERSON),
        text("in Jordan", Jordan=PLACE),
        text("It may rain in May , May , May"),
        text("The one", The=PERSON),
        text("The others saw The sun"),
    ]
    label_elsewhere(db, earlier)
    project = make(db, [travel(0)])
    known = gather(db, project.id, {PERSON, PLACE})
    new = text("New York Times of New York and Jordan in May The new york New York's")
    assert known.spans(new, 0.0) == (Span(0, 14, PLACE), Span(18, 26, PLACE))
    # The better known one is surer, and a person may ask for more than that.
    assert [span.score for span in known.spans(new, 0.0)] == [0.75, 0.75]
    assert known.spans(new, 0.8) == ()


def test_what_people_pass_over_here_is_soon_not_suggested(db, new):
    project, ids, wanted = new
    coach = Coach(db, project.id)
    coach.update(ids)
    for id, document in zip(ids[:3], wanted, strict=False):
        finish(db, project, id, replace(document, spans=document.spans[:1]))
    coach.update(ids)
    passed_over = {document.text[slice(*_place(document))] for document in wanted[:3]}
    for id, document in zip(ids[3:], wanted[3:], strict=True):
        quotes = {document.text[s.start : s.end] for s in said(db, [id])[id] if s.label == PLACE}
        assert not quotes & passed_over


def _place(document: Document) -> tuple[int, int]:
    return document.spans[1].start, document.spans[1].end


def test_other_labels_and_other_tasks_are_not_asked(db):
    other = label_elsewhere(db, [travel(number) for number in range(4)])
    project = make(db, [travel(number) for number in range(4)])
    assert len(gather(db, project.id, {PERSON, PLACE})) == 8
    assert len(gather(db, project.id, {PERSON, "a", "b"})) == 0
    projects.delete_project(db, other)
    assert len(gather(db, project.id, {PERSON, PLACE})) == 0
