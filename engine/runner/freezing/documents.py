"""Which of a project's documents a run is given, written into its folder as of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.configuration.settings import Settings
from engine.jobs import kinds
from engine.jobs.trained import settings_of
from engine.runs import sampling, snapshot
from storage.corpus import dev_split, moment, projects
from storage.corpus.moment import Moment
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Document, Run, Split, Status


def freeze(db: Database, run: Run, folder: Path) -> Sequence[str]:
    """Write the documents that a run reads; return which of the project's labels it is about.

    They are those of one moment, and the run knows which edits came before it. However many they
    are, a part at a time is held, and nobody waits who saves an edit meanwhile. Raises InputError
    where they cannot train a model.
    """
    kind, settings = kinds.of(run), settings_of(run)
    project = projects.get_project(db, run.project_id)
    labels = [label.name for label in project.labels]
    if kind.learns and kind.judged:
        dev_split.assign(db, project.id, settings.seed)
    with moment.at(db, project.id) as now:
        runs.mark_frozen(db, run.id, now.newest_edit)
        if kind.reads_all:
            snapshot.write(folder, now.documents())
            return labels
        split = None if kind.judged else Split.TRAIN
        frozen = snapshot.writing(folder, done(now, split, settings))
        return sampling.learned(frozen, labels, project.task)


def done(now: Moment, split: Split | None, settings: Settings) -> Iterator[Document]:
    """Yield the documents that are done, of one split or of all, with the limit applied."""
    if settings.limit is None:
        yield from now.documents(split, (Status.DONE,))
        return
    known = now.outline(split, (Status.DONE,))
    kept = sampling.places([split for _, split in known], settings.limit, settings.seed)
    yield from now.picked(known[place][0] for place in kept)
