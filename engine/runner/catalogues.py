"""Catalogues of a project: loaded from a file, made ready by a run, asked afterwards.

The items lie in the home under their hash, once for all runs that read them: with the first
encoder, and anew with each better one that somebody asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from engine import tasks
from engine.configuration import bases
from engine.configuration.settings import Settings
from engine.jobs import kinds
from engine.jobs.trained import settings_here
from engine.retrieval import items
from engine.retrieval.items import Items
from storage import home
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError, RefusedError, RunFolderError
from storage.runs import runs
from storage.types import Document, Project, Run, RunKind, RunState

NO_LABELS = "This project has no labels yet: add some on the Data page, then load a catalogue."


def check(project: Project) -> None:
    """Raise RefusedError where a project's documents have no text that could be looked for."""
    if tasks.get(project.task).fitting is None:
        raise RefusedError(
            f"The project {project.name!r} labels one text at a time, and only projects on pairs "
            "of texts learn what answers what: choose or make one of these."
        )


def embed(db: Database, project_id: int, found: Items, model: Run | None) -> Run:
    """Queue a run that makes a file's items ready, or return the one that did, or does.

    ``model`` is the training whose retriever reads them; None: the bundled encoder.

    Raises:
        NotFoundError: there is no such project.
        RefusedError: the project is not of pairs of texts.
        InputError: the project has no labels.
    """
    project = projects.get_project(db, project_id)
    check(project)
    if not project.labels:
        raise InputError(NO_LABELS)
    fingerprint = found.fingerprint
    if known := _known(db, project_id, fingerprint, model):
        return known
    path = home.catalogue_file(fingerprint)
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        items.write(path, found)
    return _queue(db, project_id, found.name, fingerprint, model)


def embed_again(db: Database, run: Run, model: Run | None) -> Run:
    """Queue a run that reads a catalogue's items with another model, or return the one that did.

    Raises:
        NotFoundError: there is no such project.
        RefusedError: the items are not in the home any more.
    """
    fingerprint = str(run.settings.get(kinds.FINGERPRINT, ""))
    if known := _known(db, run.project_id, fingerprint, model):
        return known
    if not home.catalogue_file(fingerprint).exists():
        raise RefusedError(f"The items of {name_of(run)!r} are gone: load its file again.")
    return _queue(db, run.project_id, name_of(run), fingerprint, model)


def again(db: Database, run: Run) -> Run:
    """Queue a run that reads the items of one with its model; raises as ``embed_again``."""
    return embed_again(db, run, runs.get_run(db, run.model_of) if run.model_of else None)


def known(db: Database, project_id: int) -> list[Run]:
    """Return the newest run of each catalogue of a project, those first that were loaded last.

    One that can be asked stands for its catalogue while a newer one is not done.
    """
    found: dict[str, Run] = {}
    for run in _all(db, project_id):
        fingerprint = str(run.settings.get(kinds.FINGERPRINT))
        best = found.get(fingerprint)
        if best is None or (run.state is RunState.DONE and best.state is not RunState.DONE):
            found[fingerprint] = run
    return list(found.values())


def same_items(db: Database, run: Run) -> list[Run]:
    """Return all runs that read the items of this one, the newest first."""
    fingerprint = run.settings.get(kinds.FINGERPRINT)
    everything = _all(db, run.project_id)
    return [each for each in everything if each.settings.get(kinds.FINGERPRINT) == fingerprint]


def _all(db: Database, project_id: int | None = None) -> list[Run]:
    return runs.list_runs(db, project_id, runs.Which(kinds=[RunKind.CATALOGUE]))


def name_of(run: Run) -> str:
    """Return what the file of a catalogue was called."""
    return str(run.settings.get(kinds.NAME) or run.title)


def items_of(run: Run) -> Iterator[Document]:
    """Yield the items that a run reads, as documents named by their ids.

    Raises InputError where their file is gone or broken.
    """
    path = home.catalogue_file(str(run.settings.get(kinds.FINGERPRINT, "")))
    try:
        for id, text in items.stream(path):
            yield Document(text, name=id)
    except RunFolderError as error:
        raise InputError(f"The items of {name_of(run)!r} are gone: load its file again.") from error


def forget(db: Database, gone: Iterable[Run]) -> None:
    """Remove the items of runs that are gone, where no other run of this database reads them."""
    gone_items = {run.settings.get(kinds.FINGERPRINT) for run in gone} - {None}
    used = {run.settings.get(kinds.FINGERPRINT) for run in _all(db)} if gone_items else ()
    for fingerprint in gone_items.difference(used):
        home.catalogue_file(str(fingerprint)).unlink(missing_ok=True)


def _known(db: Database, project_id: int, fingerprint: str, model: Run | None) -> Run | None:
    """Return the run that made these items ready with this model, or is about to."""
    wanted = model.id if model else None
    for run in _all(db, project_id):
        same = run.settings.get(kinds.FINGERPRINT) == fingerprint and run.model_of == wanted
        well = run.state is RunState.DONE or not run.state.final
        if same and well:
            return run
    return None


def _queue(db: Database, project_id: int, name: str, fingerprint: str, model: Run | None) -> Run:
    kind = kinds.get(RunKind.CATALOGUE)
    settings = settings_here(model) if model else Settings()
    wanted = {"base": bases.BUNDLED, **asdict(settings)}
    wanted |= {kinds.NAME: name, kinds.FINGERPRINT: fingerprint}
    return runs.create_run(
        db,
        project_id,
        wanted,
        kind.name,
        numbered=kind.numbered,
        model_of=model.id if model else None,
    )
