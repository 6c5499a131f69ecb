"""What people did in a project between two moments: edits, actions, guideline, queues.

Each piece of work is a plain record, which a round of the notebook keeps as it was told at its
end: ``{"what", "by", "count", …}``. No numbers of rows are in it, for those may move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.schema import (
    ActionRow,
    ExampleRow,
    GuidelineVersionRow,
    JournalRow,
    LabelRow,
    QueueDocumentRow,
    QueueRow,
)
from storage.types import Merged

Work = dict[str, Any]
# Of more actions than these the others are counted together.
NAMED = 6


@dataclass(frozen=True, slots=True)
class Bounds:
    """After which moment, up to which one, as ISO 8601.

    Of edits it is told exactly where their numbers are known: what a run's frozen data knows.
    """

    since: str
    until: str
    after: int | None = None
    upto: int | None = None


def of(db: Database, project_id: int, bounds: Bounds) -> list[Work]:
    """Return what was done in a project within bounds."""
    with db.read() as session:
        return between(session, project_id, bounds)


def between(session: Session, project_id: int, bounds: Bounds) -> list[Work]:
    """Return the same, inside of a transaction."""

    def within(table: Any) -> ColumnElement[bool]:
        after, upto = table.created_at > bounds.since, table.created_at <= bounds.until
        return and_(table.project_id == project_id, after, upto)

    row, edits = JournalRow, within(JournalRow)
    if bounds.after is not None and bounds.upto is not None:
        known = row.id > bounds.after, row.id <= bounds.upto
        edits = and_(row.project_id == project_id, *known)
    return [
        *_edits(session, edits),
        *_actions(session, within(ActionRow)),
        *_guideline(session, within(GuidelineVersionRow)),
        *_examples(session, within(ExampleRow)),
        *_queues(session, within(QueueRow)),
    ]


def _edits(session: Session, here: ColumnElement[bool]) -> list[Work]:
    """Count edits of single documents by whom they are; one that was undone is none."""
    row = JournalRow
    who = func.coalesce(row.actor, row.annotator)
    decided = row.annotator == Merged.ADJUDICATED
    count = func.sum(case((row.undoes.is_not(None), -1), else_=1))
    query = (
        select(who, decided, count, func.count(row.document_id.distinct()))
        .where(here, row.action_id.is_(None), row.annotator != Merged.MAJORITY)
        .group_by(who, decided)
        .order_by(who, decided)
    )
    return [
        {"what": "decisions" if judged else "edits", "by": by, "count": n, "documents": documents}
        for by, judged, n, documents in session.execute(query)
        if n > 0
    ]


def _actions(session: Session, here: ColumnElement[bool]) -> list[Work]:
    """Return the actions that were not taken back."""
    rows = session.scalars(select(ActionRow).where(here).order_by(ActionRow.id)).all()
    back = {row.reverses for row in rows}
    kept = [row for row in rows if row.reverses is None and row.id not in back]
    told: list[Work] = [
        {
            "what": "action",
            "title": row.title,
            "by": row.annotator,
            "count": row.spans,
            "documents": row.documents,
        }
        for row in kept[:NAMED]
    ]
    return [*told, {"what": "actions", "count": len(kept) - NAMED}] if kept[NAMED:] else told


def _guideline(session: Session, here: ColumnElement[bool]) -> list[Work]:
    row = GuidelineVersionRow
    found = session.execute(select(row.number, row.author).where(here).order_by(row.number)).all()
    if not found:
        return []
    by = ", ".join(sorted({author for _, author in found if author}))
    return [{"what": "guideline", "by": by, "count": len(found), "version": found[-1][0]}]


def _examples(session: Session, here: ColumnElement[bool]) -> list[Work]:
    row = ExampleRow
    query = select(LabelRow.name, row.author, func.count()).join(
        LabelRow, LabelRow.id == row.label_id
    )
    found = session.execute(query.where(here).group_by(LabelRow.name, row.author))
    return [
        {"what": "examples", "label": label, "by": by, "count": n} for label, by, n in sorted(found)
    ]


def _queues(session: Session, here: ColumnElement[bool]) -> list[Work]:
    size = (
        select(func.count())
        .select_from(QueueDocumentRow)
        .where(QueueDocumentRow.queue_id == QueueRow.id)
        .scalar_subquery()
    )
    query = select(QueueRow.name, QueueRow.reason, QueueRow.created_by, size).where(here)
    return [
        {"what": "queue", "name": name, "reason": reason, "by": by, "count": n}
        for name, reason, by, n in session.execute(query.order_by(QueueRow.id))
    ]
