"""Labels of files for documents that a project has already: looked at first, then put there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.corpus.import_plan import ImportPlan
from storage.actions import onto
from storage.actions.onto import Progress
from storage.database.connection import Database


@dataclass(frozen=True, slots=True)
class Onto:
    """Whose documents of which project get the labels, and how they are found (`onto.WAYS`)."""

    project: int
    annotator: str
    by: str


def look(
    db: Database, plan: ImportPlan, where: Onto, progress: Progress | None = None
) -> ImportPlan:
    """Return a plan that says what would become of its documents; raises as `onto.look`."""
    found = onto.look(
        *(db, where.project, where.annotator, plan.stage.placed(), plan.labels, where.by), progress
    )
    return replace(plan, outcome=found)


def put(
    db: Database, plan: ImportPlan, where: Onto, progress: Progress | None = None
) -> ImportPlan:
    """Put the labels there and return a plan that says what became of them."""
    found = onto.put(
        *(db, where.project, where.annotator, plan.stage.placed(), plan.labels, where.by), progress
    )
    return replace(plan, outcome=found)
