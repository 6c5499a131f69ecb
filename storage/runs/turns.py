"""Rows of a run that may be a million, written in short turns: nobody waits who saves an edit."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.runs.runs import required_run

T = TypeVar("T")

# Rows that are written under one turn, and seconds between two: who waits for a turn looks as
# often as that.
AT_ONCE, BREATH = 1000, 0.02


def groups(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield items in the groups of a turn each, with a breath between two."""
    for number, group in enumerate(chunks(items, AT_ONCE)):
        if number:
            time.sleep(BREATH)
        yield group


@contextmanager
def turn(db: Database, run_id: int) -> Iterator[Session]:
    """Yield a session in which a run's rows are written; raises NotFoundError without the run."""
    with db.write() as session:
        required_run(session, run_id, lock=True)
        yield session


def clear(db: Database, run_id: int, table: Any) -> None:
    """Delete a run's rows of a table that has ids."""
    query = select(table.id).where(table.run_id == run_id).order_by(table.id)
    with db.read() as session:
        known = list(session.scalars(query))
    for group in groups(known):
        with turn(db, run_id) as session:
            # A run's rows come one after another, and others between them stay.
            here = table.id.between(group[0], group[-1]), table.run_id == run_id
            session.execute(delete(table).where(*here))


def add(db: Database, run_id: int, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows of a run."""
    for group in groups(rows):
        with turn(db, run_id) as session:
            session.execute(insert(table), group)
