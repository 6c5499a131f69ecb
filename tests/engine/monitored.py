"""A tiny run on classes of texts with a model, a monitor, and its readings without a worker."""

from __future__ import annotations

import threading
from dataclasses import asdict, replace
from pathlib import Path

import torch

from engine.encoding.tokens import tokenize
from engine.jobs import monitoring
from engine.models import loading
from engine.runner import folders, results
from engine.runs import checkpoints, snapshot, spec
from engine.runs.events import Events
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from engine.training.callbacks import Watch
from storage import home
from storage.corpus import projects
from storage.database.connection import Database
from storage.monitors import monitors
from storage.monitors.monitors import Monitor, Watching
from storage.runs import runs
from storage.types import Document, Run, RunState, Span, Split, Status
from tests.engine import tiny
from tests.engine.folders import SETTINGS

LABELS = ("app", "staff")


def train(db: Database, project: int, base: Path) -> Run:
    """Leave what a finished training leaves, with random weights that tell texts apart."""
    run = runs.create_run(db, project, {"base": str(base), **asdict(SETTINGS)})
    torch.manual_seed(5)
    loaded = loading.load_base(base, LABELS, task="classes")
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    folder = home.run_folder(run.folder)
    folder.mkdir(parents=True)
    asked = RunSpec(run.id, project, "p", LABELS, str(base), SETTINGS, task="classes")
    spec.write(folder, replace(asked, folder=run.folder))
    checkpoints.write_whole(folder / MODEL, lambda draft: loading.save(loaded, draft))
    known = [
        Document(text, tokenize(text), (Span(0, 0, LABELS[n % 2]),), Split.TRAIN, id=n + 1)
        for n, text in enumerate(tiny.CORPUS)
    ]
    snapshot.write(folder, [replace(each, status=Status.DONE) for each in known])
    runs.set_state(db, run.id, RunState.DONE)
    return runs.get_run(db, run.id)


def make(db: Database, source: Path, base: Path) -> Monitor:
    """Make a project with a model and a monitor of a file."""
    project = projects.create_project(db, "Topics", "classes")
    projects.add_labels(db, project.id, list(LABELS))
    run = train(db, project.id, base)
    watching = Watching(str(source), run.id, date_column="date", text_column="text")
    return monitors.create(db, project.id, "reviews", watching)


def read(db: Database, run: Run) -> Path:
    """Do what the worker does in a reading: nothing is stored by that."""
    claimed = runs.claim(db, run.id) or run
    folder = folders.prepare(db, claimed)
    watch = Watch(Events(folder), threading.Event(), 1)
    monitoring.run(folder, spec.read(folder), watch, lambda: None)
    return folder


def finish(db: Database, run: Run) -> None:
    """Do what the runner does when a reading is done."""
    results.store(db, runs.get_run(db, run.id))
    runs.set_state(db, run.id, RunState.DONE)
