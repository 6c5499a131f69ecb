"""A word list that is kept is suggested at once, and as long as people keep what it suggests."""

from dataclasses import replace

import pytest

from engine.coach.coach import Coach
from engine.coach.state import Asked, Phase
from engine.coach.worker import Working
from engine.commands import main
from storage.actions import relabelling
from storage.coaching import choices, outcomes, word_lists
from storage.coaching.choices import Choices
from storage.corpus import documents, projects
from storage.runs import suggestions
from storage.runs.suggestions import Said
from storage.types import Document, DocumentScore, RunKind
from tests.engine.coach.test_words import label_elsewhere, makers_of, text
from tests.engine.coach.travels import PEOPLE, PLACES, finish, make, said, travel

CITIES = [(place, "place") for place in PLACES]


@pytest.fixture
def fresh(db):
    """A project in which nothing is done, and nothing else is there."""
    wanted = [travel(number) for number in range(30)]
    project = make(db, wanted)
    return project, list(documents.list_ids(db, project.id)), wanted


def places_of(document: Document) -> tuple:
    return tuple(span for span in document.spans if span.label == "place")


def test_before_any_label_a_list_is_suggested_at_once_in_its_own_name(db, fresh):
    project, ids, wanted = fresh
    word_lists.keep(db, project.id, "Cities", CITIES)
    coach = Coach(db, project.id)
    assert coach.update(ids[:10]).suggestions == 10
    assert said(db, ids) == {id: places_of(d) for id, d in zip(ids[:10], wanted, strict=False)}
    assert makers_of(db, ids) == {"word list Cities"}
    assert coach.asked == Asked(lists=("Cities",))
    assert suggestions.of_document(db, ids[0]).kind == RunKind.WORD_LIST


def test_it_goes_on_beside_what_is_learned_and_both_are_counted(db, fresh):
    project, ids, wanted = fresh
    word_lists.keep(db, project.id, "Cities", CITIES)
    coach = Coach(db, project.id)
    coach.update(ids)
    for id, document in zip(ids[:22], wanted, strict=False):
        finish(db, project, id, document)
    coach.update(ids[22:])
    for id, document in zip(ids[22:], wanted[22:], strict=True):
        found = suggestions.of_document(db, id)
        assert found.spans == document.spans
        assert found.makers[found.run] == [document.spans[0]]
    assert makers_of(db, ids[22:]) == {"coach", "word list Cities"}
    (of_list,) = outcomes.by_maker(db, project.id).values()
    assert (of_list.kept, of_list.dropped) == (22, 0)
    # Another process counts what was finished before, and says the same.
    before = {id: suggestions.of_document(db, id).spans[1].score for id in ids[22:]}
    coach.close()
    Coach(db, project.id).update(ids[22:])
    assert {id: suggestions.of_document(db, id).spans[1].score for id in ids[22:]} == before
    assert max(before.values()) > 0.85


def test_what_people_pass_over_two_times_is_suggested_no_more(db):
    wanted = [text("I went to Nice"), text("A Nice day"), text("It is Nice"), text("Nice , really")]
    project = make(db, wanted)
    ids = list(documents.list_ids(db, project.id))
    word_lists.keep(db, project.id, "Cities", [("Nice", "place")])
    coach = Coach(db, project.id)
    for done in range(3):
        coach.update(ids)
        assert len(said(db, ids[3:]).get(ids[3], ())) == (done < 2)
        if done < 2:
            finish(db, project, ids[done], replace(wanted[done], spans=()))
    assert sum(each.dropped for each in outcomes.by_maker(db, project.id).values()) == 2


def test_what_is_never_suggested_is_not_passed_over(db):
    wanted = [text("a Nice-based firm"), text("some Nice-born people"), text("I went to Nice")]
    project = make(db, wanted)
    ids = list(documents.list_ids(db, project.id))
    word_lists.keep(db, project.id, "Cities", [("Nice", "place")])
    for id, document in zip(ids[:2], wanted, strict=False):
        finish(db, project, id, replace(document, spans=()))
    Coach(db, project.id).update(ids[2:])
    assert len(said(db, ids)[ids[2]]) == 1


