"""``import --onto``: labels from files put onto the documents that a project has."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands.common.terminal import answer, count, list_problems
from engine.corpus.import_plan import ImportPlan
from engine.formats.common.problems import sentence
from engine.transfers import putting
from engine.transfers.putting import Onto
from storage.actions.onto import Outcome
from storage.database import settings
from storage.database.connection import Database
from storage.errors import InputError
from storage.types import Project

LISTED = 1_000


def put_onto(
    db: Database,
    project: Project | None,
    plan: ImportPlan,
    by: str,
    advice: Mapping[str, str],
    *,
    keep: bool,
    as_json: bool,
) -> None:
    """Put what was read onto the project's documents and answer what became of it."""
    if project is None:
        raise InputError("There is no such project whose documents could get these labels.")
    plan.check(advice)
    where = Onto(project.id, settings.annotator(db), by)
    plan = putting.put(db, plan, where) if keep else putting.look(db, plan, where)
    found = plan.outcome or Outcome()
    list_problems(plan.problems, advice=advice)
    list_problems(plan.unmatched, LISTED)
    payload = {
        "project": project.name,
        "action": found.action.id if found.action else None,
        "documents": found.given,
        "matched": found.matched,
        "changed": found.changed,
        "silent": found.silent,
        "unmatched": found.missed,
        "reasons": [sentence(each) for each in plan.unmatched],
    }
    answer(payload, as_json, _sentence(payload, keep))


def _sentence(payload: dict, keep: bool) -> str:
    text = (
        f"{count(payload['matched'], 'document')} of {payload['documents']:,} found in "
        f"{payload['project']}, {payload['changed']:,} changed."
    )
    if payload["unmatched"]:
        text += f" {payload['unmatched']:,} were not found."
    return text if keep else f"{text} Nothing was changed: this was a dry run."
