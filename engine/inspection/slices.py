"""How a finished run does in each slice: figures of the rows that the database has.

Every figure is counted from the rows that a click opens, so it is their number.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.evaluation.rates import f1_of_counts
from engine.evaluation.slices import figures, registry
from engine.evaluation.slices.figures import GOLD, PREDICTED, RIGHT, SliceFigures
from engine.runner.owning import folder_of
from engine.runs import facts
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.facts import Filter
from storage.finding import own_slices, search
from storage.finding.own_slices import OwnSlice
from storage.runs import match_rows, reports, slices
from storage.runs.slices import Outcome
from storage.types import Run

# Splits of runs whose counts are kept in memory: 1,000 resamples take a moment to draw.
KEPT = 64

_Kept = OrderedDict[tuple, Any]
_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()
_complete: WeakKeyDictionary[Database, set[tuple[int, str]]] = WeakKeyDictionary()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Named:
    """What a slice is called, and a sentence about it."""

    title: str
    about: str
    own: OwnSlice | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """The marks of a split by document; ``counts`` is of shape (documents, 4)."""

    documents: np.ndarray
    counts: np.ndarray

    def f1(self, documents: Sequence[int]) -> tuple[float, int]:
        """Return the F1 of some documents, and how many gold marks they have."""
        right, predicted, gold, _ = self.counts[np.isin(self.documents, documents)].sum(axis=0)
        both = (np.array([count], dtype=np.float64) for count in (right, predicted, gold))
        return float(f1_of_counts(*both)[0]), int(gold)


@dataclass(frozen=True, slots=True)
class Sliced:
    """The slices of one split of a run, the costliest first."""

    figures: Sequence[SliceFigures]
    missing: str
    """Why the computed ones are not there, "" where they are."""
    stale: str
    """Why people's own may be out of date, "" where they are not."""


def names(db: Database, project_id: int) -> dict[str, Named]:
    """Return all slices by the names that rows have: people's own, then those that are known."""
    own = {
        each.key: Named(each.name, f"Documents that match now: {each.search.words}.", each)
        for each in own_slices.of_project(db, project_id)
    }
    return own | {each.name: Named(each.title, each.about) for each in registry.every()}


def of_run(db: Database, run: Run, split: str, asked: Filter = Filter()) -> Sliced:
    """Return the figures of all slices of a split that hold anything of what a filter leaves.

    What an older version did not store is completed, and people's own are brought up to date,
    where that can be.
    """
    missing, stale = complete(db, run), own_slices.refresh(db, run.project_id, run.id)
    stamp = slices.stamp(db, run.id), own_slices.stamp(db, run.project_id), missing
    key = run.id, split, asked
    found = _keep(db, key, stamp, lambda: _figures(db, run, split, asked))
    return Sliced(found, missing, stale)


def complete(db: Database, run: Run) -> str:
    """See to it that the slices of a run are stored; an older version may have stored it without.

    Returns why they are not, in one sentence; "" where they are.
    """
    computed = registry.computed()
    # A run may have no mark in any slice: that is found out once.
    once = run.id, reports.stored_at(db, run.id)
    with _lock:
        known = _complete.setdefault(db, set())
    if once in known or slices.known(db, run.id, computed):
        return ""
    if barrier := db.barrier():
        return f"Slices are not there: an older version stored this report. {barrier}"
    try:
        found = facts.slices(folder_of(run), match_rows.by_split(db, run.id))
        slices.store(db, run.id, computed, found)
    except WhetstoneError as error:
        return f"Slices are not there, because the run's data cannot be read. {error}"
    known.add(once)
    return ""


def over_runs(
    db: Database, own: OwnSlice, runs: Sequence[Run], split: str
) -> dict[int, tuple[float, int]]:
    """Return F1 and support of a search's documents of now in each run that was scored there.

    Runs that have nothing of it in this split are left out. Raises InputError where it cannot be
    looked for in time.
    """
    found: dict[int, tuple[float, int]] = {}
    for run in runs:
        documents = search.ids(db, run.project_id, own.search)
        f1, support = counted(db, run, split).f1(documents)
        if support:
            found[run.id] = f1, support
    return found


def counted(db: Database, run: Run, split: str) -> Counted:
    """Return the marks of a split by document."""
    stamp = slices.stamp(db, run.id)
    return _keep(db, (run.id, split), stamp, lambda: _count(slices.outcomes(db, run.id, split)))


def _keep(db: Database, key: tuple, stamp: tuple, find: Any) -> Any:
    with _lock:
        known = _kept.setdefault(db, OrderedDict())
    before = known.get(key)
    found = before[1] if before and before[0] == stamp else find()
    with _lock:
        known[key] = stamp, found
        known.move_to_end(key)
        while len(known) > KEPT:
            known.popitem(last=False)
    return found


def _count(outcomes: Sequence[Outcome]) -> Counted:
    table = _table(outcomes)
    documents, places = np.unique(table[:, 1], return_inverse=True)
    return Counted(documents, _sum(_marks(table), places, len(documents)))


def _figures(db: Database, run: Run, split: str, asked: Filter) -> list[SliceFigures]:
    table = _table(slices.outcomes(db, run.id, split, asked))
    members = slices.members(db, run.id, split)
    documents, places = np.unique(table[:, 1], return_inverse=True)
    marks, size = _marks(table), len(documents)
    found: Mapping[str, np.ndarray] = {
        name: _sum(marks[held], places[held], size)
        for name, ids in members.items()
        if (held := np.isin(table[:, 0], ids)).any()
    }
    return figures.figures(found, _sum(marks, places, size))


def _table(outcomes: Sequence[Outcome]) -> np.ndarray:
    return np.array(outcomes, dtype=np.int64).reshape(-1, len(Outcome._fields))


def _marks(table: np.ndarray) -> np.ndarray:
    """Return right, predicted, gold and wrong of each match, of shape (matches, 4)."""
    right = table[:, 2]
    marks = np.empty((len(table), 4), dtype=np.int64)
    marks[:, RIGHT], marks[:, PREDICTED], marks[:, GOLD] = right, table[:, 3], table[:, 4]
    marks[:, figures.ERRORS] = 1 - right
    return marks


def _sum(marks: np.ndarray, places: np.ndarray, documents: int) -> np.ndarray:
    """Sum marks by document, of shape (documents, 4)."""
    sums = [np.bincount(places, weights=column, minlength=documents) for column in marks.T]
    return np.stack(sums, axis=1).astype(np.int64)