def test_lists_and_labels_that_change_are_followed_by_a_coach_at_work(db, fresh, connected):
    project, ids, wanted = fresh
    pipe, server = connected
    kept = word_lists.keep(db, project.id, "Cities", CITIES)
    pipe.ahead = tuple(ids[:5])
    working = Working(Coach(db, project.id), pipe)

    def labels() -> set[str]:
        while working.round() == 0.0:
            pass
        return {span.label for spans in said(db, ids).values() for span in spans}

    assert labels() == {"place"}
    assert len(said(db, ids)) == 30, "also of those that do not come next"
    place = next(label for label in projects.list_labels(db, project.id) if label.name == "place")
    relabelling.rename_label(db, place.id, "city", "ada")
    assert labels() == {"city"}
    word_lists.keep(db, project.id, "People", [(who, "person") for who in PEOPLE])
    assert labels() == {"city", "person"}
    word_lists.ask(db, kept.id, False)
    assert labels() == {"person"}
    word_lists.ask(db, kept.id, True)
    relabelling.delete_label(db, place.id, "ada")
    assert labels() == {"person"}
    told = [server.recv() for _ in iter(lambda: server.poll(0), False)]
    assert {state.asked.lists for state in told if state.phase is Phase.WAITING} == {
        *((), ("Cities",), ("Cities", "People"), ("People",)),
    } - {()}


def test_a_list_comes_before_earlier_projects_and_a_person_may_ask_for_more(db, fresh):
    project, ids, wanted = fresh
    label_elsewhere(db, [travel(number) for number in range(10)])
    word_lists.keep(db, project.id, "Others", [("Ulm on day", "person")])
    coach = Coach(db, project.id)
    coach.update(ids[:1])
    found = suggestions.of_document(db, ids[0])
    assert [span.label for span in found.spans] == ["person", "person"]
    assert makers_of(db, ids) == {"word list Others", "words of earlier projects"}
    assert coach.asked == Asked(lists=("Others",), earlier=True)
    choices.put(db, project.id, Choices(threshold=0.8))
    coach.update(ids[:1])
    assert makers_of(db, ids[:1]) == {"word list Others"}


def test_case_and_parts_of_words_are_as_the_list_was_kept(db):
    project = make(db, [text("in Ulmer ulm")])
    ids = list(documents.list_ids(db, project.id))
    for whole, case, found in ((True, True, 0), (True, False, 1), (False, False, 2)):
        entries = [("Ulm", "place")]
        word_lists.keep(db, project.id, "a", entries, whole_words=whole, match_case=case)
        Coach(db, project.id).update(ids)
        assert len(said(db, ids).get(ids[0], ())) == found


def test_a_script_has_the_list_suggested_too(db, fresh, capsys):
    project, ids, _ = fresh
    word_lists.keep(db, project.id, "Cities", CITIES)
    assert main(["coach", "--project", project.name, "--once", "--json", "--ahead", "7"]) == 0
    assert '"suggestions": 7' in capsys.readouterr().out
    assert makers_of(db, ids) == {"word list Cities"}


@pytest.mark.parametrize("learned", (0, 22))
def test_what_went_with_a_list_comes_back_with_it(db, fresh, learned):
    project, ids, wanted = fresh
    kept = word_lists.keep(db, project.id, "Cities", CITIES)
    coach = Coach(db, project.id)
    for id, document in zip(ids[:learned], wanted, strict=False):
        finish(db, project, id, document)
    coach.update(ids[22:])
    before = said(db, ids[22:])
    assert {span.label for spans in before.values() for span in spans} >= {"place"}
    # The coach may see that nothing is asked for a while, and may come too late to see it.
    for sees in (True, False):
        word_lists.ask(db, kept.id, False)
        if sees:
            coach.update(ids[22:])
        word_lists.ask(db, kept.id, True)
        again = word_lists.keep(db, project.id, "Cities", CITIES)
        coach.update(ids[22:])
        assert said(db, ids[22:]) == before
        kept = again


def test_what_was_still_being_suggested_of_a_list_that_is_gone_goes(db, fresh):
    project, ids, _ = fresh
    kept = word_lists.keep(db, project.id, "Cities", CITIES)
    coach = Coach(db, project.id)
    coach.update(ids[:3])
    late = suggestions.of_documents(db, ids[:3])
    word_lists.remove(db, kept.id)
    told = [
        Said(DocumentScore(id, None, None, None, None), each.spans) for id, each in late.items()
    ]
    suggestions.put(db, kept.run, told)
    coach.update(ids[:3])
    assert said(db, ids) == {}, "a model that needs no examples may look at them"
