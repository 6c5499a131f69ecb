"""A run's report without a training: scored as a worker scores it, on what a model might say."""

from collections.abc import Sequence
from dataclasses import replace

from engine.tasks.spans.metrics import levels, match_facts, scoring
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports
from storage.types import Document, Span, Split

MISTAKEN, MISSED_EACH = 4, 20
RUN = {"dev": None, "best_epoch": 1, "epochs": 1, "train_documents": 300, "device": "cpu"}


def store(db: Database, project: int, run: int) -> None:
    """Give a run a report on the project's test documents.

    It took four PER for ORG and missed every twentieth LOC.
    """
    documents = [d for d in annotations.current(db, project, Split.TEST) if d.spans]
    predicted = guess(documents)
    matches = scoring.match_documents(documents, predicted)
    facts = match_facts.of_matches(
        documents, matches, annotations.current(db, project, Split.TRAIN)
    )
    report = {**RUN, "test": levels.to_scores(scoring.score(documents, predicted))}
    reports.store_report(db, run, report, {Split.TEST: matches}, {Split.TEST: facts})


def guess(documents: Sequence[Document]) -> list[list[Span]]:
    """Return what the model says: what people said, but for its mistakes."""
    persons = places = 0
    found: list[list[Span]] = []
    for document in documents:
        kept = []
        for span in document.spans:
            persons += span.label == "PER"
            places += span.label == "LOC"
            if span.label == "LOC" and places % MISSED_EACH == 0:
                continue
            taken = span.label == "PER" and persons <= MISTAKEN
            kept.append(replace(span, label="ORG") if taken else span)
        found.append(kept)
    return found
