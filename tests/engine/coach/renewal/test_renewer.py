"""Suspects are weighed anew when labels change: of the same document, and of the same words."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import pytest

from engine.coach.renewal.registry import COMMAND
from engine.coach.renewal.renewer import Check, find
from engine.coach.renewal.worker import Rounds
from engine.coach.worker import Pipe
from engine.runs.weighed import opinions
from storage.actions import relabelling
from storage.corpus import documents as corpus
from storage.corpus import projects
from storage.database.connection import Database
from storage.home import run_folder
from storage.journal import annotations as journal
from storage.runs import renewals, suspects
from storage.runs.suspects import State, StoredSuspect, Wanted
from storage.types import Document, Run, Span, Split, Status, Task
from tests.engine.coach.renewal.checked import checked

CITIES = ("Ulm", "Bonn", "Jena", "Kiel")


def written(number: int) -> Document:
    """A sentence on a city, which is a place and is often called a person in Ulm's."""
    city = CITIES[number % len(CITIES)]
    text = f"In {city} it rained {number}"
    tokens, at = [], 0
    for word in text.split():
        tokens.append((at, at + len(word)))
        at += len(word) + 1
    label = "person" if city == "Ulm" else "place"
    span = Span(3, 3 + len(city), label)
    return Document(text, tuple(tokens), (span,), Split.TRAIN, status=Status.DONE)


@pytest.fixture
def project(db: Database) -> int:
    project = projects.create_project(db, "Cities").id
    corpus.add_documents(db, project, [written(n) for n in range(5 * len(CITIES))], "ada")
    return project


def places(document: Document) -> tuple[Span, ...]:
    return tuple(Span(span.start, span.end, "place") for span in document.spans)


@pytest.fixture
def check(db: Database, project: int) -> Run:
    return checked(db, project, places)


def edit(db: Database, project: int, document: int, **operation: Any) -> None:
    base = journal.open_annotation(db, document, "ada")
    given = {"seq": base.revision + 1, "base_revision": base.revision, **operation}
    outcome = journal.apply_operations(db, project, document, "ada", f"tab-{document}", [given])
    assert outcome.results[0]["status"] == "saved", outcome.results


def relabel(db: Database, project: int, document: int, label: str) -> None:
    (span,) = journal.open_annotation(db, document, "ada").spans
    edit(db, project, document, kind="relabel", id=span.id, label=label)


def listed(db: Database, run: Run) -> dict[int, StoredSuspect]:
    """Return the suspect of each document that is open: here each has one."""
    ids = suspects.ids(db, run.id, Wanted(states=(State.OPEN,)))
    return {each.document: each for each in suspects.of_ids(db, ids)}


def of_city(db: Database, project: int, city: str) -> list[int]:
    found = [d.id or 0 for d in journal.current(db, project) if city in d.text]
    assert len(found) > 2
    return found


def test_what_is_as_it_was_checked_stays_as_it_is(db: Database, project: int, check: Run) -> None:
    before, then = listed(db, check), renewals.stamp(db, check.id)
    Check(db, check.id).renew()
    assert listed(db, check) == before and renewals.stamp(db, check.id) == then
    assert find(db, project) == check.id


def test_a_mended_label_renews_the_same_words_elsewhere_and_nothing_else(
    db: Database, project: int, check: Run
) -> None:
    known = Check(db, check.id)
    known.renew()
    before, then = listed(db, check), renewals.stamp(db, check.id)
    ulm = of_city(db, project, "Ulm")
    mended, others = ulm[:3], ulm[3:]
    held = suspects.ids(db, check.id)
    for document in mended:
        relabel(db, project, document, "place")
    known.renew()
    after = listed(db, check)
    for each in others:
        assert after[each].score > before[each].score, "three more places speak against it"
        assert "is place in 3 of 4 other places" in after[each].reason
    same = set(before) - {*mended, *others}
    assert {each: after[each] for each in same} == {each: before[each] for each in same}
    assert renewals.since(db, then) == len(others), "what was decided is no news"
    # Who looks at the list of before still sees all of it, as it was.
    assert {e.id: e.score for e in suspects.of_ids(db, held) if e.document in before} == {
        each.id: each.score for each in before.values()
    }
    # The decision counts, as without a renewal.
    assert suspects.count(db, check.id)[State.MENDED] == 3


