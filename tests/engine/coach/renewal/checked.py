"""A label check that is done, without a training: what its worker and the runner would leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from engine import tasks
from engine.configuration.settings import Settings
from engine.runs import snapshot, spec
from engine.runs.spec import RunSpec
from engine.runs.weighed import opinions
from engine.tasks.spans.tagging.encoding import tag_names, tags_of
from storage import home
from storage.corpus import projects
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.run_rows import run_of
from storage.journal import annotations as journal
from storage.runs import runs, suspects
from storage.types import Document, Run, RunKind, RunState, Span, Split, Task

Believed = Callable[[Document], tuple[Span, ...]]


def checked(db: Database, project_id: int, believed: Believed) -> Run:
    """Leave a check of train by two models that are sure of what is ``believed`` of a document."""
    project = projects.get_project(db, project_id)
    labels = sorted(label.name for label in project.labels)
    documents = list(journal.current(db, project_id, Split.TRAIN))
    scores = [sure(project.task, each, believed(each), labels) for each in documents]
    settings = {"base": "bundled", "folds": 2, "rounds": 2, **asdict(Settings())}
    run = _done(db, project_id, settings)
    folder = home.run_folder(run.folder)
    folder.mkdir(parents=True)
    snapshot.write(folder, documents)
    kind, task = RunKind.CROSS_VALIDATION, project.task
    spec.write(folder, RunSpec(run.id, project_id, "p", tuple(labels), task=task, kind=kind))
    opinions.write(folder, [each.id or 0 for each in documents], scores)
    suspects.store(db, run.id, tasks.get(project.task).suspects(documents, scores, labels))
    runs.mark_frozen(db, run.id)
    return runs.get_run(db, run.id)


def _done(db: Database, project_id: int, settings: dict[str, Any]) -> Run:
    """Add a run that is done from its first moment: a server takes what is queued."""
    with db.write() as session:
        project = required(session, project_id, turn=True)
        project.last_run += 1
        row = runs.add_row(session, project_id, RunKind.CROSS_VALIDATION, RunState.DONE, settings)
        row.number, row.attempt = project.last_run, 1
        row.started_at = row.finished_at = now()
        return run_of(row)


def sure(
    task: str, document: Document, spans: tuple[Span, ...], labels: Sequence[str]
) -> np.ndarray:
    """Return what two models say that are sure of these marks: log-probabilities."""
    if task == Task.SPANS:
        tags = {name: tag for tag, name in enumerate(tag_names(labels))}
        marked = Document(document.text, document.tokens, spans)
        chances = np.full((len(document.tokens), len(tags)), 0.1 / (len(tags) - 1))
        chances[np.arange(len(chances)), tags_of(marked, tags)] = 0.9
    else:
        given = {span.label for span in spans}
        chances = np.array([[0.9 if label in given else 0.05 for label in labels]])
    return np.repeat(np.log(chances).astype(np.float32)[None], 2, axis=0)
