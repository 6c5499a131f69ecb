"""``promote``, ``rollback`` and ``versions``: which model of a project is live."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.commands.common.opening import opened
from engine.commands.common.options import find
from engine.commands.common.terminal import AsJson, ProjectName, RunNumber, answer
from engine.serving import promoting
from storage.corpus import projects
from storage.runs import runs
from storage.serving import versions
from storage.serving.versions import Promotion, Version
from storage.types import Stage

Note = Annotated[str, typer.Option(help="Why.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("promote")(promote)
    app.command("rollback")(rollback)
    app.command("versions")(list_versions)


def promote(
    run: RunNumber,
    stage: Annotated[
        Stage, typer.Option("--to", help="live is what is served; candidate is held against it.")
    ] = Stage.LIVE,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Make a finished run's model its project's live one, or its candidate."""
    with opened() as db:
        made = promoting.promote(db, run, stage, note)
        name = projects.get_project(db, made.project_id).name
    answer(row(made), as_json, f"{made.title} of {name!r} is {versions.worded(stage)} now.")


def rollback(project: ProjectName, note: Note = "", as_json: AsJson = False) -> None:
    """Make the model live again that was live before."""
    with opened() as db:
        made = promoting.rollback(db, find(db, project).id, note)
    answer(row(made), as_json, f"{made.title} is live again.")


def list_versions(project: ProjectName, as_json: AsJson = False) -> None:
    """List the models that were promoted, each by the run's number of `runs`, and the history."""
    with opened() as db:
        chosen = find(db, project)
        known = versions.list_versions(db, chosen.id)
        told = versions.history(db, chosen.id)
        present = {each.id for each in runs.list_runs(db, chosen.id)}
    payload = {
        "project": project,
        "versions": [row(each) | {"present": each.run_id in present} for each in known],
        "history": [row(each) for each in told],
    }
    answer(payload, as_json, "\n".join(map(_line, known)) or "Nothing is promoted yet.")


def row(made: Promotion) -> dict[str, Any]:
    """Return a promotion, or a version, as JSON says it."""
    return {
        "run": made.run_id,
        "number": made.run_number,
        "stage": str(made.stage),
        "kind": made.kind,
        "digest": made.digest,
        "note": made.note,
        "by": made.by,
        "at": made.at,
    }


def _line(made: Version) -> str:
    # What is promoted is named by this number; on the pages a project counts its own.
    number, note = made.run_id or "gone", f"  {made.note}" if made.note else ""
    return f"{number:>5}  {made.stage:<9}  {made.title:<8}  {made.at[:16]}  {made.by}{note}"
