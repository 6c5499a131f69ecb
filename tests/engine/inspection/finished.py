"""Runs that have finished, without a training: what a worker would have left in their folders."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from engine.configuration.settings import Settings
from engine.runs import files, snapshot, spec
from engine.runs.spec import RunSpec
from engine.tasks.spans.metrics import levels, scoring
from storage import home
from storage.database.connection import Database
from storage.database.settings import identity
from storage.runs import reports, runs
from storage.types import Document, Run, RunState, Span, Split, Task

ADA, OSLO = Span(0, 3, "person"), Span(14, 18, "place")
TEXT = "Ada went from Oslo."
TOKENS = ((0, 3), (4, 8), (9, 13), (14, 18), (18, 19))


def document(number: int, *spans: Span, split: Split = Split.TEST, text: str = TEXT) -> Document:
    return Document(text, TOKENS, spans, split, id=number)


def finished(
    db: Database,
    project: int,
    documents: Sequence[Document],
    found: Mapping[int, Sequence[Span]],
    labels: Sequence[str] = ("person", "place"),
    task: str = Task.SPANS,
    base: str = "bundled",
    **settings: Any,
) -> Run:
    """Leave in a run's folder what a worker would have; ``found`` by the documents' ids."""
    run = runs.create_run(db, project, {"base": base, **asdict(Settings(**settings))})
    folder = home.run_folder(run.folder)
    folder.mkdir(parents=True)
    snapshot.write(folder, documents)
    asked = RunSpec(run.id, project, "p", tuple(labels), settings=Settings(**settings))
    asked = replace(asked, task=task, folder=run.folder, database=identity(db), address=db.url)
    spec.write(folder, replace(asked, home=str(home.folder().resolve())))
    by_split: dict[Split, list[tuple[int, Span]]] = {split: [] for split in Split}
    for each in documents:
        spans = found.get(each.id, ())
        by_split[each.split] += [(each.id, replace(span, score=0.9)) for span in spans]
    snapshot.write_predictions(folder, by_split)
    return run


def done(db: Database, run: Run) -> Run:
    """Let a run have ended well."""
    runs.claim_next(db)
    runs.mark_frozen(db, run.id)
    runs.set_state(db, run.id, RunState.DONE)
    return runs.get_run(db, run.id)


def reported(
    db: Database,
    project: int,
    documents: Sequence[Document],
    found: Mapping[int, Sequence[Span]],
    labels: Sequence[str] = ("person", "place"),
    **settings: Any,
) -> Run:
    """Do the same, and store the report of test as the runner does, of documents that are stored.

    Pages see a run that is done.
    """
    run = done(db, finished(db, project, documents, found, labels, **settings))
    tested = [each for each in documents if each.split is Split.TEST]
    predicted = [list(found.get(each.id, ())) for each in tested]
    report = {
        **{"dev": None, "test": levels.to_scores(scoring.score(tested, predicted))},
        **{"best_epoch": 1, "epochs": 1, "train_documents": 300, "device": "cpu"},
    }
    matches = {Split.TEST: scoring.match_documents(tested, predicted)}
    snapshot.write_matches(home.run_folder(run.folder), matches)
    reports.store_report(db, run.id, report, matches)
    files.put(home.run_folder(run.folder) / files.REPORT, json.dumps(report))
    return run
