"""A run's row as the vocabulary's ``Run``, and which rows are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storage.engines.schema import RunRow, SettingRow
from storage.types import Run, RunKind, RunState

# The setting that is another after runs were deleted.
GONE = "runs_gone"


@dataclass(frozen=True, slots=True)
class Which:
    """Which runs are asked for: what is None makes no difference.

    A project may have ten thousand, and nearly always a few of them are meant.
    """

    kinds: Collection[str] | None = None
    states: Collection[RunState] | None = None
    ended: bool | None = None
    numbered: bool | None = None
    model_of: int | None = None
    ids: Collection[int] | None = None
    before: int | None = None
    """An id: only runs that were made earlier."""
    monitor: int | None = None
    """What the setting of that name says."""

    def conditions(self, project_id: int | None = None) -> Iterator[ColumnElement[bool]]:
        """Yield what holds of their rows; what only names a maker is none of them."""
        yield RunRow.kind.not_in([kind for kind in RunKind if not kind.is_work])
        if project_id is not None:
            yield RunRow.project_id == project_id
        if self.kinds is not None:
            yield RunRow.kind.in_(self.kinds)
        if self.states is not None:
            yield RunRow.state.in_(self.states)
        if self.ended is not None:
            yield RunRow.state.in_([state for state in RunState if state.final is self.ended])
        if self.numbered is not None:
            yield RunRow.number.is_not(None) if self.numbered else RunRow.number.is_(None)
        if self.model_of is not None:
            yield RunRow.model_of == self.model_of
        if self.ids is not None:
            yield RunRow.id.in_(self.ids)
        if self.before is not None:
            yield RunRow.id < self.before
        if self.monitor is not None:
            yield RunRow.settings["monitor"].as_integer() == self.monitor


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


class Tally(NamedTuple):
    """How many runs have not ended, and what is another when one begins, ends or goes."""

    live: int
    newest: int
    gone: str
    ended: str


def tallied(session: Session) -> Tally:
    """Return the tally of all projects' runs, in one query that reads none of them."""
    unfinished = RunRow.state.in_([state for state in RunState if not state.final])
    parts = (
        select(func.count()).where(unfinished),
        select(func.max(RunRow.id)),
        select(SettingRow.value).where(SettingRow.key == GONE),
        select(func.max(RunRow.finished_at)),
    )
    found = session.execute(select(*(part.scalar_subquery() for part in parts))).one()
    return Tally(found[0], found[1] or 0, found[2] or "", found[3] or "")


def mark_gone(session: Session) -> None:
    """Let those who keep which runs there are see that some have been deleted."""
    session.merge(SettingRow(key=GONE, value=uuid4().hex))
