"""``runs`` and ``cancel``: what there is, and how to stop it."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.commands.common.following import follow
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, RunNumber, answer
from engine.jobs.kinds import TRIALS
from engine.runner import why
from storage import home
from storage.database.connection import Database
from storage.errors import RefusedError
from storage.runs import runs
from storage.types import Run, RunState


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("runs")(list_all)
    app.command("cancel")(cancel)


def list_all(as_json: AsJson = False) -> None:
    """List the runs, the newest first."""
    with opened() as db:
        rows = [_row(run) | _waits(db, run) for run in runs.list_runs(db)]
    lines = [_line(row) for row in rows]
    answer({"runs": rows}, as_json, "\n".join(lines) or "There is no run yet.")


def _waits(db: Database, run: Run) -> dict:
    return {"message": why(db, run)} if run.state is RunState.QUEUED else {}


def _line(row: dict) -> str:
    # A run that waits has no folder yet that is worth a look.
    what = row["message"] if row["state"] == RunState.QUEUED else row["folder"]
    return f"{row['run']:>5}  {row['state']:<10} {what}"


def cancel(
    run: RunNumber,
    keep: Annotated[
        bool, typer.Option("--keep", help="Stop, but test and keep the best model so far.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Stop a run and wait until it has stopped."""
    with opened() as db:
        before = runs.get_run(db, run)
        if before.state.final:
            raise RefusedError(f"Run {run} is {before.state}: there is nothing left to cancel.")
        runs.request_cancel(db, run, keep=keep)
        after = follow(db, runs.get_run(db, run))
    answer(_row(after), as_json, f"Run {run} is {after.state}. {after.message}".strip())


def _row(run: Run) -> dict:
    return {
        "run": run.id,
        "number": run.number,
        "note": run.note,
        "project": run.project_id,
        "state": str(run.state),
        "folder": str(home.run_folder(run.folder)),
        "attempt": run.attempt,
        "kind": run.kind,
        "recipe": run.settings.get("recipe", ""),
        "trials": run.settings.get(TRIALS, 0),
        "model_of": run.model_of or 0,
        "base": run.settings.get("base", ""),
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "message": run.message,
        "expected": run.expected,
    }
