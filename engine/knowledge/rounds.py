"""Rounds that write themselves: each training that ended leaves one in its project's notebook.

Whoever serves the runs writes the next one that is missing, so that a round is written also where
no server lived when its run ended. Two may do so at once: the second finds it written.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from engine.evaluation.figures import known_by
from engine.evaluation.findings import weakest
from engine.inspection import differences
from engine.inspection.differences import DataDifferences, What
from engine.jobs import kinds
from engine.jobs.trained import has_model
from engine.knowledge import outcome
from engine.runner import models, results, trouble
from storage import tasks
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines.clock import now
from storage.errors import NotFoundError, WhetstoneError
from storage.knowledge import notebook, work
from storage.knowledge.notebook import Closing, Entry, Round
from storage.knowledge.work import Work
from storage.runs import runs
from storage.types import Run, RunState

FIRST = "A first model"
ENDS = {
    RunState.DONE: Round.DONE,
    RunState.FAILED: Round.FAILED,
    RunState.CANCELLED: Round.CANCELLED,
}
DOCUMENTS = (What.ADDED, What.REMOVED, What.MOVED, What.RELABELLED)
# As many labels and changes of a label are told one by one.
NAMED = 8
log = logging.getLogger("whetstone.notebook")


class Keeping:
    """Writes a missing round each time that it is called, and looks only where a run ended."""

    def __init__(self) -> None:
        self._seen: runs.Tally | None = None

    def __call__(self, db: Database) -> None:
        found = runs.tally(db)
        if found != self._seen and not write_next(db):
            self._seen = found


def settle(db: Database, project_id: int) -> None:
    """Write every round of a project that is missing."""
    while write_next(db, project_id):
        pass


def write_next(db: Database, project_id: int | None = None) -> bool:
    """Write the round of the run that ended first and has none; return whether there was one."""
    run_id = notebook.unwritten(db, kinds.with_models(), project_id)
    if run_id is None:
        return False
    try:
        run = runs.get_run(db, run_id)
        notebook.close(db, run_id, _closing(db, run))
    except NotFoundError:
        # Somebody deletes it at this very moment: it is asked for no more.
        log.info("Run %s was deleted before its round was written", run_id)
    return True


def _closing(db: Database, run: Run) -> Closing:
    opened = notebook.current(db, run.project_id)
    aimed = opened if opened and run.created_at >= opened.opened_at else None
    before = _before(db, run, aimed)
    about = dict(aimed.about) if aimed else _weakest(db, before)
    return Closing(
        state=ENDS[run.state],
        done=_done(db, run, before, aimed),
        brought=_brought(db, run, before, about),
        goal=aimed.goal if aimed else _goal(before),
        about=about,
        run=before.id if before else None,
        by="",
    )


def _goal(before: Run | None) -> str:
    return f"Better than {before.title}" if before else FIRST


def _before(db: Database, run: Run, aimed: Entry | None) -> Run | None:
    """Return what a run is held against: the one that showed what to do, else the one before."""
    known = [one for one in models(db, run.project_id) if one.id != run.id]
    shown = [one for one in known if aimed and one.id == aimed.run]
    return next(iter([*shown, *models(db, run.project_id, before=run.id, most=1)]), None)


def _weakest(db: Database, before: Run | None) -> dict[str, Any]:
    """Return what was weakest in a run, and the sentence that says so."""
    report = (results.of_run(db, before.id) if before else None) or {}
    known = known_by(report)
    if before is None or known is None:
        return {}
    task = projects.get_project(db, before.project_id).task
    found = weakest(report[known[0]], tasks.words(task))
    return {"label": found.label, "split": known[0], "said": found.sentence} if found else {}


def so_far(db: Database, entry: Entry) -> list[Work]:
    """Return what was done in an open round up to now."""
    try:
        before = runs.get_run(db, entry.run) if entry.run else None
    except NotFoundError:
        before = None
    return work.of(db, entry.project_id, work.Bounds(_start(before, entry), now()))


def _done(db: Database, run: Run, before: Run | None, aimed: Entry | None) -> list[Work]:
    """Return the work since the other run froze its data, and what the two were given."""
    if run.started_at is None:
        return []
    exact = (before.journal_id, run.journal_id) if before and before.journal_id else (None, None)
    bounds = work.Bounds(_start(before, aimed), run.started_at, *exact)
    return [*work.of(db, run.project_id, bounds), *(_given(run, before) if before else ())]


def _start(before: Run | None, aimed: Entry | None) -> str:
    """Return since when work counts: what the run before could not have known."""
    return (before.started_at if before else None) or (aimed.opened_at if aimed else "")


def _given(run: Run, before: Run) -> list[Work]:
    """Return how settings and data of two runs differ; nothing where a folder cannot tell."""
    try:
        asked, data = differences.of_settings(before, run), differences.of_data(before, run)
    except Exception as error:
        # What never began has frozen nothing; its round says why it failed.
        return [{"what": "unknown", "said": _said(error, run)}] if has_model(run) else []
    return [*_settings(asked), *_data(data)]


def _settings(asked: Mapping[str, tuple[Any, Any]]) -> list[Work]:
    return [
        {"what": "setting", "name": name, "before": before, "after": after}
        for name, (before, after) in asked.items()
    ]


def _data(found: DataDifferences) -> list[Work]:
    """Return which documents, and how often marks of which label, are others."""
    counts = {str(what): len(found.those(what)) for what in DOCUMENTS}
    told: list[Work] = []
    if any(counts.values()):
        told.append({"what": "documents", **counts})
    swaps = found.relabelled.most_common()
    told += [
        {"what": "relabelled", "from": one, "to": other, "count": n}
        for (one, other), n in swaps[:NAMED]
    ]
    return [*told, *_labels(found)]


def _labels(found: DataDifferences) -> list[Work]:
    each = [
        {
            "what": "marks",
            "label": label,
            **{
                str(what): counts[what]
                for what in (What.ADDED, What.REMOVED, What.MOVED)
                if counts[what]
            },
        }
        for label, counts in found.labels.items()
    ]
    return [one for one in each if len(one) > 2][:NAMED]


def _brought(
    db: Database, run: Run, before: Run | None, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the figures of a run and what became of its gold marks; or why there are none."""
    if run.state is not RunState.DONE:
        return {"title": run.title, "said": run.message or f"{run.title} was {run.state}."}
    try:
        return outcome.of(db, run, before, about)
    except Exception as error:
        return {"title": run.title, "said": _said(error, run)}


def _said(error: Exception, run: Run) -> str:
    """Say what is wrong with a run's folder, as its round keeps it; raise what is all runs'."""
    if trouble.is_of_the_database(error):
        raise error
    if not isinstance(error, WhetstoneError):
        log.exception("The round of %s is told without its figures", run.title)
    return trouble.sentence(error, run)
