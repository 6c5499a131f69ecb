"""What is worth a look: errors, suspects, doubts and disagreements, by what they should bring."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from storage.engines.schema import DocumentScoreRow, SuspectRow
from storage.finding import queues, reasons, review_list
from storage.finding.focus import focus
from storage.finding.review import mixing, origins
from storage.finding.review.findings import Finding, Origin
from storage.finding.review.origins import likely_wrong
from storage.finding.selection import Order, Selection
from storage.finding.sets import scores
from storage.journal import annotations as journal
from storage.runs import reports, runs, suggestions
from storage.types import (
    DocumentScore,
    ErrorKind,
    Match,
    RunKind,
    RunState,
    Source,
    Span,
    Split,
)
from tests.storage.conftest import sentence, stored

ADA, ORG, BOB = Span(0, 3, "PER"), Span(0, 3, "ORG"), Span(8, 11, "PER")


def said(span: Span, score: float) -> Span:
    return Span(span.start, span.end, span.label, source=Source.MODEL, score=score)


@pytest.fixture
def ids(db, project) -> list[int]:
    """Four that are done (two of them dev) and one to do, which a model has looked at."""
    done = [sentence(f"Ada met Bob {n}.", ADA, BOB) for n in range(2)]
    dev = [sentence(f"Ada met Bob {n}.", ADA, BOB, split=Split.DEV) for n in (2, 3)]
    return stored(db, project, *done, *dev, sentence("Ada met nobody."))


@pytest.fixture
def looked(db, project, ids) -> int:
    """A training with a report, and its suggestions."""
    run = runs.create_run(db, project.id, {}).id
    matches = [
        Match(ids[2], ADA, said(ORG, 0.97), ErrorKind.TYPE),
        Match(ids[2], BOB, said(BOB, 0.9), ErrorKind.EXACT),
        Match(ids[3], ADA, None, ErrorKind.MISSED),
        Match(ids[3], BOB, said(BOB, 0.9), ErrorKind.EXACT),
    ]
    reports.store_report(db, run, {}, {Split.DEV: matches})
    found = [(ids[0], said(ORG, 0.99)), (ids[0], said(BOB, 0.9)), (ids[4], said(ADA, 0.4))]
    found += [(id, said(span, 0.9)) for id in (ids[1], ids[3]) for span in (ADA, BOB)]
    found += [(ids[2], said(ORG, 0.97)), (ids[2], said(BOB, 0.9))]
    measured = [DocumentScore(id, 0.1, 0.6, 0.2, 0.3) for id in ids]
    # A further guess is nothing that the model says: no finding may come of it.
    suggestions.store(db, run, found, measured, [(id, said(ORG, 0.99)) for id in ids])
    return run


def suspect(db, project, document: int, score: float) -> None:
    run = runs.create_run(db, project.id, {}, "folds", numbered=False).id
    sides = {"given_start": 0, "given_end": 3, "given_label": "PER"}
    sides |= {"suggested_start": 0, "suggested_end": 3, "suggested_label": "ORG"}
    row = {"run_id": run, "document_id": document, "score": score, "reason": "you said PER, …"}
    with db.write() as session:
        session.add(SuspectRow(**row, **sides))


def curve(db, project, slopes: dict[str, float]) -> None:
    run = runs.create_run(db, project.id, {}, RunKind.LEARNING_CURVE, numbered=False).id
    reports.store_report(db, run, {"slopes": slopes}, {})
    runs.set_state(db, run, RunState.DONE)


def found(db, project) -> dict[int, Finding]:
    return {each.document: each for each in review_list.find(db, project.id)}


def edit(db, project, document: int, **operation) -> None:
    revision = journal.open_annotation(db, document, "test").revision
    wanted = {"seq": 1, "base_revision": revision, **operation}
    client = f"tab {document} {revision}"
    journal.apply_operations(db, project.id, document, "test", client, [wanted])


def test_each_origin_gives_its_reason_and_what_it_is_worth(db, project, ids, looked) -> None:
    suspect(db, project, ids[1], 0.8)
    known = found(db, project)
    assert list(map(known.__contains__, ids)) == [True] * 5
    assert {id: each.origins for id, each in known.items()} == {
        ids[0]: (Origin.DISAGREEMENT,),
        ids[1]: (Origin.SUSPECT,),
        ids[2]: (Origin.ERROR, Origin.DISAGREEMENT),
        ids[3]: (Origin.ERROR,),
        ids[4]: (Origin.DOUBT,),
    }
    reason = "The newest model disagrees: you said PER, the model says ORG at 0.99."
    assert known[ids[0]].reason.startswith(reason)
    assert known[ids[1]].reason.startswith("You said PER, …. Worth about ")
    assert "In run 1's report: you said PER, the model says nothing." in known[ids[3]].reason
    doubt = known[ids[4]]
    assert doubt.reason.startswith(
        "Not labelled yet, and of a word the model's best guess has only 0.40."
    )
    assert (doubt.given, doubt.suggested, doubt.chance) == (None, ADA, 0.6)


def test_the_same_place_is_there_once_with_all_that_is_said_of_it(db, project, ids, looked) -> None:
    suspect(db, project, ids[0], 0.6)
    (both,) = [each for each in review_list.find(db, project.id) if each.document == ids[0]]
    assert both.origins == (Origin.DISAGREEMENT, Origin.SUSPECT)
    assert both.chance == pytest.approx(likely_wrong(0.99)) and len(both.reasons) == 2


def test_a_mark_is_worth_what_the_curve_says_else_what_is_usual(db, project, ids, looked) -> None:
    usual = found(db, project)[ids[3]]
    # PER was right on 4 of 6 sides of the report's matches, and 2 sentences of train have it.
    assert usual.gain == pytest.approx(100 * likely_wrong(None) * 0.5 * (2 / 6) / 2)
    curve(db, project, {"PER": 0.002})
    known = found(db, project)
    assert known[ids[3]].gain == pytest.approx(100 * likely_wrong(None) * 0.002)
    assert known[ids[4]].gain == pytest.approx(100 * 0.6 * 0.002)
    assert known[ids[4]].reason.endswith("Worth about 0.12 points of PER.")


def test_what_was_decided_is_left_out(db, project, ids, looked) -> None:
    suspect(db, project, ids[1], 0.8)
    place = {"start": 0, "end": 3, "quote": "Ada"}
    edit(db, project, ids[0], kind="reject", label="ORG", **place)
    edit(db, project, ids[1], kind="confirm", label="PER", **place)
    span = journal.open_annotation(db, ids[2], "test").spans[0]
    edit(db, project, ids[2], kind="relabel", id=span.id, label="ORG", **{"from": "PER"})
    edit(db, project, ids[3], kind="flag", flagged=True)
    edit(db, project, ids[4], kind="status", status="skipped")
    assert review_list.find(db, project.id) == []


def test_the_queue_opens_each_document_once_at_its_place(db, project, ids, looked) -> None:
    queue = queues.choose(db, project.id, Selection(Order.REVIEW))
    order = list(dict.fromkeys(each.document for each in review_list.find(db, project.id)))
    assert list(queue.ids) == order and ids[1] not in order
    best = found(db, project)[order[0]]
    assert reasons.why(queue, order[0]) == best.reason
    work = journal.open_annotation(db, ids[0], "test").work
    assert focus(db, queue.selection, ids[0], work, None) == ADA


def test_without_a_model_there_is_nothing_and_it_says_so(db, project, ids) -> None:
    queue = queues.choose(db, project.id, Selection(Order.REVIEW))
    assert not queue.ids and "train one" in queue.when_empty


@given(st.lists(st.tuples(st.sampled_from(Origin), st.floats(0, 1)), max_size=40))
def test_no_origin_keeps_the_others_away(drawn) -> None:
    made = [
        Finding(at, ADA, ORG, (origin,), (), 0.5, gain) for at, (origin, gain) in enumerate(drawn)
    ]
    mixed = mixing.in_turns(made)
    assert sorted(mixed, key=id) == sorted(made, key=id)
    assert mixed == mixing.in_turns(list(reversed(made)))
    for at in range(len(mixed) - 3):
        four = [each.origins[0] for each in mixed[at : at + 4]]
        if len(set(four)) == 1:
            assert {each.origins[0] for each in mixed[at:]} == {four[0]}, "no other was left"
    for origin in Origin:
        own = [each.gain for each in mixed if each.origins[0] is origin]
        assert own == sorted(own, reverse=True)


def test_a_surer_model_makes_a_wrong_label_likelier() -> None:
    assert likely_wrong(0.5) == likely_wrong(None) == pytest.approx(0.05)
    assert 0.05 < likely_wrong(0.8) < 0.2 < likely_wrong(0.97) < likely_wrong(1.0) < 1


def test_doubts_are_read_in_pages_and_of_several_models_in_one_order(db, project, monkeypatch):
    to_do = [sentence(f"Ada met nobody {n}.") for n in range(9)]
    ids = stored(db, project, *to_do)
    doubts = [0.5, 0.9, 0.5, 0.1, 0.7, 0.5, 0.9, 0.0, 0.5]
    runs_of = [runs.create_run(db, project.id, {}).id for _ in range(2)]
    with db.write() as session:
        for n, (id, doubt) in enumerate(zip(ids, doubts, strict=True)):
            row = DocumentScoreRow(document_id=id, run_id=runs_of[n % 2], confidence=doubt)
            session.add(row)
    found = [pair for pair in zip(ids, doubts, strict=True) if pair[1]]
    expected = sorted(found, key=lambda pair: (-pair[1], pair[0]))
    for page in (1, 2, 3, 100):
        monkeypatch.setattr(scores, "PAGE", page)
        seen = [(each.document, each.chance) for each in review_list.find(db, project.id)]
        assert sorted(seen, key=lambda pair: (-pair[1], pair[0])) == expected
        monkeypatch.setattr(origins, "MOST", 3)
        assert [each.document for each in review_list.find(db, project.id)] == [
            id for id, _ in expected[:3]
        ]
        monkeypatch.setattr(origins, "MOST", 300)


@pytest.mark.sqlite
def test_a_large_projects_errors_and_doubts_are_found_by_an_index(db, project, ids, looked):
    asked = []

    def listen(connection, cursor, statement, parameters, context, many):
        asked.append((statement, parameters))

    event.listen(db._reader, "before_cursor_execute", listen)
    review_list.find(db, project.id)
    event.remove(db._reader, "before_cursor_execute", listen)
    with db.read() as session:
        plans = [
            str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", given).all())
            for each, given in asked
            if "LIMIT" in each
        ]
    for name in ("ix_matches_wrong", "ix_document_scores_run_id_confidence"):
        assert any(name in plan for plan in plans), plans
    assert not any("SCAN matches" in plan or "SCAN document_scores" in plan for plan in plans)
