"""Suggestions: what the newest model would label, replaced as a whole by the next look."""

import pytest

from storage.corpus import projects
from storage.errors import NotFoundError
from storage.runs import runs, suggestions
from storage.runs.suggestions import Suggestions
from storage.types import DocumentScore, Source, Span
from tests.storage.conftest import sentence, stored

ADA = Span(0, 3, "PER", source=Source.MODEL, score=0.9)
BOB = Span(8, 11, "PER", source=Source.MODEL, score=0.4)


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, *(sentence(f"Ada met Bob {n}", name=f"n{n}") for n in range(3)))


@pytest.fixture
def run(db, project) -> int:
    return runs.create_run(db, project.id, {}).id


def scores(ids) -> list[DocumentScore]:
    return [DocumentScore(id, 0.5, 0.25, 0.125, 0.0) for id in ids]


def test_a_document_that_was_looked_at_has_its_suggestions_in_the_order_of_the_text(db, run, ids):
    suggestions.store(db, run, [(ids[0], BOB), (ids[0], ADA)], scores(ids[:2]))
    found = suggestions.of_document(db, ids[0])
    assert found == Suggestions(run, (ADA, BOB))
    assert [(span.source, span.score) for span in found.spans] == [
        (Source.MODEL, 0.9),
        (Source.MODEL, 0.4),
    ]


def test_nothing_to_suggest_is_not_the_same_as_never_looked_at(db, run, ids):
    suggestions.store(db, run, [], scores(ids[:1]))
    assert suggestions.of_document(db, ids[0]) == Suggestions(run, ())
    assert suggestions.of_document(db, ids[1]) is None
    with pytest.raises(NotFoundError):
        suggestions.of_document(db, 99)


def test_guesses_stand_beside_what_the_model_says_in_their_order(db, run, ids):
    said = Span(0, 0, "PER", source=Source.MODEL, score=0.6)
    others = [Span(0, 0, label, source=Source.MODEL, score=0.2) for label in ("ORG", "LOC")]
    guesses = [(ids[0], span) for span in others]
    suggestions.store(db, run, [(ids[0], said)], scores(ids[:1]), guesses)
    assert suggestions.of_document(db, ids[0]) == Suggestions(run, (said,), tuple(others))


def test_the_next_look_replaces_all_of_its_project_and_nothing_else(db, project, run, ids):
    other = projects.create_project(db, "Other")
    (elsewhere,) = stored(db, other, sentence())
    theirs = runs.create_run(db, other.id, {}).id
    suggestions.store(db, theirs, [(elsewhere, ADA)], scores([elsewhere]))
    suggestions.store(db, run, [(id, ADA) for id in ids], scores(ids))
    newer = runs.create_run(db, project.id, {}).id
    suggestions.store(db, newer, [(ids[0], BOB)], scores(ids[:2]))
    assert suggestions.of_document(db, ids[0]) == Suggestions(newer, (BOB,))
    assert suggestions.of_document(db, ids[1]) == Suggestions(newer, ())
    assert suggestions.of_document(db, ids[2]) is None
    assert suggestions.of_document(db, elsewhere) == Suggestions(theirs, (ADA,))
    assert suggestions.newest_run(db, project.id) == newer
    assert suggestions.newest_run(db, other.id) == theirs


def test_a_project_that_no_model_has_looked_at_has_no_newest_run(db, project, run):
    assert suggestions.newest_run(db, project.id) is None


def test_a_document_that_is_gone_is_passed_over(db, run, ids):
    suggestions.store(db, run, [(99, ADA), (ids[0], ADA)], scores([99, ids[0]]))
    assert suggestions.of_document(db, ids[0]).spans == (ADA,)


def test_a_killed_storing_leaves_every_document_whole_and_can_be_repeated(
    db, project, run, ids, monkeypatch
):
    suggestions.store(db, run, [(id, ADA) for id in ids], scores(ids))
    newer = runs.create_run(db, project.id, {}).id

    def broken():
        yield from scores(ids[:1])
        raise OSError("killed")

    found = [(id, span) for id in ids for span in (ADA, BOB)]
    monkeypatch.setattr("storage.runs.suggestions.chunks", lambda given: ([item] for item in given))
    with pytest.raises(OSError, match="killed"):
        suggestions.store(db, newer, found, broken())
    assert suggestions.of_document(db, ids[0]) == Suggestions(newer, (ADA, BOB))
    assert suggestions.of_document(db, ids[1]) == Suggestions(run, (ADA,))
    suggestions.store(db, newer, found, scores(ids))
    assert [suggestions.of_document(db, id).run for id in ids] == [newer] * 3
    with pytest.raises(NotFoundError):
        suggestions.store(db, 99, [], [])


def test_suggestions_go_with_their_project(db, project, run, ids):
    suggestions.store(db, run, [(ids[0], ADA)], scores(ids))
    projects.delete_project(db, project.id)
    assert suggestions.newest_run(db, project.id) is None


def test_facets_are_read_anew_once_and_not_after_each_part(db, project, run, ids, monkeypatch):
    looked = []
    monkeypatch.setattr("storage.runs.suggestions.mark_looked", lambda *given: looked.append(given))
    monkeypatch.setattr("storage.runs.suggestions.chunks", lambda given: ([item] for item in given))
    suggestions.store(db, run, [(id, ADA) for id in ids], scores(ids))
    assert len(looked) == 1


def test_spans_are_read_no_further_than_to_the_documents_that_are_stored(db, run, ids, monkeypatch):
    """A million documents have more of them than memory."""
    monkeypatch.setattr("storage.runs.suggestions.chunks", lambda given: ([item] for item in given))
    ahead = []

    def spans():
        for id in ids:
            ahead.append(id)
            yield id, ADA

    def looking():
        for number, score in enumerate(scores(ids), start=1):
            yield score
            # The one after tells that a document is complete.
            assert len(ahead) <= number + 2

    suggestions.store(db, run, spans(), looking())
    assert [suggestions.of_document(db, id).spans for id in ids] == [(ADA,)] * 3


def test_what_does_not_come_in_the_order_of_the_documents_is_no_suggestion(db, run, ids):
    with pytest.raises(ValueError, match="order"):
        suggestions.store(db, run, [(99, ADA)], scores(ids))
