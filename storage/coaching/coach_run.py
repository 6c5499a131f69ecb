"""The run in whose name the coach of a project suggests: there is one, and nobody starts it."""

from __future__ import annotations

from sqlalchemy import select

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import RunRow
from storage.runs.runs import folder_name
from storage.types import RunKind, RunState


def find(db: Database, project_id: int) -> int | None:
    """Return the run of a project's coach; None where it never suggested anything."""
    query = select(RunRow.id).where(RunRow.project_id == project_id, RunRow.kind == RunKind.COACH)
    with db.read() as session:
        return session.scalar(query.order_by(RunRow.id).limit(1))


def ensure(db: Database, project_id: int) -> int:
    """Return the run of a project's coach, made where there is none; raises NotFoundError."""
    return find(db, project_id) or _create(db, project_id)


def _create(db: Database, project_id: int) -> int:
    with db.write() as session:
        # Who waited for this turn may find that another one has made it.
        required(session, project_id, turn=True)
        known = select(RunRow.id).where(
            RunRow.project_id == project_id, RunRow.kind == RunKind.COACH
        )
        if found := session.scalar(known.order_by(RunRow.id).limit(1)):
            return found
        row = RunRow(
            project_id=project_id,
            kind=RunKind.COACH,
            state=RunState.DONE,
            attempt=0,
            settings={},
            progress={},
            message="",
            created_at=now(),
            finished_at=now(),
            boot_id="",
            cancel_requested=False,
            cancel_keep=False,
            events_offset=0,
        )
        session.add(row)
        session.flush()
        row.folder = folder_name(row.id)
        return row.id
