"""Runs: queued, claimed by one runner, cancelled, resumed, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.corpus.projects import mark_looked, required
from storage.corpus.validation import text as valid_text
from storage.database.connection import Database
from storage.engines import promoted
from storage.engines.clock import now
from storage.engines.run_rows import (
    Tally,
    Which,
    enter,
    is_at,
    mark_gone,
    run_of,
    tallied,
)
from storage.engines.schema import JournalRow, RunRow
from storage.errors import NotFoundError, RefusedError
from storage.permissions import Ability, needs
from storage.types import Run, RunKind, RunState

ACTIVE = [state for state in RunState if state.active]
# So many of a project's runs, the newest, are offered where one is chosen.
LISTED = 200


def tally(db: Database) -> Tally:
    """Count the runs of all projects that have not ended, in one query; indexes know the rest."""
    with db.read() as session:
        return tallied(session)


@needs(Ability.TRAIN)
def create_run(
    db: Database,
    project_id: int,
    settings: Mapping[str, Any],
    kind: str = RunKind.TRAINING,
    *,
    numbered: bool = True,
    model_of: int | None = None,
    expected: Mapping[str, float] | None = None,
) -> Run:
    """Queue a run and return it; raises NotFoundError.

    ``numbered`` are the runs that a person starts: they count 1, 2, 3 in their project, and
    the number of a deleted one is not given again. ``expected`` is what is expected of it.
    """
    with db.write() as session:
        project = required(session, project_id, turn=True)
        project.last_run += numbered
        row = add_row(session, project_id, kind, RunState.QUEUED, settings)
        row.number = project.last_run if numbered else None
        row.model_of, row.expected = model_of, dict(expected) if expected else None
        return run_of(row)


def add_row(
    session: Session, project_id: int, kind: str, state: RunState, settings: Mapping[str, Any]
) -> RunRow:
    """Add a run that nobody has worked on, with a name for its folder; return its row."""
    row = RunRow(
        project_id=project_id,
        kind=kind,
        state=state,
        attempt=0,
        settings=dict(settings),
        progress={},
        message="",
        created_at=now(),
        boot_id="",
        cancel_requested=False,
        cancel_keep=False,
        events_offset=0,
    )
    session.add(row)
    session.flush()
    row.folder = folder_name(row.id)
    return row


def get_run(db: Database, run_id: int) -> Run:
    """Return a run; raises NotFoundError."""
    with db.read() as session:
        return run_of(required_run(session, run_id))


def list_runs(
    db: Database, project_id: int | None = None, which: Which = Which(), most: int | None = None
) -> list[Run]:
    """Return the runs of a project, or of all, the newest first; not those that are no work."""
    query = select(RunRow).where(*which.conditions(project_id)).order_by(RunRow.id.desc())
    with db.read() as session:
        return [run_of(row) for row in session.scalars(query.limit(most))]


def count_runs(db: Database, project_id: int, since: int = 0) -> int:
    """Return how many there are for ``list_runs``, from the run of an id on."""
    own = Which().conditions(project_id)
    query = select(func.count()).select_from(RunRow).where(*own, RunRow.id >= since)
    with db.read() as session:
        return session.scalar(query) or 0


def states(db: Database, project_id: int, most: int | None = None) -> dict[int, RunState]:
    """Return the states of a project's runs by their ids: those that ``list_runs`` returns."""
    query = select(RunRow.id, RunRow.state).where(*Which().conditions(project_id))
    query = query.order_by(RunRow.id.desc()).limit(most)
    with db.read() as session:
        return {id: RunState(state) for id, state in session.execute(query)}


def active_runs(db: Database) -> list[Run]:
    """Return the runs that a worker should be alive for, the oldest first."""
    return list_runs(db, which=Which(states=ACTIVE))[::-1]


def queued_runs(db: Database) -> list[Run]:
    """Return the runs that wait, the oldest first."""
    return list_runs(db, which=Which(states=[RunState.QUEUED]))[::-1]


def claim_next(db: Database) -> Run | None:
    """Take the oldest queued run, as its next attempt; None where nothing is queued."""
    # A runner asks every second; it should not take a writer's turn each time.
    for waiting in queued_runs(db):
        if claimed := claim(db, waiting.id):
            return claimed
    return None


def claim(db: Database, run_id: int, machine: str | None = None) -> Run | None:
    """Take this queued run, as its next attempt; None where it is not queued any more.

    Of several machines that ask at a time one gets it: ``machine`` works on it from then on.
    """
    query = select(RunRow).where(RunRow.id == run_id, RunRow.state == RunState.QUEUED)
    with db.write() as session:
        row = session.scalar(query.with_for_update(skip_locked=True))
        if row is None:
            return None
        row.state = RunState.STARTING
        row.attempt += 1
        row.machine_id = machine
        # The data is frozen after this moment, so an edit before it is surely part of the run.
        row.started_at, row.finished_at = now(), None
        return run_of(row)


def set_attempt(db: Database, run_id: int, attempt: int) -> Run:
    """Count a claimed run's attempts from here, because earlier ones were forgotten."""
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        row.attempt = attempt
        return run_of(row)


def set_process(db: Database, run_id: int, pid: int, pid_started: float, boot_id: str) -> None:
    """Record which process works on a run: its id, when it began, on which boot."""
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        row.pid, row.pid_started, row.boot_id = pid, pid_started, boot_id


