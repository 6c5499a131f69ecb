"""Who made suggestions, as people read it: "run 3", "coach, revision 37", "word list Cities"."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from storage.database.connection import Database
from storage.engines.run_rows import run_of
from storage.engines.schema import RunRow
from storage.types import Run, RunKind

ZERO_SHOT = "zero_shot"
"""The setting of a run that names a zero-shot model."""
WORD_LIST = "word_list"
"""The setting of a run in whose name a list's strings are suggested: the list's name."""


def names(db: Database, run_ids: Iterable[int]) -> dict[int, str]:
    """Return the name of each of these runs' models, by the run's id."""
    query = select(RunRow).where(RunRow.id.in_(set(run_ids)))
    with db.read() as session:
        return {row.id: _name(run_of(row)) for row in session.scalars(query)}


def revised(name: str, revision: int | None) -> str:
    """Return a maker's name with how often it had learned, where it goes on learning."""
    return name if revision is None else f"{name}, revision {revision:,}"


def _name(run: Run) -> str:
    if run.kind == RunKind.COACH:
        return "coach"
    if run.kind == RunKind.WORDS:
        return "words of earlier projects"
    if run.kind == RunKind.WORD_LIST:
        return f"word list {run.settings.get(WORD_LIST, '')}".strip()
    if run.kind == RunKind.ZERO_SHOT:
        told = run.settings.get(ZERO_SHOT) or {}
        return f"zero-shot {told.get('name') or Path(told.get('folder') or '').name}".strip()
    return run.title.lower()
