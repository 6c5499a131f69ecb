"""The Report page: words first, then tables whose every number opens as many rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from engine import scoring
from storage import annotations, reports
from storage.database import Database
from storage.types import Document, Run, RunState, Span, Split
from tests.pages.conftest import REPORT, Open, said

MISTAKEN = 4


@pytest.fixture
def scored(db: Database, sample: int, make_run: Callable[..., Run]) -> Run:
    """A finished run that took four PER for ORG and missed every twentieth LOC.

    Scored as a worker scores it, on the sample's own test documents.
    """
    documents = [d for d in annotations.current(db, sample, Split.TEST) if d.spans]
    predicted = guess(documents)
    pairs = scoring.pair_documents(documents, predicted)
    report = {**REPORT, "test": scoring.score(documents, predicted)}
    run = make_run(RunState.DONE)
    reports.store_report(db, run.id, report, {Split.TEST: pairs}, {})
    return run


def guess(documents: Sequence[Document]) -> list[list[Span]]:
    """Return what the model would say: right but for the mistakes that the fixture tells."""
    persons = places = 0
    found: list[list[Span]] = []
    for document in documents:
        kept = []
        for span in document.spans:
            persons += span.label == "PER"
            places += span.label == "LOC"
            if span.label == "LOC" and places % 20 == 0:
                continue
            taken = span.label == "PER" and persons <= MISTAKEN
            kept.append(replace(span, label="ORG") if taken else span)
        found.append(kept)
    return found


def test_the_report_begins_with_a_sentence_that_names_the_weakest_label(
    open_page: Open, scored: Run, db: Database
) -> None:
    support = reports.get_report(db, scored.id)["test"]["entity"]["labels"]["PER"]["support"]
    words = said(open_page("report"))
    assert f"PER is weakest: of {support} spans, 4 were taken for ORG." in words


def test_a_report_without_errors_says_so(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    reports.store_report(db, make_run(RunState.DONE).id, REPORT, {}, {})
    assert "Nothing went wrong on the test documents" in said(open_page("report"))