def set_state(
    db: Database, run_id: int, state: RunState, message: str = "", attempt: int | None = None
) -> bool:
    """Set a run's state and return whether that was done: a final state stays.

    So does that of any other attempt than ``attempt``: another machine may have begun one.
    """
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        return is_at(row, attempt) and enter(row, RunState(state), message, now())


def set_message(db: Database, run_id: int, message: str) -> None:
    """Say something about a run that goes on; what was said at its end stays."""
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        if not RunState(row.state).final:
            row.message = message


@needs(Ability.TRAIN)
def request_cancel(db: Database, run_id: int, keep: bool = False) -> None:
    """Cancel a queued run at once; ask for it where a worker has begun.

    With ``keep`` the worker tests and saves the best model so far, and the run ends as done.
    Who cancels without it has the last word.
    """
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        if row.state == RunState.QUEUED:
            enter(row, RunState.CANCELLED, "Cancelled before it began.", now())
        elif not RunState(row.state).final:
            row.cancel_keep = keep and (row.cancel_keep or not row.cancel_requested)
            row.cancel_requested = True


def cancel_requested(db: Database, run_id: int) -> bool:
    """Return whether somebody asked to cancel a run; raises NotFoundError."""
    with db.read() as session:
        return required_run(session, run_id).cancel_requested


def cancel_keeps(db: Database, run_id: int) -> bool:
    """Return whether the one who cancelled wants the best model so far; raises NotFoundError."""
    with db.read() as session:
        return required_run(session, run_id).cancel_keep


@needs(Ability.TRAIN)
def requeue(
    db: Database, run_id: int, *, ended: bool = False, message: str = "", attempt: int | None = None
) -> Run:
    """Queue a run again that failed, was cancelled or lost its worker; ``message`` says why.

    The caller must know that no worker is alive. Raises RefusedError where the run is done,
    with ``ended`` also where it has not ended. Another attempt than ``attempt`` goes on.
    """
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        if not is_at(row, attempt):
            return run_of(row)
        if row.state == RunState.DONE:
            raise RefusedError(f"{run_of(row).title} is done: start a new run instead.")
        if ended and not RunState(row.state).final:
            raise RefusedError(f"{run_of(row).title} is {row.state}: watch it, or cancel it first.")
        row.state, row.message, row.progress = RunState.QUEUED, message, {}
        row.cancel_requested = row.cancel_keep = False
        row.started_at = row.finished_at = row.pid = row.pid_started = None
        row.boot_id, row.machine_id = "", None
        return run_of(row)


def rename_folder(db: Database, run_id: int) -> Run:
    """Give a run a new folder, because its old one is somebody else's; raises NotFoundError.

    The events there are read from their first byte.
    """
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        row.folder, row.events_offset = folder_name(row.id), 0
        return run_of(row)


def mark_frozen(db: Database, run_id: int, newest: int | None = None) -> None:
    """Note the newest edit of the project that a run's frozen data knows; raises NotFoundError.

    Without one it is the newest of now. Edits up to there are part of the run, later ones not.
    """
    found = select(func.coalesce(func.max(JournalRow.id), 0))
    with db.write() as session:
        row = required_run(session, run_id)
        if newest is None:
            required(session, row.project_id, turn=True)
            newest = session.scalar(found.where(JournalRow.project_id == row.project_id))
        row.journal_id = newest


@needs(Ability.TRAIN)
def set_note(db: Database, run_id: int, note: str) -> Run:
    """Store what a person writes about a run; raises InputError, NotFoundError."""
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        row.note = valid_text(note.strip(), "The note")
        return run_of(row)


@needs(Ability.TRAIN)
def delete_run(db: Database, run_id: int) -> list[Run]:
    """Delete a run with its results and the suggestions of its model; return what was deleted.

    The passes that made those suggestions go with it. The folders stay for the caller to
    remove. Raises NotFoundError, RefusedError while one of these runs is active.
    """
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        users = select(RunRow).where(RunRow.model_of == run_id).order_by(RunRow.id)
        gone = [row, *session.scalars(users)]
        for one in gone:
            if RunState(one.state).active:
                what = "is training" if one is row else "has a model that is at work"
                raise RefusedError(f"{run_of(row).title} {what} right now: cancel that first.")
        if promoted.live_run(session, row.project_id) == run_id:
            raise RefusedError(
                f"{run_of(row).title} is live: promote another run, or roll back, before it goes."
            )
        found = [run_of(one) for one in gone]
        mark_looked(session, row.project_id)
        mark_gone(session)
        session.execute(delete(RunRow).where(RunRow.id.in_([one.id for one in gone])))
        return found


def required_run(session: Session, run_id: int, *, lock: bool = False) -> RunRow:
    """Return a run's row, held until the transaction ends if asked; raises NotFoundError."""
    row = session.get(RunRow, run_id, with_for_update=lock)
    if row is None:
        raise NotFoundError(f"There is no run {run_id}: choose one from the list of runs.")
    return row


def folder_name(run_id: int) -> str:
    """Return a name for a run's folder that no other one has."""
    # Ids come again: in another database of the same home, and in one that was restored.
    return f"{run_id}-{secrets.token_hex(4)}"
