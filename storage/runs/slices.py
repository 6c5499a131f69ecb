"""Which matches of a report are in which slice: rows of a name, and counts of them.

What a slice is, its name's registry says (``engine/evaluation/slices``), or the search that
people gave it (``storage/finding/own_slices.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import String, case, cast, delete, func, insert, select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import MatchRow, MatchSliceRow, ReportRow, RunRow
from storage.facts import Filter
from storage.runs import filtering, turns
from storage.runs.runs import required_run
from storage.types import ErrorKind, Split

# Rows that one statement brings: many are stored, and each statement costs by itself.
ROWS = 20_000
COLUMNS = "match_id", "name"


class Outcome(NamedTuple):
    """A match as it is counted: by its document, whether it is right, and which sides it has."""

    id: int
    document: int
    right: int
    predicted: int
    gold: int


def store(
    db: Database,
    run_id: int,
    names: Collection[str],
    found: Mapping[Split, Iterable[Sequence[str]]],
) -> None:
    """Store in turns which of ``names`` each match of a run is in.

    That takes the place of what was known of these. ``found`` has as many lists as the run has
    matches in a split, in their order. Raises NotFoundError where the run was deleted meanwhile.
    """
    own = select(MatchRow.id).where(MatchRow.run_id == run_id)
    for split in Split:
        with db.read() as session:
            required_run(session, run_id)
            ids = list(session.scalars(own.where(MatchRow.split == split).order_by(MatchRow.id)))
        # Of a split that is not told, what was known goes as well.
        lists = found[split] if split in found else ([] for _ in ids)
        for group in turns.groups(zip(ids, lists, strict=True)):
            with turns.turn(db, run_id) as session:
                _forget(session, [id for id, _ in group], names)
                _add(session, group)


def _forget(session: Session, ids: Sequence[int], names: Collection[str]) -> None:
    for some in chunks(ids):
        mine = MatchSliceRow.match_id.in_(some)
        for chunk in chunks(names):
            session.execute(delete(MatchSliceRow).where(mine, MatchSliceRow.name.in_(chunk)))


def _add(session: Session, found: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Insert rows for matches by id, each with the names of the slices that it is in.

    There may be a million: the driver takes them as they are, in a third of the time.
    """
    connection = session.connection()
    statement = insert(MatchSliceRow).compile(dialect=connection.dialect)
    rows = ((id, name) for id, names in found for name in names)
    for chunk in chunks(rows, ROWS):
        given = (
            chunk
            if statement.positional
            else [dict(zip(COLUMNS, row, strict=True)) for row in chunk]
        )
        connection.exec_driver_sql(str(statement), given)


def known(db: Database, run_id: int, names: Collection[str]) -> bool:
    """Tell whether any match of a run is in one of these slices."""
    here = MatchRow.run_id == run_id, MatchSliceRow.name.in_(names)
    query = select(MatchRow.id).join(MatchSliceRow, MatchSliceRow.match_id == MatchRow.id)
    with db.read() as session:
        return session.scalar(query.where(*here).limit(1)) is not None


def members(db: Database, run_id: int, split: str) -> dict[str, list[int]]:
    """Return the ids of the matches of a split that are in each slice."""
    ids = func.aggregate_strings(cast(MatchSliceRow.match_id, String), ",")
    query = (
        select(MatchSliceRow.name, ids)
        .join(MatchRow, MatchRow.id == MatchSliceRow.match_id)
        .where(MatchRow.run_id == run_id, MatchRow.split == split)
        .group_by(MatchSliceRow.name)
    )
    with db.read() as session:
        # As texts: a row for each would take four times as long to come.
        return {name: list(map(int, found.split(","))) for name, found in session.execute(query)}


def outcomes(db: Database, run_id: int, split: str, asked: Filter = Filter()) -> list[Outcome]:
    """Return what is counted of each match of a split that a filter leaves, in their order."""
    exact = case((MatchRow.kind == ErrorKind.EXACT, 1), else_=0)
    sides = (
        case((side.is_(None), 0), else_=1)
        for side in (MatchRow.predicted_label, MatchRow.gold_label)
    )
    query = select(MatchRow.id, MatchRow.document_id, exact, *sides)
    here = MatchRow.run_id == run_id, MatchRow.split == split
    query = query.where(*here, *filtering.conditions(asked)).order_by(MatchRow.id)
    with db.read() as session:
        return [Outcome(*row) for row in session.execute(query)]


def stamp(db: Database, run_id: int) -> tuple[str, str]:
    """Return what is another once a run's rows may be: when it was stored, when a run last ended.

    A look into a run, itself one, brings slices that need a model.
    """
    project = select(RunRow.project_id).where(RunRow.id == run_id).scalar_subquery()
    ended = select(func.max(RunRow.finished_at)).where(RunRow.project_id == project)
    with db.read() as session:
        stored = select(ReportRow.stored_at).where(ReportRow.run_id == run_id)
        return session.scalar(stored) or "", session.scalar(ended) or ""
