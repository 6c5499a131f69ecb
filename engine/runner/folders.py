"""Write a run's folder, everything a worker needs, frozen at the moment it starts."""

import shutil
from dataclasses import replace
from pathlib import Path

from engine.configuration.settings import Settings
from engine.jobs import kinds
from engine.jobs.trained import options_of, settings_of
from engine.launchers import base, store, stored
from engine.runner import catalogues, owning
from engine.runner.freezing import apart, documents
from engine.runs import events, snapshot, spec
from engine.runs.spec import RunSpec
from storage import home
from storage.corpus import moment, projects
from storage.database.connection import Database
from storage.database.settings import identity
from storage.errors import InputError
from storage.runs import run_events, runs
from storage.types import Document, Run, Split


def prepare(db: Database, run: Run) -> Path:
    """Write ``spec.json`` and ``data.parquet`` for the run and return its folder.

    A later attempt keeps what the first one froze, and its checkpoints: only the attempt's
    number in ``spec.json`` is new, and from then on no earlier worker may write. What runs in
    the background has no checkpoints, and begins again with the documents of now.
    """
    folder, kind = home.run_folder(run.folder), kinds.get(run.kind)
    if run.attempt > 1 and store.chosen():
        stored.bring(folder)
        # The last machine may have read on before all of it was there.
        run_events.rewind(db, run.id, _length(folder / events.FILE))
    goes_on = run.attempt > 1 and not kind.background
    kept = frozen_spec(db, run, folder) if goes_on else None
    if kept is None:
        return _write_afresh(db, run)
    if kept.attempt >= run.attempt:
        # A backup that was restored does not know of it: what it left must not pass for ours.
        run = runs.set_attempt(db, run.id, kept.attempt + 1)
    # Before the new attempt is let in, or it would stop as the last one was asked to.
    (folder / base.CANCEL).unlink(missing_ok=True)
    spec.write(folder, replace(kept, attempt=run.attempt))
    return folder


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def frozen_spec(db: Database, run: Run, folder: Path) -> RunSpec | None:
    """Return what an earlier attempt of this very run froze; None where there is no such thing."""
    if not (folder / snapshot.DATA).is_file() or not owning.is_ours(db, run, folder):
        return None
    try:
        return spec.read(folder)
    except InputError:
        return None


def _write_afresh(db: Database, run: Run) -> Path:
    run, folder = _own_folder(db, run)
    project, kind = projects.get_project(db, run.project_id), kinds.of(run)
    labels = tuple(label.name for label in project.labels)
    learned = _freeze(db, run, folder, labels)
    if kind.prepares:
        kinds.load(kind.prepares)(db, run, folder)
    spec.write(
        folder,
        RunSpec(
            run=run.id,
            project_id=project.id,
            project_name=project.name,
            labels=learned,
            left_out=tuple(sorted(set(labels) - set(learned))),
            base=str(run.settings["base"]),
            settings=settings_of(run),
            task=project.task,
            allow_overlaps=project.allow_overlaps,
            attempt=run.attempt,
            kind=kind.name,
            options=options_of(run),
            model=_model(db, run),
            database=identity(db),
            address=db.url,
            home=str(home.folder().resolve()),
            folder=run.folder,
        ),
    )
    return folder


def _own_folder(db: Database, run: Run) -> tuple[Run, Path]:
    """Make the folder of a run, under another name where something lies there."""
    folder = home.run_folder(run.folder)
    if folder.exists() or run.attempt > 1:
        # What lies there may be another database's, or what a backup of this one does not
        # know any more: it stays as it is, and the run takes another name.
        left, run = run, runs.rename_folder(db, run.id)
        if kinds.of(left).background and owning.is_ours(db, left, folder):
            remove(folder)
        folder = home.run_folder(run.folder)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    return run, folder


def _freeze(db: Database, run: Run, folder: Path, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Write the documents that a run reads; return which of the labels it is about."""
    kind = kinds.of(run)
    if kind.learns or kind.reads_all:
        return tuple(apart.freeze(db, run, folder))
    runs.mark_frozen(db, run.id)
    snapshot.write(folder, catalogues.items_of(run) if kind.reads_items else ())
    return labels


def _model(db: Database, run: Run) -> str:
    """Return the folder of the run whose model this one uses; empty where it uses none."""
    return str(owning.folder_of(runs.get_run(db, run.model_of))) if run.model_of else ""


def remove(folder: Path) -> None:
    """Remove a run's folder; one that cannot be removed stays, and costs only space."""
    shutil.rmtree(folder, ignore_errors=True)


def train_of(db: Database, project_id: int, settings: Settings) -> list[Document]:
    """Return the documents of train that are done, with the limit applied; no split changes."""
    with moment.at(db, project_id) as now:
        return list(documents.done(now, Split.TRAIN, settings))
