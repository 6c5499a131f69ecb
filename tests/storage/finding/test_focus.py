"""What a document is opened for: the place that its queue is about."""

import pytest

from storage.cells import MISSED, SPURIOUS, Cell
from storage.finding import focus, selection
from storage.finding.selection import Order, Selection
from storage.journal import annotations
from storage.runs import reports, runs, suggestions
from storage.types import DocumentScore, ErrorKind, Match, Span, Split
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob in Bonn"
ADA, BOB, BONN = Span(0, 3, "PER"), Span(8, 11, "PER"), Span(15, 19, "LOC")


@pytest.fixture
def document(db, project) -> int:
    """Ada is labelled; a model suggests her, Bob and Bonn."""
    [document] = stored(db, project, sentence(TEXT, ADA))
    run = runs.create_run(db, project.id, {}).id
    scored = ((ADA, 0.99), (BOB, 0.7), (Span(15, 19, "PER"), 0.6), (BONN, 0.9))
    found = [(document, Span(s.start, s.end, s.label, score=score)) for s, score in scored]
    suggestions.store(db, run, found, [DocumentScore(document, 0.1, 0.5, 0.5, None)])
    return document


def subject(db, document: int, choice: Selection) -> tuple[int, int, str] | None:
    opened = annotations.open_annotation(db, document, "ada")
    found = focus.focus(db, choice, document, opened.work, suggestions.of_document(db, document))
    return (found.start, found.end, found.label) if found else None


def test_a_cell_is_about_the_gold_span_else_about_the_predicted_one(db, project, document):
    run = runs.create_run(db, project.id, {}).id
    taken = Match(document, BOB, Span(8, 11, "ORG"), ErrorKind.TYPE)
    spurious = Match(document, None, Span(15, 19, "ORG"), ErrorKind.SPURIOUS)
    missed = Match(document, ADA, None, ErrorKind.MISSED)
    reports.store_report(db, run, {}, {Split.TEST: [missed, taken, spurious]})

    def of_cell(gold: str, predicted: str):
        return subject(db, document, Selection(Order.CELL, cell=Cell(run, "test", gold, predicted)))

    assert of_cell("PER", "ORG") == (8, 11, "PER")
    assert of_cell(SPURIOUS, "ORG") == (15, 19, "ORG")
    assert of_cell("PER", MISSED) == (0, 3, "PER")
    assert of_cell("LOC", "PER") is None


def test_a_label_is_about_its_least_sure_suggestion_that_nobody_decided(db, project, document):
    assert subject(db, document, selection.parse("label/PER")) == (15, 19, "PER")
    reject = {"kind": "reject", "start": 15, "end": 19, "label": "PER", "quote": "Bonn"}
    annotations.apply_operations(
        db, project.id, document, "ada", "tab", [{"seq": 1, "base_revision": 0, **reject}]
    )
    assert subject(db, document, selection.parse("label/PER")) == (8, 11, "PER")
    assert subject(db, document, selection.parse("label/ORG")) is None


def test_a_disagreement_is_about_the_surest_one_else_about_what_the_model_lacks(
    db, project, document
):
    assert subject(db, document, selection.parse("disagrees")) == (15, 19, "LOC")
    *_, lacking = stored(db, project, sentence("Eve", ADA))
    run = runs.create_run(db, project.id, {}).id
    suggestions.store(db, run, [], [DocumentScore(lacking, 0.1, 0.5, 0.5, None)])
    assert subject(db, lacking, selection.parse("disagrees")) == (0, 3, "PER")


def test_other_queues_are_about_the_whole_document(db, document):
    assert subject(db, document, selection.parse("todo")) is None
