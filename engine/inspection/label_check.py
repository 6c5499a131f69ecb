"""Label checks that are done: which one still stands, and what of it is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.evaluation.suspects import Suspect
from engine.jobs import kinds
from engine.runner import changes, models, results
from storage.database.connection import Database
from storage.runs import runs, suspects
from storage.runs.suspects import State, Wanted
from storage.types import Project, Run, RunKind, RunState


@dataclass(frozen=True, slots=True)
class Asked:
    """How labels are to be checked."""

    base: str
    folds: int
    rounds: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What was chosen besides."""


def newest(db: Database, project_id: int) -> Run | None:
    """Return the newest label check of a project, in whatever state; None without one."""
    return next(iter(_checks(db, project_id, most=1)), None)


def done(db: Database, project: Project) -> Run | None:
    """Return the newest check that is done; None without one."""
    found = suspects.newest_run(db, project.id)
    return None if found is None else runs.get_run(db, found)


def informed(db: Database, check: Run) -> bool:
    """Tell whether the models of a check that is done knew enough to weigh labels."""
    return bool((results.of_run(db, check.id) or {}).get("informed", True))


def around(db: Database, project: Project, check: Run) -> tuple[Run, Run] | None:
    """Return the last model before a check and the newest after it; None without either."""
    before = next(iter(models(db, project.id, before=check.id, most=1)), None)
    after = next((run for run in models(db, project.id, most=1) if run.id > check.id), None)
    return (before, after) if before and after else None


def same_before(db: Database, project_id: int, asked: Asked) -> Run | None:
    """Return a check that was done as it is asked for, on the labels of now; None without one."""
    for run in _checks(db, project_id):
        if run.state is not RunState.DONE:
            continue
        same = all(run.settings.get(name) == value for name, value in _wanted(asked).items())
        if same and not changes.since(db, run).total:
            return run
    return None


def _checks(db: Database, project_id: int, most: int | None = None) -> list[Run]:
    return runs.list_runs(db, project_id, runs.Which(kinds=[RunKind.CROSS_VALIDATION]), most)


def _wanted(asked: Asked) -> dict[str, Any]:
    own = {"base": asked.base, kinds.FOLDS: asked.folds, kinds.ROUNDS: asked.rounds}
    return {**own, **asked.settings}


def open_suspects(db: Database, run: Run) -> list[Suspect]:
    """Return what a check suspects and nobody has decided yet, the most suspicious first."""
    ids = suspects.ids(db, run.id, Wanted(states=(State.OPEN,)))
    return [
        Suspect(each.document, each.given, each.suggested, each.score, each.reason)
        for each in suspects.of_ids(db, ids)
    ]
