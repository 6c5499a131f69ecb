"""Finished runs with files that stand for a model: promoting reads them, and loads none."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.runs import checkpoints
from engine.runs.files import MODEL
from storage import home
from storage.database.connection import Database
from storage.runs import reports
from storage.types import Run, RunState
from tests.pages.conftest import REPORT

Train = Callable[[float], Run]


def model_of(run: Run) -> Path:
    """Return the folder of a run's model."""
    return home.run_folder(run.folder) / MODEL


@pytest.fixture
def train(db: Database, make_run: Callable[..., Run]) -> Train:
    """Make a finished run whose model has an F1 on test, on 20 spans."""

    def train(f1: float) -> Run:
        run, report = make_run(RunState.DONE), copy.deepcopy(REPORT)
        report["test"]["headline"]["value"] = f1
        reports.store_report(db, run.id, report, {})

        def write(draft: Path) -> None:
            (draft / "model.safetensors").write_bytes(f"weights {run.id}".encode())

        checkpoints.write_whole(model_of(run), write)
        return run

    return train
