"""Labels of files for documents that a project has already: looked at first, then put there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.corpus.import_plan import ImportPlan
from storage.actions import onto
from storage.actions.onto import Outcome, Progress
from storage.database.connection import Database
from storage.types import Problem, Severity

WHOSE = (
    "The files say who labelled: what is put onto documents is under your name, and of several "
    "answers to a text only the first. Import them as new documents to keep all."
)
KEPT = (
    "What is put onto documents is under your name. Of so many of them something else counts, as "
    "this project has it (Team says whose labels): {:,}."
)
WAITING = (
    "What is put onto documents is under your name. So many of them then have versions that "
    "differ, and count for nothing until somebody decides on Adjudicate: {:,}."
)


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
    return _told(plan, found)


def put(
    db: Database, plan: ImportPlan, where: Onto, progress: Progress | None = None
) -> ImportPlan:
    """Put the labels there and return a plan that says what became of them."""
    found = onto.put(
        *(db, where.project, where.annotator, plan.stage.placed(), plan.labels, where.by), progress
    )
    return _told(plan, found)


def _told(plan: ImportPlan, found: Outcome) -> ImportPlan:
    """Return the plan with what was found, and with what of the files is not put anywhere."""
    file = plan.files[0].name if plan.files else ""
    said = [WHOSE] if plan.stage.has_answers else []
    said += [KEPT.format(found.kept)] if found.kept else []
    said += [WAITING.format(found.waiting)] if found.waiting else []
    warned = tuple(Problem(Severity.WARNING, file, 0, each) for each in said)
    return replace(plan, outcome=found, problems=(*plan.problems, *warned))
