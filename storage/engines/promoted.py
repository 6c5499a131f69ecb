"""Which run of a project is live, from its promotions: for whoever changes runs or versions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.engines.schema import PromotionRow
from storage.types import Stage

ROLLBACK = "rollback"


def rows(session: Session, project_id: int) -> list[PromotionRow]:
    """Return a project's promotions, the oldest first."""
    query = select(PromotionRow).where(PromotionRow.project_id == project_id)
    return list(session.scalars(query.order_by(PromotionRow.id)))


def lives(told: Iterable[PromotionRow]) -> list[PromotionRow]:
    """Return the promotions that stand one on the other: the last is live, or would be again.

    A promotion to live is put on top, a rollback takes the top away.
    """
    stack: list[PromotionRow] = []
    for row in told:
        if row.stage != Stage.LIVE:
            continue
        if row.kind == ROLLBACK:
            stack = _down_to(stack, row)
        else:
            stack.append(row)
    return stack


def live_run(session: Session, project_id: int) -> int | None:
    """Return the run whose model is live; None where none is."""
    stack = lives(rows(session, project_id))
    return stack[-1].run_id if stack else None


def _down_to(stack: list[PromotionRow], back: PromotionRow) -> list[PromotionRow]:
    """Return the stack as a rollback leaves it: its own row stands for the run it went back to."""
    below = stack[:-1]
    while below and below[-1].run_id != back.run_id:
        below.pop()
    return [*below[:-1], back]
