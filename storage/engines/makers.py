"""Which runs' models have looked at a project's documents."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.engines.schema import DocumentScoreRow, RunRow


def of_project(session: Session, project_id: int) -> Sequence[int]:
    """Return the runs of a project of whose models there are scores, the oldest first.

    They are few, of documents there may be millions and of runs thousands: an index is asked for
    the next one after each.
    """
    run = DocumentScoreRow.run_id
    found = select(func.min(run).label("run")).cte("makers", recursive=True)
    after = select(func.min(run)).where(run > found.c.run).scalar_subquery()
    found = found.union_all(select(after).select_from(found).where(found.c.run.is_not(None)))
    query = select(RunRow.id).join(found, found.c.run == RunRow.id)
    return session.scalars(query.where(RunRow.project_id == project_id).order_by(RunRow.id)).all()
