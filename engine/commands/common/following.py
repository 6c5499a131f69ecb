"""Serve or watch the queue until a run ends, with its progress on standard error."""

from __future__ import annotations

import time
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.commands.common.terminal import console
from engine.jobs import kinds
from engine.knowledge import rounds
from engine.runner import JobRunner, folder_of, why
from engine.runner.results import printed
from storage.database.connection import Database
from storage.errors import TrainingError
from storage.runs import runs
from storage.types import Run, RunState

FOLLOW_SECONDS = 0.2


def follow(db: Database, run: Run) -> Run:
    """Serve or watch the queue until the run ends; an interrupt cancels it and waits on.

    What a training's model suggests is left to the next runner: nobody here waits for it.
    """
    behind = kinds.of(run).background
    runner = JobRunner(db, suggests=True, serves_background=behind, afterwards=rounds.Keeping())
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    with bar:
        shown = bar.add_task(f"run {run.id}: queued", total=None)
        try:
            while not run.state.final:
                try:
                    runner.step()
                    time.sleep(FOLLOW_SECONDS)
                except KeyboardInterrupt:
                    runs.request_cancel(db, run.id)
                run = runs.get_run(db, run.id)
                bar.update(shown, description=_headline(db, run), **_position(run))
        finally:
            runner.release()
    return run


def report_of(run: Run) -> dict:
    """Return what a finished run reports, with its number, state and folder.

    Raises:
        TrainingError: the run failed or was cancelled.
    """
    if run.state is not RunState.DONE:
        raise TrainingError(f"{run.title} {run.state}: {run.message}")
    folder = folder_of(run)
    own = {"run": run.id, "number": run.number, "state": str(run.state), "folder": str(folder)}
    return {**printed(folder), **own, "message": run.message}


def _headline(db: Database, run: Run) -> str:
    progress = run.progress
    loss, member, members = (progress.get(key) for key in ("loss", "member", "members"))
    one = kinds.of(run).member
    seed = f", {one} {member} of {members}" if members and members > 1 else ""
    said = why(db, run) or run.message
    words = f", {said}" if said and not run.state.final else ""
    return f"run {run.id}: {run.state}{seed}" + (f", loss {loss:.3f}" if loss else "") + words


def _position(run: Run) -> dict[str, Any]:
    steps = run.progress.get("steps")
    return {"total": steps, "completed": run.progress.get("step", 0)} if steps else {}
