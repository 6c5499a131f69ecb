"""A tiny run on pairs of texts with both of its models, and a catalogue that was read with it."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from engine.encoding.tokens import tokenize
from engine.jobs import catalogue
from engine.models import loading
from engine.retrieval.items import Items
from engine.runner import catalogues, results
from engine.runs import checkpoints, snapshot, spec
from engine.runs.events import Events
from engine.runs.files import MODEL, REPORT, RETRIEVER
from engine.runs.spec import RunSpec
from engine.training.callbacks import Watch
from storage import home
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import Document, Run, RunKind, RunState, Span, Split, Status
from tests.engine import tiny
from tests.engine.folders import SETTINGS

LABELS = ("match", "no match")
ITEMS = tuple(dict.fromkeys(tiny.CORPUS))


def pairs(count: int = 8, split: Split = Split.DEV) -> list[Document]:
    """Make pairs that are done, every other one a match."""
    texts = [ITEMS[number % len(ITEMS)] for number in range(count + 1)]
    return [
        Document(
            text,
            tokenize(text),
            (Span(0, 0, LABELS[number % 2]),),
            split=split,
            status=Status.DONE,
            id=number + 1,
            second_text=second,
        )
        for number, (text, second) in enumerate(zip(texts, texts[1:], strict=False))
    ]


def train(folder: Path, base: Path) -> Path:
    """Write what a finished training leaves, with random weights that tell texts apart."""
    torch.manual_seed(5)
    loaded = loading.load_base(base, LABELS, task="pairs")
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    folder.mkdir(parents=True, exist_ok=True)
    spec.write(folder, RunSpec(1, 1, "p", LABELS, str(base), SETTINGS, task="pairs"))
    checkpoints.write_whole(folder / MODEL, lambda draft: loading.save(loaded, draft))
    tiny.save_base(folder / RETRIEVER)
    snapshot.write(folder, pairs())
    return folder


def prepare(folder: Path, model: Path | None, items: Sequence[str] = ITEMS) -> Path:
    """Write a catalogue's folder as the runner does."""
    folder.mkdir(parents=True, exist_ok=True)
    snapshot.write(folder, [Document(text, name=f"i{n}") for n, text in enumerate(items)])
    kind, trained = RunKind.CATALOGUE, str(model) if model else ""
    options = {"catalogue": "items.csv", "fingerprint": "0" * 32}
    asked = RunSpec(
        2, 1, "p", LABELS, "bundled", SETTINGS, "pairs", kind=kind, options=options, model=trained
    )
    spec.write(folder, asked)
    return folder


def make(folder: Path, stop: threading.Event | None = None) -> str:
    """Do what the worker does in a catalogue's folder."""
    watch = Watch(Events(folder), stop or threading.Event(), 1)
    return catalogue.run(folder, spec.read(folder), watch, lambda: None)


def shelve(db: Database, project: int, base: Path, items: Sequence[str] = ITEMS) -> Run:
    """Give a project a trained run and a catalogue of items that it has read; return that."""
    trained = runs.create_run(db, project, {"base": "bundled"})
    model = home.run_folder(trained.folder)
    _rename(train(model, base), trained)
    reports.store_report(db, trained.id, {"dev": None, "test": None}, {})
    runs.set_state(db, trained.id, RunState.DONE)
    ids = [f"i{number}" for number in range(len(items))]
    found = Items("items.csv", ids, tuple(items))
    read = catalogues.embed(db, project, found, runs.get_run(db, trained.id))
    folder = _rename(prepare(home.run_folder(read.folder), model, items), read)
    make(folder)
    _let_all_through(folder / REPORT)
    results.store(db, read)
    runs.set_state(db, read.id, RunState.DONE)
    return runs.get_run(db, read.id)


def _rename(folder: Path, run: Run) -> Path:
    spec.write(folder, replace(spec.read(folder), run=run.id, folder=run.folder))
    return folder


def _let_all_through(path: Path) -> None:
    """Whatever chance made of the weights, every answer is good."""
    report = json.loads(path.read_text(encoding="utf-8"))
    report["threshold"] |= {"value": 0.0, "likeness": -1.0}
    path.write_text(json.dumps(report), encoding="utf-8")
