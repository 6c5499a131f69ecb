"""The runs in whose name suggestions are made that no run's model makes: nobody starts them.

A project has one of a kind: its coach's, and that of the words of earlier projects; word lists
have one each (``storage.coaching.word_lists``).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import RunRow
from storage.runs.runs import add_row
from storage.types import RunKind, RunState


def find(db: Database, project_id: int, kind: RunKind = RunKind.COACH) -> int | None:
    """Return a project's run of a kind; None where nothing was suggested in its name."""
    with db.read() as session:
        return _known(session, project_id, kind)


def ensure(db: Database, project_id: int, kind: RunKind = RunKind.COACH) -> int:
    """Return a project's run of a kind, made where there is none; raises NotFoundError."""
    return find(db, project_id, kind) or _create(db, project_id, kind)


def _create(db: Database, project_id: int, kind: RunKind) -> int:
    with db.write() as session:
        # Who waited for this turn may find that another one has made it.
        required(session, project_id, turn=True)
        if found := _known(session, project_id, kind):
            return found
        row = add_row(session, project_id, kind, RunState.DONE, {})
        row.finished_at = now()
        return row.id


def _known(session: Session, project_id: int, kind: RunKind) -> int | None:
    query = select(RunRow.id).where(RunRow.project_id == project_id, RunRow.kind == kind)
    return session.scalar(query.order_by(RunRow.id).limit(1))
