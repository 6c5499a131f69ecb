"""Put a run into the queue, for the first time or again, or say what is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from engine.configuration import bases, recipes
from engine.configuration.recipes import FOLDS
from engine.configuration.settings import Settings
from engine.evaluation import folds as folding
from engine.jobs import kinds
from engine.jobs.kind import Kind
from engine.jobs.trained import has_model, options_of, settings_here, settings_of
from engine.launchers import processes
from engine.runner import launching, owning
from engine.runner.folders import train_of
from storage import home
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError, RefusedError
from storage.finding import progress
from storage.runs import runs
from storage.runs.runs import Which
from storage.types import Run, RunKind, RunState, Split

UNSCORED = (
    "No document of dev or test is marked done, so there is nothing to score the model on: set a "
    "part of train aside first."
)


def lacks(db: Database, project_id: int) -> str:
    """Say in one sentence what the project needs before it can train; empty when nothing."""
    counts = progress.of(db, project_id)
    if not counts.documents:
        return "This project has no documents yet: import some on the Data page."
    if not projects.list_labels(db, project_id):
        return (
            "This project has no labels yet: add some on the Data page, then tag a few documents."
        )
    if not counts.done_by_split[Split.TRAIN]:
        return (
            "No training document is marked done yet: tag some on the Tag page "
            "and press Enter to mark each as done."
        )
    if not counts.spans:
        return "Nothing is labelled yet: tag at least a few documents on the Tag page."
    return ""


def unscored(db: Database, project_id: int) -> bool:
    """Tell whether a training would have nothing to be scored on: its report would be empty."""
    done = progress.of(db, project_id).done_by_split
    return not (done[Split.DEV] or done[Split.TEST])


def enqueue(
    db: Database,
    project_id: int,
    base: str,
    settings: Settings,
    kind: str = RunKind.TRAINING,
    expected: Mapping[str, float] | None = None,
    **options: Any,
) -> Run:
    """Queue a run that learns from the project's documents, with the options of its kind.

    ``expected`` is what is expected of it (``storage.types.Run``).

    Raises:
        InputError: the project lacks something, or a setting is out of range.
        ModelError: the base model is not there or has no safetensors.
    """
    missing = lacks(db, project_id)
    if missing:
        raise InputError(missing)
    if kinds.get(kind).judged and unscored(db, project_id):
        raise InputError(UNSCORED)
    wanted = {"base": _from_the_root(bases.check(base)), **asdict(settings), **options}
    numbered = kinds.get(kind).numbered
    return runs.create_run(db, project_id, wanted, kind, numbered=numbered, expected=expected)


def check_labels(
    db: Database,
    project_id: int,
    base: str = bases.BUNDLED,
    folds: int = FOLDS,
    rounds: int | None = None,
    **changes: Any,
) -> Run:
    """Queue a run that scores every label of train with models that never saw it.

    ``rounds`` are as many as take the time of five trainings on all documents, unless told.
    ``changes`` are settings that differ from those of ``recipes.of_folds``.

    Raises:
        InputError: the project lacks something, or there are too few documents for the folds.
        ModelError: the base model is not there or has no safetensors.
    """
    if missing := lacks(db, project_id):
        raise InputError(missing)
    done = train_of(db, project_id, Settings(limit=changes.get("limit")))
    # Dealt here as well, so that what is in the way is said at once.
    folding.assign(done, folds)
    rounds = recipes.rounds_of(folds) if rounds is None else rounds
    settings = recipes.of_folds(recipes.Data.of(done, bases.shape(base)), folds)
    settings = replace(settings, launcher=launching.chosen(db), **changes)
    options: dict[str, Any] = {kinds.FOLDS: folds, kinds.ROUNDS: rounds}
    return enqueue(db, project_id, base, settings, RunKind.CROSS_VALIDATION, **options)


def _from_the_root(base: bases.Base) -> str:
    """Return what a worker, which runs in another folder, can find the base model by."""
    if base.folder is None or base.name == bases.BUNDLED:
        return base.name
    return str(base.folder.absolute())


def again(db: Database, run: Run) -> Run:
    """Queue a new run like this one, with what the project holds now.

    Raises:
        InputError, ModelError, NotFoundError, RefusedError: as what queued it.
    """
    return kinds.load(kinds.get(run.kind).again)(db, run)


def train_again(db: Database, run: Run) -> Run:
    """Queue a run that learns with the settings of another; raises as ``enqueue``."""
    base = str(run.settings["base"])
    return enqueue(db, run.project_id, base, settings_of(run), run.kind, **options_of(run))


def resume(db: Database, run_id: int) -> Run:
    """Queue a run that failed or was cancelled again, as its next attempt.

    Its folder stays: the data and settings that it froze, and its newest checkpoint, from
    which the next worker goes on.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: the run is done or goes on, or its last worker is still there.
    """
    run = runs.get_run(db, run_id)
    folder = home.run_folder(run.folder)
    held = run.state.final and processes.is_held(folder)
    if held and not owning.is_used_elsewhere(db, folder):
        raise RefusedError(
            f"The last training process of {run.title} has not ended yet "
            f"(process {run.pid or 'unknown'}): try again in a moment, or end it."
        )
    return runs.requeue(db, run_id, ended=True)


def models(
    db: Database,
    project_id: int | None = None,
    *,
    before: int | None = None,
    most: int | None = runs.LISTED,
) -> list[Run]:
    """Return the runs of a project, or of all, that have a model (``has_model``), newest first.

    ``before`` is the id of a run that came after them.
    """
    which = Which(kinds=kinds.with_models(), states=[RunState.DONE], before=before)
    return runs.list_runs(db, project_id, which, most)


def newest_model(db: Database, project_id: int) -> Run:
    """Return the newest training run that has a model; raise NotFoundError without one."""
    for run in models(db, project_id, most=1):
        return run
    raise NotFoundError("This project has no trained model yet: train one first.")


def suggest(db: Database, run_id: int, encoder: str = bases.BUNDLED, **options: Any) -> Run:
    """Queue a run in which a model reads all documents of its project and makes suggestions.

    It takes the place of every other such run of the project that has not ended. ``encoder``
    tells which documents are unlike the labelled ones; ``options`` are those of its kind.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: the run has no model.
        ModelError: the encoder is not there.
    """
    run = _with_model(db, run_id)
    bases.check(encoder)
    return _queue_suggestions(db, run, encoder, **options)


def suggest_again(db: Database, run: Run) -> Run:
    """Queue suggestions of the model that made those of a run; raises as ``suggest``."""
    return suggest(db, run.model_of or 0, **options_of(run))


def suggest_once(db: Database, run: Run) -> None:
    """Let the model of a run that just ended make suggestions, unless it was asked before."""
    asked = Which(kinds=[RunKind.SUGGESTIONS], model_of=run.id)
    if not runs.list_runs(db, run.project_id, asked, most=1):
        _queue_suggestions(db, run, bases.BUNDLED)


def _queue_suggestions(db: Database, run: Run, encoder: str, **options: Any) -> Run:
    kind = kinds.get(RunKind.SUGGESTIONS)
    for known in runs.list_runs(db, run.project_id, Which(kinds=[kind.name], ended=False)):
        runs.request_cancel(db, known.id)
    return _queue_look(db, run, kind, encoder, **options)


def inspect(db: Database, run_id: int, encoder: str = bases.BUNDLED) -> Run:
    """Queue a closer look at a model: behavioural tests, like texts, overlap of labels.

    One that waits or is at work already is returned as it is. ``encoder`` compares texts.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: the run has no model.
        ModelError: the encoder is not there.
    """
    run = _with_model(db, run_id)
    bases.check(encoder)
    open_looks = Which(kinds=[RunKind.INSPECTION], model_of=run.id, ended=False)
    for known in runs.list_runs(db, run.project_id, open_looks, most=1):
        return known
    return _queue_look(db, run, kinds.get(RunKind.INSPECTION), encoder)


def inspect_again(db: Database, run: Run) -> Run:
    """Queue a look at the model that a run looked at; raises as ``inspect``."""
    return inspect(db, run.model_of or 0)


def _with_model(db: Database, run_id: int) -> Run:
    run = runs.get_run(db, run_id)
    if not has_model(run):
        raise RefusedError(f"{run.title} has no model: choose a training run that is done.")
    return run


def _queue_look(db: Database, run: Run, kind: Kind, encoder: str, **options: Any) -> Run:
    """Queue a run that uses the model of another."""
    wanted = {"base": encoder, **asdict(settings_here(run)), **options}
    return runs.create_run(
        db, run.project_id, wanted, kind.name, numbered=kind.numbered, model_of=run.id
    )
