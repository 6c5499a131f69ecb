"""What figures of a finished run are counted from: read once, kept while it is looked at."""

from __future__ import annotations

from functools import lru_cache

from engine.evaluation.certainty import intervals
from engine.evaluation.certainty.intervals import Intervals
from engine.evaluation.certainty.judged import Judged, Judgement
from storage.cells import ANY, Cell
from storage.database.connection import Database
from storage.facts import Filter
from storage.runs import reports


def judged(db: Database, run: int, split: str, asked: Filter = Filter()) -> Judged:
    """Return the matches of a split that a filter leaves."""
    return _read(db, Cell(run, split, ANY, filter=asked), reports.stored_at(db, run))


def intervals_of(
    db: Database, run: int, split: str, documents: int, asked: Filter = Filter()
) -> Intervals:
    """Return the interval of each F1 of a split with so many documents."""
    cell = Cell(run, split, ANY, filter=asked)
    return _intervals(db, cell, reports.stored_at(db, run), documents)


@lru_cache(maxsize=8)
def _read(db: Database, cell: Cell, stored_at: str) -> Judged:
    return Judged.of(Judgement(*row) for row in reports.judgements(db, cell))


@lru_cache(maxsize=32)
def _intervals(db: Database, cell: Cell, stored_at: str, documents: int) -> Intervals:
    return intervals.of(_read(db, cell, stored_at), documents)
