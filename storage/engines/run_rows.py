"""A run's row as the vocabulary's ``Run``."""

from __future__ import annotations

from storage.engines.schema import RunRow
from storage.types import Run, RunState


def run_of(row: RunRow) -> Run:
    """Return what a row says of a run."""
    return Run(
        id=row.id,
        project_id=row.project_id,
        state=RunState(row.state),
        attempt=row.attempt,
        settings=row.settings,
        progress=row.progress,
        message=row.message,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        pid=row.pid,
        pid_started=row.pid_started,
        boot_id=row.boot_id,
        number=row.number,
        note=row.note,
        folder=row.folder,
        journal_id=row.journal_id,
        kind=row.kind,
        model_of=row.model_of,
        expected=row.expected,
        machine=row.machine_id,
    )


def is_at(row: RunRow, attempt: int | None) -> bool:
    """Tell whether a run is still at an attempt, which nobody else has put back into the queue."""
    return attempt is None or (row.attempt == attempt and row.state != RunState.QUEUED)


def enter(row: RunRow, state: RunState, message: str, at: str) -> bool:
    """Let a run enter a state and return whether it did: a final state stays."""
    if RunState(row.state).final:
        return False
    row.state, row.message = state, message
    if state.final:
        row.finished_at = at
    return True
