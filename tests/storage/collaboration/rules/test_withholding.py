"""Who starts blind from suggestions is told none that learned from another's labels of the text."""

import pytest

from storage.coaching import coach_run
from storage.collaboration import assignments, queues
from storage.collaboration.rules.starts import Start
from storage.collaboration.rules.withholding import Withheld
from storage.journal import annotations
from storage.permissions import Role
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.types import Document, DocumentScore, RunKind, RunState, Source, Span, Status
from tests.storage.collaboration.conftest import acting
from tests.storage.collaboration.test_assignments import finish
from tests.storage.conftest import sentence, stored

ADA = Span(0, 3, "PER")
LEARNED = Withheld.LEARNED


def train(db, project) -> int:
    run = runs.create_run(db, project.id, {}).id
    runs.mark_frozen(db, run)
    runs.set_state(db, run, RunState.DONE)
    return run


def suggest(db, run: int, ids: list[int]) -> None:
    said = (Span(0, 3, "PER", source=Source.MODEL, score=0.9),)
    suggestions.put(db, run, [Said(DocumentScore(id, 0.5, 0.5, 0.5, 0.5), said) for id in ids])


def store(db, run: int, ids: list[int]) -> None:
    suggestions.store(db, run, [], [DocumentScore(id, 0.5, 0.5, 0.5, 0.5) for id in ids])


@pytest.fixture
def ids(db, project) -> list[int]:
    """Three documents that go to ann and ben, who start from suggestions."""
    found = stored(db, project, *(sentence(f"Ada {n}.") for n in range(3)))
    assignments.set_dealing(db, project.id, 2, Start.SUGGESTIONS)
    for who in ("ann", "ben"):
        assert assignments.take(db, project.id, who) == found
    return found


def test_a_model_that_learned_what_another_labelled_says_nothing_of_it(db, project, ids):
    finish(db, project, ids[0], "ann")
    run = train(db, project)
    store(db, run, ids)
    finish(db, project, ids[1], "ann")
    # What ann has labelled since the training nobody has learned; and hers are no secret to her.
    assert assignments.withheld(db, ids, "ben") == {ids[0]: LEARNED}
    assert assignments.withheld(db, ids, "ann") == {}
    # Nor does it when it is asked about the very text.
    told = [
        assignments.withheld_text(db, project.id, Document(f"Ada {n}."), "ben", run)
        for n in range(4)
    ]
    assert told == [LEARNED, None, None, None]
    finish(db, project, ids[0], "ben")
    assert assignments.withheld(db, ids, "ben") == {}


def test_of_a_run_that_does_not_say_what_it_learned_everything_may_be(db, project, ids):
    finish(db, project, ids[0], "ann")
    store(db, runs.create_run(db, project.id, {}).id, ids)
    assert assignments.withheld(db, ids, "ben") == {ids[0]: LEARNED}


def test_what_came_with_an_import_was_there_before_any_training(db, project):
    (id,) = stored(db, project, sentence("Ada met Bob.", ADA), annotator="eve")
    asked = {"documents": [id], "people": 2, "start": Start.SUGGESTIONS}
    queues.create_queue(db, project.id, "Again", **asked)
    assert assignments.take(db, project.id, "ben") == [id]
    store(db, train(db, project), [id])
    assert assignments.withheld(db, [id], "ben") == {id: LEARNED}
    finish(db, project, id, "eve")
    assert assignments.withheld(db, [id], "ben") == {id: LEARNED}, "edited by now, and older still"


def test_the_coach_has_not_learned_what_is_to_do_but_a_training_that_it_goes_on_from_may(
    db, project, ids
):
    suggest(db, coach_run.ensure(db, project.id), ids)
    finish(db, project, ids[0], "ann")
    assert assignments.withheld(db, ids, "ben") == {}, "it suggested before ann labelled it"
    train(db, project)
    assert assignments.withheld(db, ids, "ben") == {ids[0]: LEARNED}


def test_who_has_learned_nothing_of_documents_has_nothing_to_hide(db, project, ids):
    for kind in (RunKind.ZERO_SHOT, RunKind.WORD_LIST, RunKind.WORDS):
        suggest(db, runs.create_run(db, project.id, {}, kind).id, ids)
        finish(db, project, ids[0], "ann")
        train(db, project)
        assert assignments.withheld(db, ids, "ben") == {}


def test_it_is_so_for_those_alone_who_start_blind(db, project, ids):
    finish(db, project, ids[0], "ann")
    store(db, train(db, project), ids)
    with acting("rev", Role.REVIEWER):
        assert assignments.withheld(db, ids, "rev") == {}
    with acting("eve"):
        assert assignments.withheld(db, ids, "eve") == {ids[0]: LEARNED}
    assignments.set_dealing(db, project.id, 2, Start.BARE)
    assert assignments.withheld(db, ids, "ben") == dict.fromkeys(ids, Withheld.BARE)
    assert annotations.open_annotation(db, ids[0], "ann").status is Status.DONE
    assert assignments.withheld(db, ids, "ann") == dict.fromkeys(ids[1:], Withheld.BARE)
    assignments.set_dealing(db, project.id, 2, Start.OPEN)
    assert assignments.withheld(db, ids, "ben") == {}
