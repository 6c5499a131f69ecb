"""Freeze many documents in a process apart: threads that serve people wait for none of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.runner.freezing import documents
from storage.corpus.documents import count_documents
from storage.database.connection import Database, file_of
from storage.errors import InputError, RefusedError, TrainingError
from storage.runs import runs
from storage.types import Run, RunState

ROOT = Path(__file__).resolve().parents[3]
# From so many documents on a process of its own costs less than it saves others.
MANY = 10_000
GLANCE_SECONDS = 0.2
CANCELLED = "Cancelled before it began."


def freeze(db: Database, run: Run, folder: Path) -> Sequence[str]:
    """Do what ``documents.freeze`` does, apart where there are many.

    Raises as that does, TrainingError where the process ends without a word, and RefusedError
    where somebody cancels the run meanwhile, which then has ended.
    """
    # Another database than this home's is open in tests and in one that is restored.
    ours = db.path is not None and db.path == file_of()
    if not ours or count_documents(db, run.project_id) < MANY:
        return documents.freeze(db, run, folder)
    asked = [sys.executable, "-m", "engine.runner.freezing.process", str(run.id), str(folder)]
    child = subprocess.Popen(
        asked, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        while True:
            try:
                said, _ = child.communicate(timeout=GLANCE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                _heed(db, run)
    finally:
        child.kill()
        child.wait()
    return _answer(said, child.returncode)


def _heed(db: Database, run: Run) -> None:
    if runs.cancel_requested(db, run.id):
        runs.set_state(db, run.id, RunState.CANCELLED, CANCELLED)
        raise RefusedError(CANCELLED)


def _answer(said: str, code: int) -> Sequence[str]:
    if code or not said:
        raise TrainingError(f"Its documents could not be read: the process ended with {code}.")
    found = json.loads(said)
    if "lacks" in found:
        raise InputError(found["lacks"])
    return found["labels"]
