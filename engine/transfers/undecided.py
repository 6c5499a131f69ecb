"""What would come in and count for nothing yet: answers that differ, where decisions count."""

from __future__ import annotations

from dataclasses import replace

from engine.corpus.import_plan import ImportPlan
from storage.collaboration import deciding
from storage.collaboration.rules.policies import Gold
from storage.database.connection import Database
from storage.types import Problem, Severity

WAITING = (
    "In this project it counts what was decided, and of so many documents the files hold answers "
    "that differ and no decision. They come in and wait for one on Adjudicate: {:,}."
)


def look(db: Database, plan: ImportPlan, project: int | None) -> ImportPlan:
    """Return a plan that says how many of its documents would wait for a decision."""
    if project is None or plan.refused or not plan.stage.has_answers:
        return plan
    if deciding.policy(db, project).kind is not Gold.ADJUDICATED:
        return plan
    if not (waiting := plan.stage.undecided()):
        return plan
    told = Problem(Severity.WARNING, plan.files[0].name, 0, WAITING.format(waiting))
    return replace(plan, problems=(*plan.problems, told))
