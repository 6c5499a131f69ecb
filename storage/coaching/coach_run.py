"""The run in whose name the coach of a project suggests: there is one, and nobody starts it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import RunRow
from storage.runs.runs import add_row
from storage.types import RunKind, RunState


def find(db: Database, project_id: int) -> int | None:
    """Return the run of a project's coach; None where it never suggested anything."""
    with db.read() as session:
        return _known(session, project_id)


def ensure(db: Database, project_id: int) -> int:
    """Return the run of a project's coach, made where there is none; raises NotFoundError."""
    return find(db, project_id) or _create(db, project_id)


def _create(db: Database, project_id: int) -> int:
    with db.write() as session:
        # Who waited for this turn may find that another one has made it.
        required(session, project_id, turn=True)
        if found := _known(session, project_id):
            return found
        row = add_row(session, project_id, RunKind.COACH, RunState.DONE, {})
        row.finished_at = now()
        return row.id


def _known(session: Session, project_id: int) -> int | None:
    query = select(RunRow.id).where(RunRow.project_id == project_id, RunRow.kind == RunKind.COACH)
    return session.scalar(query.order_by(RunRow.id).limit(1))
