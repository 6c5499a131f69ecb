"""Suspects: stored in their order, asked for by what they are, and told what became of them."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from storage.journal import annotations as journal
from storage.runs import runs, suspects
from storage.runs.suspects import Sort, State, Wanted
from storage.types import RunKind, RunState, Span
from tests.storage.conftest import sentence, stored

ADA, ADA_ORG, BOB = Span(0, 3, "PER"), Span(0, 3, "ORG"), Span(8, 11, "PER")
LONG = Span(0, 7, "PER")


class Said(NamedTuple):
    document: int
    given: Span | None
    suggested: Span | None
    score: float
    reason: str = "why"


@pytest.fixture
def ids(db, project) -> list[int]:
    """Four documents with ADA marked, named by a text of their own."""
    return stored(db, project, *(sentence(f"Ada met Bob {n}", ADA, name=f"n{n}") for n in range(4)))


@pytest.fixture
def run(db, project) -> int:
    return runs.create_run(db, project.id, {}, RunKind.CROSS_VALIDATION).id


def of_all_sorts(ids: list[int]) -> list[Said]:
    return [
        Said(ids[0], ADA, ADA_ORG, 0.9),
        Said(ids[1], ADA, LONG, 0.8),
        Said(ids[2], ADA, None, 0.6),
        Said(ids[3], None, BOB, 0.4),
    ]


def edit(db, project, document: int, **operation: object) -> None:
    base = journal.open_annotation(db, document, "ada")
    given = {"seq": base.revision + 1, "base_revision": base.revision, **operation}
    client = f"tab-{document}"
    outcome = journal.apply_operations(db, project.id, document, "ada", client, [given])
    assert outcome.results[0]["status"] == "saved", outcome.results


def judge(db, project, document: int, kind: str, span: Span, quote: str) -> None:
    where = {"start": span.start, "end": span.end, "label": span.label, "quote": quote}
    edit(db, project, document, kind=kind, **where)


def span_id(db, document: int) -> str:
    return journal.open_annotation(db, document, "ada").spans[0].id


def states(db, run: int) -> list[State]:
    return [each.state for each in suspects.of_ids(db, suspects.ids(db, run))]


def test_what_is_stored_comes_back_in_its_order_with_its_sort(db, run, ids):
    found = of_all_sorts(ids)
    suspects.store(db, run, found)
    back = suspects.of_ids(db, suspects.ids(db, run))
    assert [Said(e.document, e.given, e.suggested, e.score, e.reason) for e in back] == found
    assert [each.sort for each in back] == [Sort.LABEL, Sort.BORDERS, Sort.SPARE, Sort.MISSING]
    assert suspects.labels(db, run) == ["ORG", "PER"]
    assert suspects.of_ids(db, [back[2].id, 999, back[0].id]) == [back[2], back[0]]


def test_suspects_are_asked_for_by_score_label_sort_and_state(db, run, ids):
    suspects.store(db, run, of_all_sorts(ids))
    known = suspects.ids(db, run)
    assert suspects.ids(db, run, Wanted(least=0.5)) == known[:3]
    assert suspects.ids(db, run, Wanted(label="ORG")) == known[:1]
    assert suspects.ids(db, run, Wanted(sort=Sort.MISSING)) == known[3:]
    assert suspects.ids(db, run, Wanted(states=(State.MENDED,))) == []


def test_what_people_decide_is_seen_at_once(db, project, run, ids):
    suspects.store(db, run, of_all_sorts(ids))
    assert states(db, run) == [State.OPEN] * 4
    edit(db, project, ids[0], kind="relabel", id=span_id(db, ids[0]), label="ORG")
    judge(db, project, ids[1], "confirm", ADA, "Ada")
    edit(db, project, ids[2], kind="remove", id=span_id(db, ids[2]))
    judge(db, project, ids[3], "reject", BOB, "Bob")
    assert states(db, run) == [State.MENDED, State.KEPT, State.MENDED, State.KEPT]
    assert suspects.count(db, run) == {State.MENDED: 2, State.KEPT: 2}
    assert suspects.ids(db, run, Wanted(states=(State.OPEN,))) == []


def test_a_missing_mark_that_was_made_is_mended(db, project, run, ids):
    suspects.store(db, run, of_all_sorts(ids)[3:])
    made = {"id": "x", "start": 8, "end": 11, "label": "ORG", "quote": "Bob"}
    edit(db, project, ids[3], kind="add", span=made)
    assert states(db, run) == [State.MENDED]


def test_what_was_found_right_before_is_not_suspected_again(db, project, run, ids):
    judge(db, project, ids[0], "confirm", ADA, "Ada")
    judge(db, project, ids[3], "reject", BOB, "Bob")
    suspects.store(db, run, of_all_sorts(ids))
    assert [e.document for e in suspects.of_ids(db, suspects.ids(db, run))] == ids[1:3]


def test_stored_again_it_takes_the_place_of_before_and_leaves_out_what_is_gone(db, run, ids):
    suspects.store(db, run, of_all_sorts(ids))
    suspects.store(db, run, [Said(99_999, ADA, None, 1.0), *of_all_sorts(ids)[1:]])
    assert [e.document for e in suspects.of_ids(db, suspects.ids(db, run))] == ids[1:]


def test_the_newest_check_is_the_last_one_that_is_done(db, project, run):
    assert suspects.newest_run(db, project.id) is None
    runs.claim(db, run)
    runs.set_state(db, run, RunState.DONE)
    runs.create_run(db, project.id, {}, RunKind.CROSS_VALIDATION)
    assert suspects.newest_run(db, project.id) == run
