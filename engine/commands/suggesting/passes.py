"""``suggest``: let a trained model suggest labels for all documents of a project."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

import typer

from engine.commands.common import options
from engine.commands.common.following import follow, report_of
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, console, count
from engine.jobs import kinds
from engine.runner import suggest as queue_suggestions
from engine.system import shell
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, RunState


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("suggest")(suggest)


def suggest(
    project: ProjectName,
    model: Annotated[
        int | None, typer.Option("--run", help="Whose model; else the newest one's.")
    ] = None,
    ray: options.Ray = "",
    workers: options.Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Let a model suggest labels, and what to label next, for all documents."""
    spread: dict[str, Any] = {kinds.RAY: ray, kinds.WORKERS: workers} if ray else {}
    with opened() as db:
        chosen = options.model_of(db, options.find(db, project), model)
        run = follow(db, queue_suggestions(db, chosen.id, **spread))
    payload = results(run)
    answer(payload, as_json, text(payload))


def announce(db: Database, run: Run) -> None:
    """Say on standard error that a training's suggestions wait, where they do."""
    waiting = runs.Which(model_of=run.id, states=[RunState.QUEUED])
    if runs.list_runs(db, run.project_id, waiting, most=1):
        name = projects.get_project(db, run.project_id).name
        console.print(
            "Its model's suggestions for all documents are queued: the app makes them when it "
            f"runs, or {shell.ENGINE} suggest --project {shlex.quote(name)} does now.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def results(run: Run) -> dict[str, Any]:
    """Return what was suggested; raise TrainingError where that failed or was cancelled."""
    return {**report_of(run), "model": run.model_of}


def text(payload: dict) -> str:
    """Say in one line what was suggested."""
    return (
        f"Run {payload['model']} suggests {count(payload['suggestions'], 'label')} "
        f"in {count(payload['documents'], 'document')}."
    )