def test_taken_back_everything_is_as_before(db: Database, project: int, check: Run) -> None:
    known, before = Check(db, check.id), listed(db, check)
    first, second, *_ = of_city(db, project, "Ulm")
    for document in (first, second):
        relabel(db, project, document, "place")
        known.renew()
    for document in (first, second):
        relabel(db, project, document, "person")
    # One that was killed meanwhile finds what it missed.
    Check(db, check.id).renew()
    assert said(listed(db, check)) == said(before)
    assert suspects.count(db, check.id)[State.MENDED] == 0


def said(found: dict[int, StoredSuspect]) -> dict[int, tuple[Any, ...]]:
    return {
        id: (each.given, each.suggested, round(each.score, 6), each.reason)
        for id, each in found.items()
    }


def test_what_somebody_found_right_is_not_suspected_again(
    db: Database, project: int, check: Run
) -> None:
    mended, kept, *_ = of_city(db, project, "Ulm")
    where = {"start": 3, "end": 6, "label": "person", "quote": "Ulm"}
    edit(db, project, kept, kind="confirm", **where)
    relabel(db, project, mended, "place")
    Check(db, check.id).renew()
    assert kept not in listed(db, check)
    assert suspects.count(db, check.id)[State.KEPT] == 1


def test_suspects_follow_a_label_that_is_called_another_name(
    db: Database, project: int, check: Run, connected: tuple[Pipe, Connection]
) -> None:
    before = listed(db, check)
    place, person = (_label(db, project, name) for name in ("place", "person"))
    rounds = Rounds(db, project, connected[0])
    rounds.round()
    relabelling.rename_label(db, place, "Ort", "ada")
    relabelling.rename_label(db, person, "Mensch", "ada")
    rounds.round()
    after = listed(db, check)
    names = {"place": "Ort", "person": "Mensch"}
    assert {id: (each.given, each.suggested) for id, each in after.items()} == {
        id: tuple(side and replace(side, label=names[side.label]) for side in sides)
        for id, each in before.items()
        if (sides := (each.given, each.suggested))
    }
    assert [each.score for each in after.values()] == [each.score for each in before.values()]
    assert suspects.count(db, check.id)[State.MENDED] == 0
    assert "Ort" in next(iter(after.values())).reason


def test_a_label_that_is_gone_is_suggested_no_more(db: Database, project: int, check: Run) -> None:
    place, person = (_label(db, project, name) for name in ("place", "person"))
    relabelling.merge_labels(db, place, person, "ada")
    Check(db, check.id).renew()
    assert listed(db, check) == {}


def _label(db: Database, project: int, name: str) -> int:
    known = projects.get_project(db, project).labels
    return next(each.id or 0 for each in known if each.name == name)


@pytest.mark.parametrize("task", [Task.CLASSES, Task.MULTILABEL, Task.PAIRS])
def test_of_whole_documents_the_mended_one_is_weighed_anew(db: Database, task: Task) -> None:
    project = projects.create_project(db, "Kinds", task, task is Task.MULTILABEL).id
    second = "an answer" if task is Task.PAIRS else None
    given = [
        Document(
            f"text {n}", (), (Span(0, 0, "good" if n else "bad"),), Split.TRAIN,
            status=Status.DONE, second_text=second,
        )
        for n in range(6)
    ]  # fmt: skip
    corpus.add_documents(db, project, given, "ada")
    check = checked(db, project, lambda document: (Span(0, 0, "good"),))
    known = Check(db, check.id)
    known.renew()
    then, before = renewals.stamp(db, check.id), listed(db, check)
    wrong, right = corpus.list_ids(db, project)[:2]
    assert before[wrong].score > 0.8
    (span,) = journal.open_annotation(db, right, "ada").spans
    edit(db, project, right, kind="relabel", id=span.id, label="bad")
    known.renew()
    found = listed(db, check)[right]
    assert (found.given, found.score > 0.8) == (Span(0, 0, "bad"), True)
    assert listed(db, check)[wrong] == before[wrong]
    # That somebody changed it is known; that it is suspicious now is news.
    assert renewals.since(db, then) == 1


def test_without_what_the_models_said_nothing_is_renewed(
    db: Database, project: int, check: Run
) -> None:
    (run_folder(check.folder) / opinions.FILE).unlink()
    assert find(db, project) is None
    assert COMMAND[-1] == "engine.coach.renewal.worker"
