"""``coach``: let a project's coach learn what was labelled, and suggest for what comes next."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, count
from storage.database.connection import Database
from storage.errors import BusyError

AT_WORK = (
    "A coach is at work on this project already, while somebody tags it in the app: it learns "
    "everything by itself. To drive it by a script, close the Tag page and wait five minutes."
)
POLL_SECONDS = 0.5


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("coach")(coach)


def coach(
    project: ProjectName,
    once: Annotated[
        bool, typer.Option("--once", help="Do one update, else go on until Ctrl+C.")
    ] = False,
    ahead: Annotated[
        int, typer.Option(min=0, help="For how many of the documents to do it suggests.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Learn what was labelled since, and suggest for the documents that come next."""
    with opened() as db:
        found = options.find(db, project)
        from engine.coach import worker

        held = worker.lock(db, found.id)
        if not held.acquire():
            raise BusyError(AT_WORK)
        try:
            _work(db, found.id, ahead, once, as_json)
        finally:
            held.release()


def _work(db: Database, project_id: int, ahead: int, once: bool, as_json: bool) -> None:
    """Do one update, or one after the other."""
    # Here, not above: torch takes seconds to load, and other commands do without it.
    from engine.coach.coach import Coach
    from storage.finding import facets
    from storage.finding.sets import bit_sets

    coach = Coach(db, project_id)
    try:
        while True:
            to_do = bit_sets.members(facets.index(db, project_id).to_do)[:ahead]
            update = coach.update(to_do)
            if once or update.documents:
                payload = {**asdict(update), "learner": coach.name}
                payload.pop("changed")
                answer(payload, as_json, text(payload))
            if once:
                return
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return
    finally:
        coach.close()


def text(payload: dict[str, Any]) -> str:
    """Say in one line what an update has brought."""
    return (
        f"Learned from {count(payload['documents'], 'document')}, suggests "
        f"{count(payload['suggestions'], 'label')} ({payload['learner']}, "
        f"{payload['seconds']:.1f} s)."
    )
