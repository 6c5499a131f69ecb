"""Facts of a run's matches: completed when a page first asks, and what filters leave by them."""

from __future__ import annotations

from typing import Any

from engine.evaluation import confusion
from engine.evaluation.slices import registry
from engine.evaluation.slices.train import Counting
from engine.runner.owning import folder_of
from engine.runs import facts
from engine.tasks.base import Task
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.facts import Facts, Filter
from storage.runs import filtering, match_rows, slices
from storage.types import Match, Run, Split


def complete(db: Database, run: Run) -> str:
    """See to it that the facts of a run's matches are stored; it costs nothing where they are.

    Returns why matches cannot be filtered, in one sentence; "" where they can. The report itself
    needs neither the run's folder nor a database that can be written.
    """
    if filtering.known(db, run.id):
        return ""
    if barrier := db.barrier():
        return f"Filters are not there: an older version stored this report. {barrier}"
    try:
        _complete(db, run)
    except WhetstoneError as error:
        return f"Filters are not there, because the run's data cannot be read. {error}"
    return ""


def recount(db: Database, run: Run, split: str, task: Task, asked: Filter) -> dict[str, Any]:
    """Return what of a split's scores follows from the matches that a filter leaves."""
    found = filtering.tally(db, run.id, split, asked)
    counted = ((each.gold, each.predicted, each.exact, each.count) for each in found)
    return task.recount(confusion.add_up(counted))


def _complete(db: Database, run: Run) -> None:
    """Store facts and slices: both are told from one reading of the frozen data."""
    folder, counting = folder_of(run), Counting()
    held: dict[Split, list[list[str]]] = {}

    def find(matches: dict[Split, list[Match]]) -> dict[Split, list[Facts]]:
        known = facts.find(folder, matches, counting.add)
        held.update(facts.slices(folder, matches, counting.train))
        return known

    match_rows.set_facts(db, run.id, find)
    slices.store(db, run.id, registry.computed(), held)
