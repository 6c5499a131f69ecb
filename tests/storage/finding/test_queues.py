"""Queues: which documents, in which order, and why each is there."""

import pytest

from storage.cells import MISSED, SPURIOUS, Cell, Only
from storage.collaboration import deciding
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import projects
from storage.finding import facets, queues, ranking, reasons, selection
from storage.finding.search import Search
from storage.finding.selection import Measure, Order, Selection
from storage.journal import annotations
from storage.outcomes import Compared, Outcome
from storage.permissions import Person, Role, acting_as
from storage.runs import reports, runs, suggestions
from storage.serving import kept
from storage.types import DocumentScore, ErrorKind, Match, Span, Split, Status
from tests.storage.conftest import sentence, stored
from tests.storage.serving import test_kept

ADA = Span(0, 3, "PER")


def chosen(db, project, name: str) -> queues.Queue:
    return queues.choose(db, project.id, selection.parse(name))


def finish(db, project, document: int) -> None:
    operation = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    client = f"client {document}"
    annotations.apply_operations(db, project.id, document, "ada", client, [operation])


def says(db, project, document: int, who: str, mark: bool) -> None:
    """Let somebody finish a document, with a mark or without."""
    opened = annotations.open_annotation(db, document, who)
    span = {"id": "n", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    parts: list[dict] = [{"kind": "remove", "id": id} for id in opened.work.spans]
    parts += [{"kind": "add", "span": span}] if mark else []
    kind = {"kind": "batch", "operations": parts} if parts else {"kind": "status"}
    edit = {"seq": 1, "base_revision": opened.revision, "status": "done", **kind}
    client = f"{who} {document}"
    outcome = annotations.apply_operations(db, project.id, document, who, client, [edit])
    assert outcome.results[0]["status"] == "saved"


@pytest.fixture
def ids(db, project) -> list[int]:
    """Six documents of train, one of dev, one that is done; a model looked at all of them."""
    open_ones = [sentence(f"Ada met {n}") for n in range(6)]
    dev = sentence("Ada met dev", split=Split.DEV)
    found = stored(db, project, *open_ones, dev, sentence("Ada met", ADA))
    run = runs.create_run(db, project.id, {}).id
    scores = [
        DocumentScore(id, entropy, confidence, margin, novelty)
        for id, entropy, confidence, margin, novelty in zip(
            found,
            (0.1, 0.61, 0.3, 0.9, 0.2, None, 2.0, 3.0),
            (0.5, 0.4, 0.66, 0.2, 0.1, None, 0.9, 0.9),
            (0.3, 0.05, 0.2, 0.4, 0.9, None, 0.0, 0.0),
            (0.2, 0.1, 0.3, 0.5, 0.43, None, 0.9, 0.9),
            strict=True,
        )
    ]
    spans = [(found[0], 0.9), (found[1], 0.52), (found[2], 0.7)]
    suggested = [(id, Span(0, 3, "PER", score=score)) for id, score in spans]
    # A further guess is nothing that the model says: no queue may hold it.
    suggestions.store(db, run, suggested, scores, [(found[3], Span(0, 3, "PER", score=0.1))])
    return found


def test_to_do_is_in_order_and_all_is_everything(db, project, ids):
    finish(db, project, ids[2])
    to_do = chosen(db, project, "todo")
    assert list(to_do.ids) == [ids[n] for n in (0, 1, 3, 4, 5, 6)]
    assert list(chosen(db, project, "all").ids) == ids
    assert reasons.why(to_do, ids[3]) == "The next in order that was not done."


def test_a_queue_does_not_change_when_its_documents_are_finished(db, project, ids):
    queue = chosen(db, project, "todo")
    finish(db, project, ids[0])
    assert list(queue.ids) == ids[:-1]
    assert list(chosen(db, project, "todo").ids) == ids[1:-1]


def test_chance_is_decided_by_the_seed_and_finishing_moves_nobody(db, project, ids):
    queue = chosen(db, project, "random/13")
    assert sorted(queue.ids) == ids[:-1]
    assert list(chosen(db, project, "random/13").ids) == list(queue.ids)
    assert any(list(chosen(db, project, f"random/{n}").ids) != list(queue.ids) for n in range(5))
    finish(db, project, queue.ids[2])
    left = [id for place, id in enumerate(queue.ids) if place != 2]
    assert list(chosen(db, project, "random/13").ids) == left
    assert reasons.why(queue, queue.ids[1]) == "Drawn at random: 2nd of 7, seed 13."


@pytest.mark.parametrize(
    ("measure", "order", "second"),
    [
        (Measure.ENTROPY, (3, 1, 2, 4, 0), "mean token entropy 0.61 nats"),
        (Measure.CONFIDENCE, (2, 0, 1, 3, 4), "its least sure token has 50% for the best label"),
        (
            Measure.MARGIN,
            (1, 2, 0, 3, 4),
            "a token whose two best labels are only 20.0 points apart",
        ),
    ],
)
def test_the_most_uncertain_come_first_by_each_measure(db, project, ids, measure, order, second):
    queue = chosen(db, project, f"uncertain/{measure}")
    assert list(queue.ids) == [ids[n] for n in order], "neither dev, nor done, nor unmeasured"
    assert reasons.why(queue, queue.ids[1]) == f"2nd most uncertain of 5: {second}; run 1."
    assert reasons.why(queue, queue.ids[0]).startswith("Most uncertain of 5: ")


def test_the_most_different_come_first(db, project, ids):
    queue = chosen(db, project, "novel")
    assert list(queue.ids) == [ids[n] for n in (3, 4, 2, 0, 1)]
    assert reasons.why(queue, ids[4]) == (
        "2nd most different from what is labelled of 5: distance 0.43; run 1."
    )


def test_no_more_come_of_a_large_project_than_anybody_walks_through(db, project, ids, monkeypatch):
    monkeypatch.setattr(ranking, "LONGEST", 2)
    queue = chosen(db, project, "novel")
    assert list(queue.ids) == [ids[3], ids[4]]
    assert "of 6: distance 0.43" in reasons.why(queue, ids[4]), "of all that are to do"


def test_from_production_the_most_doubtful_come_first_until_they_are_done(db, project):
    asked = ("sure", 0.0, False), ("hm", 0.4, False), ("what", 0.9, True)
    kept.keep_for(db, project.id, 7)
    kept.add(db, project.id, 1, [test_kept.asked(*each) for each in asked])
    assert chosen(db, project, "production").when_empty == (
        "Nothing that came from production is to do."
    )
    first, second = kept.bring_in(db, project.id, 20, test_kept.tokenize)
    queue = chosen(db, project, "production")
    assert list(queue.ids) == [first, second], "without a suggestion pass of any model"
    assert reasons.why(queue, first) == (
        "From production, most doubtful of 2: its least sure answer had 10%; unlike what the model "
        "learned from."
    )
    assert reasons.why(queue, second) == (
        "From production, 2nd most doubtful of 2: its least sure answer had 60%."
    )
    finish(db, project, first)
    assert list(chosen(db, project, "production").ids) == [second]


def test_a_label_has_the_least_sure_first_then_what_only_a_person_gave(db, project, ids):
    queue = chosen(db, project, "label/PER")
    assert list(queue.ids) == [ids[n] for n in (1, 2, 0, 7)]
    assert reasons.why(queue, ids[1]) == "Suggested PER at 52%: the least sure of 4; run 1."
    assert reasons.why(queue, ids[2]) == "Suggested PER at 70%: the 2nd least sure of 4; run 1."
    assert reasons.why(queue, ids[7]) == "Has PER; the model does not suggest it here."
    unseen = reasons.why(queue, ids[7], looked=False)
    assert unseen == "Has PER; no model has looked at it yet."
    reject = {"kind": "reject", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    operation = {"seq": 1, "base_revision": 0, **reject}
    annotations.apply_operations(db, project.id, ids[1], "ada", "tab", [operation])
    assert list(chosen(db, project, "label/PER").ids) == [ids[n] for n in (2, 0, 7)]


def test_where_the_model_disagrees_the_surest_come_first(db, project, ids):
    lacking = chosen(db, project, "disagrees")
    assert list(lacking.ids) == [ids[7]], "the model does not see what is there"
    assert reasons.why(lacking, ids[7]) == "The model does not see a span that is here; run 1."
    finish(db, project, ids[2])
    finish(db, project, ids[0])
    queue = chosen(db, project, "disagrees")
    assert list(queue.ids) == [ids[0], ids[2], ids[7]]
    assert reasons.why(queue, ids[2]) == (
        "The model suggests something else at 70%: the 2nd surest of 3; run 1."
    )


def test_a_mix_takes_turns_and_nothing_twice(db, project, ids):
    queue = chosen(db, project, "mix/13")
    assert sorted(queue.ids) == ids[:-1]
    assert list(queue.ids[:3]) == [ids[3], ids[4], ids[1]], "uncertain, new, uncertain"
    assert reasons.why(queue, ids[4]) == (
        "From the mix: 2nd most different from what is labelled of 5: distance 0.43; run 1."
    )
    kinds = [queue.placement(id).selection.kind for id in queue.ids[:4]]
    assert tuple(kinds) == ranking.MIX


def test_any_search_can_be_the_queue(db, project, ids):
    queue = chosen(db, project, Selection(Order.SEARCH, search=Search(text="ADA MET D")).name)
    assert list(queue.ids) == [ids[6]]
    assert queue.title == "“ADA MET D”"
    assert reasons.why(queue, ids[6]) == "Found by the search: “ADA MET D”."


def test_a_cell_of_a_report_is_a_queue(db, project, ids):
    run = runs.create_run(db, project.id, {}).id
    match = Match(ids[1], ADA, Span(0, 3, "ORG"), ErrorKind.TYPE)
    spurious = Match(ids[2], None, ADA, ErrorKind.SPURIOUS)
    reports.store_report(db, run, {}, {Split.TEST: [match, spurious]})
    queue = chosen(db, project, Selection(Order.CELL, cell=Cell(run, "test", "PER", "ORG")).name)
    assert list(queue.ids) == [ids[1]]
    assert reasons.why(queue, ids[1]) == "From the report: PER → ORG."
    errors = Selection(Order.CELL, cell=Cell(run, "test", "PER", only=Only.ERRORS))
    queue = chosen(db, project, errors.name)
    assert (queue.title, list(queue.ids)) == ("Errors of PER", ids[1:3])
    assert reasons.why(queue, ids[1]) == "From the report: Errors of PER."
    other = Selection(Order.CELL, cell=Cell(run, "test", SPURIOUS, "PER"))
    assert list(chosen(db, project, other.name).ids) == [ids[2]]
    assert chosen(db, project, f"cell/{run}/test/PER/{MISSED}").ids == []


def test_a_report_of_another_project_is_no_queue_here(db, project, ids):
    """Its documents opened in this one, past what hides them from those who label blind there."""
    run = runs.create_run(db, project.id, {}).id
    match = Match(ids[1], ADA, Span(0, 3, "ORG"), ErrorKind.TYPE)
    reports.store_report(db, run, {}, {Split.TEST: [match]})
    other = projects.create_project(db, "Other")
    compared = Compared(run, run, "test", Outcome.WRONG)
    cell = Cell(run, "test", "PER", "ORG")
    for selected in (
        *(Selection(Order.CELL, cell=cell), Selection(Order.FOCUS, cell=cell)),
        Selection(Order.COMPARED, compared=compared),
    ):
        assert list(chosen(db, project, selected.name).ids)[:1] == [ids[1]]
        queue = chosen(db, other, selected.name)
        assert (list(queue.ids), bool(queue.when_empty)) == ([], True)


def test_without_a_model_a_queue_says_what_to_do(db, project):
    stored(db, project, sentence("Ada met Bob."), sentence("Eve", Span(0, 3, "PER")))
    for name in ("uncertain/entropy", "novel", "disagrees", "mix/1"):
        queue = chosen(db, project, name)
        assert not queue.ids
        assert queue.when_empty.startswith("Train a model first, then ")
    labelled = chosen(db, project, "label/PER")
    assert len(labelled.ids) == 1
    assert reasons.why(labelled, labelled.ids[0]) == "Has PER; no model has looked at it yet."
    assert chosen(db, project, "label/ORG").when_empty.startswith("No document has this label")


def test_when_all_is_done_the_queue_says_so(db, project):
    stored(db, project, sentence("Ada", ADA), sentence("Bob", status=Status.SKIPPED))
    assert chosen(db, project, "todo").when_empty.startswith("Everything is done")


@pytest.mark.parametrize("name", ["todo", "random/7", "uncertain/entropy", "mix/7"])
def test_what_waits_for_a_decision_is_not_to_do_for_those_who_finished_it(db, project, ids, name):
    """It came back to both of them, for it had no labels that count."""
    deciding.set_policy(db, project.id, Policy(Gold.ADJUDICATED))
    both, one = ids[1], ids[2]
    facets.index(db, project.id)
    for who, document, mark in (("bob", both, True), ("ada", both, False), ("bob", one, True)):
        says(db, project, document, who, mark)
    assert facets.index(db, project.id).to_do >> both & 1, "nobody has decided"
    for who, to_do in (("ada", set()), ("bob", set()), ("cem", {both})):
        with acting_as(Person(who, Role.ANNOTATOR)):
            queue = chosen(db, project, name)
            assert {both, one} & {*queue.ids} == to_do, who
            assert queues.still_open(db, project.id, [both]) == (1 << both if to_do else 0)


def test_who_has_finished_all_is_told_what_it_waits_for(db, project):
    (document,) = stored(db, project, sentence("Ada met Bob."))
    deciding.set_policy(db, project.id, Policy(Gold.ADJUDICATED))
    for who, mark in (("ada", True), ("bob", False)):
        says(db, project, document, who, mark)
    with acting_as(Person("ada", Role.ANNOTATOR)):
        said = chosen(db, project, "todo").when_empty
    assert said.startswith("You have finished all that is to do: 1 waits for others, or for a dec")


def test_a_guest_joins_behind_the_open_document_or_in_its_order(db, project, ids):
    for document in ids[:3]:
        finish(db, project, document)
    queue = chosen(db, project, "todo")
    assert list(queue.with_guest(ids[1], None).ids[:2]) == [ids[1], ids[3]]
    joined = queue.with_guest(ids[1], ids[4])
    assert list(joined.ids[:3]) == [ids[3], ids[4], ids[1]]
    assert reasons.why(joined, ids[1]) == "Opened by itself: it is not in this queue."
