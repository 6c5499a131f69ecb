"""Runs that ask the zero-shot model: queued, given their documents, their suggestions stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

from engine import tasks
from engine.configuration import bases
from engine.configuration.settings import Settings
from engine.jobs import kinds
from engine.runner import results
from engine.runner.zero_shot import choice
from engine.runs import files, snapshot, suggested
from engine.zero_shot import cache, prompts
from engine.zero_shot.model import OFF, ZeroShotModel
from engine.zero_shot.prompts import Brief
from storage import files as private
from storage import home
from storage.coaching import open_documents
from storage.corpus import moment, projects
from storage.corpus.projects import mark_looked
from storage.database.connection import Database
from storage.errors import InputError, RefusedError
from storage.permissions import Ability, needs
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.types import Project, Run, RunKind, Split, Status

UNNAMED = "No zero-shot model is named: choose one in Settings first."
# Labelled documents among which examples are chosen.
SHOWN = 200
# Documents whose suggestions are stored at once.
GROUP = 200
# A trained model and the coach know the project's own labels: what they said stays.
INSTEAD_OF = frozenset({RunKind.ZERO_SHOT, RunKind.WORDS})


@needs(Ability.TRAIN)
def suggest(db: Database, project_id: int, model: ZeroShotModel | None = None) -> Run:
    """Queue a run that asks the zero-shot model about documents that are to do.

    ``model`` is that of Settings unless it is given. A run that waits or is at work already is
    returned as it is.

    Raises:
        NotFoundError: there is no such project.
        RefusedError: no model is named, or it cannot do the project's task.
        InputError: the project has no labels, or no document is left that nobody looked at.
    """
    project, model = projects.get_project(db, project_id), model or choice.chosen(db)
    if refused := hindrance(project, model):
        raise RefusedError(refused)
    if not project.labels:
        raise InputError("This project has no labels yet: add some on the Data page first.")
    if not open_documents.of(db, project_id, INSTEAD_OF, 1):
        raise InputError("No document is left to suggest for: all are done, or a model knows them.")
    if known := at_work(db, project_id):
        return known
    wanted = {"base": bases.BUNDLED, **asdict(Settings()), kinds.ZERO_SHOT: asdict(model)}
    return runs.create_run(db, project_id, wanted, RunKind.ZERO_SHOT, numbered=False)


def hindrance(project: Project, model: ZeroShotModel) -> str:
    """Say why a model cannot suggest for a project; "" where it can."""
    if model.kind == OFF:
        return UNNAMED
    if model.finds_spans_only and tasks.get(project.task).marks_whole:
        return "A GLiNER model finds words in texts: name an endpoint for labels of whole texts."
    return ""


def again(db: Database, run: Run) -> Run:
    """Queue another run for the project of one, with the model of now; raises as ``suggest``."""
    return suggest(db, run.project_id)


def at_work(db: Database, project_id: int) -> Run | None:
    """Return the zero-shot run of a project that has not ended."""
    return next((run for run in _passes(db, project_id) if not run.state.final), None)


def newest(db: Database, project_id: int) -> Run | None:
    """Return the newest zero-shot run of a project, whatever became of it."""
    return next(_passes(db, project_id), None)


def _passes(db: Database, project_id: int) -> Iterator[Run]:
    return iter(runs.list_runs(db, project_id, runs.Which(kinds=[RunKind.ZERO_SHOT])))


def prepare(db: Database, run: Run, folder: Path) -> None:
    """Give a run its documents: those to do that no better model looked at, and a few examples."""
    project = projects.get_project(db, run.project_id)
    model = ZeroShotModel(**run.settings[kinds.ZERO_SHOT])
    ids = open_documents.of(db, project.id, INSTEAD_OF, model.documents)
    with moment.at(db, project.id) as now:
        shown = [id for id, _ in now.outline(Split.TRAIN, (Status.DONE,))[:SHOWN]]
        examples = prompts.choose_examples(now.picked(shown))
        asked = now.picked(ids)
        snapshot.write(folder, chain(examples, (d for d in asked if d.status is not Status.DONE)))
    told = prompts.to_json(brief_of(project))
    files.put(folder / prompts.FILE, json.dumps(told, ensure_ascii=False))
    # Made here, where it is closed to others before anything is in it.
    private.make_private(home.folder() / cache.FILE)


def brief_of(project: Project) -> Brief:
    """Return what a project wants to know of each text."""
    task = tasks.get(project.task)
    return Brief(
        project.labels,
        task.marks_whole,
        several=task.with_several == task.name,
        paired="second_text" in task.columns,
        overlaps=project.allow_overlaps,
        guideline=project.guideline[: prompts.GUIDELINE],
    )


def store(db: Database, run: Run, folder: Path) -> None:
    """Store what a run suggests, and its report, which says what that cost.

    Raises RunFolderError where a file is not what it should be.
    """
    suggested.check(folder)
    group: list[Said] = []
    for said in _said(folder):
        group.append(said)
        if len(group) == GROUP:
            suggestions.put(db, run.id, group, instead_of=INSTEAD_OF)
            group = []
    suggestions.put(db, run.id, group, instead_of=INSTEAD_OF)
    with db.write() as session:
        mark_looked(session, run.project_id)
    results.store_report(db, run, folder)


def _said(folder: Path) -> Iterator[Said]:
    spans = groupby(suggested.read(folder), key=itemgetter(0))
    next_id, next_spans = next(spans, (None, iter(())))
    for score in suggested.read_scores(folder):
        if score.document == next_id:
            yield Said(score, tuple(span for _, span in next_spans))
            next_id, next_spans = next(spans, (None, iter(())))
        else:
            yield Said(score)
