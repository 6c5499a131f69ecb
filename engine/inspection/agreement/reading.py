"""People's versions of a project's documents, and a model's beside them as one more person's."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np

from engine import tasks
from engine.agreement.versions import NEVER, Marks, Versions
from engine.runner.owning import folder_of
from engine.runs import snapshot
from storage.collaboration import people
from storage.collaboration import versions as stored
from storage.database.connection import Database
from storage.finding.sets import stamps
from storage.types import Project, Run, Span, Split

# So many versions are compared within seconds; of more, documents are drawn, which is said.
MOST = 50_000
FEWEST = 1_000
# What a model has not learned from.
SCORED = (Split.DEV, Split.TEST)


def stamp(db: Database, project: Project) -> Hashable:
    """Return what is another one once anything has changed that a comparison tells."""
    with db.read() as session:
        # A label that is renamed leaves no entry in the journal of any document.
        return stamps.of(session, project.id), tuple(label.name for label in project.labels)


def read(
    db: Database,
    project: Project,
    run: Run | None = None,
    imported: bool = False,
    most: int = MOST,
) -> Versions:
    """Return the versions of a project's documents.

    What was ``imported`` as nobody's comes after those of people if asked for, those of a run's
    model last if one is named. A model has said something of the documents that it was scored on:
    it has not learned them. About ``most`` versions are read.
    """
    said = _said(run) if run else {}
    task = tasks.get(project.task)
    several = len(people.annotators(db, project.id)) + bool(run)
    limit = max(FEWEST, most // max(2, several))
    tokens = not task.marks_whole
    found = stored.read(db, project.id, limit, said, tokens, imported)
    known = Versions(
        found.people,
        found.labels,
        *(found.documents, found.sizes, found.tokens, found.token_counts),
        *(found.finished, found.when),
        Marks.of(found.marks),
        task.marks_whole,
        task.marks_whole and "labels" in task.columns,
        found.left_out,
        int(found.has_imported),
    )
    return _with_model(known, run, said) if run else known


def model_name(run: Run) -> str:
    """Return what a model is called among people."""
    return f"{run.title} (model)"


def _said(run: Run) -> dict[int, list[Span]]:
    """Return what a run's model said of each document that it was scored on, by id."""
    folder = folder_of(run)
    found: dict[int, list[Span]] = {
        document.id or 0: []
        for split in SCORED
        for document in snapshot.stream(folder, split, tokens=False)
    }
    for split, marks in snapshot.read_predictions(folder).items():
        for id, span in marks if split in SCORED else ():
            found[id].append(span)
    return found


def _with_model(known: Versions, run: Run, said: dict[int, list[Span]]) -> Versions:
    names = list(known.labels)
    new = {span.label for spans in said.values() for span in spans} - set(names)
    names += sorted(new)
    label = {name: place for place, name in enumerate(names)}
    person, ids = len(known.people), known.documents.tolist()
    rows = [
        (person, place, span.start, span.end, label[span.label])
        for place, id in enumerate(ids)
        for span in said.get(id, ())
    ]
    finished = np.array([[id in said for id in ids]], bool).reshape(1, len(ids))
    marks = (np.concatenate(each) for each in zip(known.marks, Marks.of(rows), strict=True))
    return replace(
        known,
        people=(*known.people, model_name(run)),
        labels=tuple(names),
        finished=np.concatenate([known.finished, finished]),
        when=np.concatenate([known.when, np.full(finished.shape, NEVER)]),
        marks=Marks(*marks),
        beside=known.beside + 1,
    )
