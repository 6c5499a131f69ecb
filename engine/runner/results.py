"""What a run found, from its folder into the database: nothing is stored that pages cannot show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.jobs import kinds
from engine.runs import files, snapshot
from engine.runs.files import REPORT, USAGE
from engine.runs.shapes import Each, Maybe, flag, misfit, number, text, whole
from storage import home
from storage.database.connection import Database
from storage.runs import reports, suggestions
from storage.types import Run

_FIGURES = {"precision": number, "recall": number, "f1": number, "support": whole}
_TABLE = dict.fromkeys(("micro", "macro", "weighted"), _FIGURES) | {"labels": Each(_FIGURES)}
_SCORES = {
    "entity": _TABLE,
    "token": {"accuracy": number, **_TABLE},
    "confusion": {"labels": [text], "counts": [[whole]], "exact": [whole]},
}
_SPLITS = {"dev": Maybe(_SCORES), "test": Maybe(_SCORES)}
_SEED = {"seed": number, "kept": flag}
_TRAINING = {
    "best_epoch": Maybe(whole),
    "epochs": whole,
    "train_documents": whole,
    "device": text,
    "seeds": Maybe([_SEED]),
    **_SPLITS,
}


def store(db: Database, run: Run) -> None:
    """Store what the folder of a run holds, in place of what was stored before.

    Raises:
        RunFolderError: a file is missing, or is not what it should be.
    """
    folder, kind = home.run_folder(run.folder), kinds.of(run)
    if kind.leaves_suggestions:
        # Read whole before the first is stored: the suggestions of before stay, or all go.
        found = list(snapshot.read_suggestions(folder)), list(snapshot.read_scores(folder))
        suggestions.store(db, run.model_of or 0, *found)
    elif kind.leaves_model:
        report = read_report(folder)
        with files.reading(folder / REPORT):
            _check(report)
        reports.store_report(db, run.id, report, snapshot.read_matches(folder))
    else:
        reports.store_report(db, run.id, read_report(folder), {})


def read_report(folder: Path) -> dict[str, Any]:
    """Read a finished run's ``report.json``, with what ``usage.json`` adds.

    Raises:
        RunFolderError: one of them is not what it should be, or there is no report.
    """
    path, usage = folder / REPORT, folder / USAGE
    report = files.read_object(path)
    with files.reading(path):
        _fit(report, _SPLITS)
    return {**report, **(files.read_object(usage) if usage.exists() else {})}


def _check(report: dict[str, Any]) -> None:
    _fit(report, _TRAINING)
    for split in filter(report.get, _SPLITS):
        table = report[split]["confusion"]
        size = len(table["labels"]) + 1
        if [len(row) for row in table["counts"]] != [size] * size:
            raise ValueError(f"its {split}.confusion is no square")


def _fit(found: dict[str, Any], shape: dict[str, Any]) -> None:
    if wrong := misfit(found, shape):
        raise ValueError(f"its {wrong} is not as it should be")
