"""``runner`` and ``machines``: serve a shared database's queue from here, and who else does."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from typing import Annotated

import typer

from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, answer, note
from engine.knowledge import rounds
from engine.runner import JobRunner
from engine.runner.machines.needs import GIGABYTE
from storage.database.connection import Database
from storage.errors import InputError
from storage.machines import identity, machines
from storage.machines.machines import Machine
from storage.runs import runs

ALONE = (
    "Tags tell several machines apart, and this database is a file, which one machine serves: "
    "leave them out, or set WHETSTONE_DB to a PostgreSQL server that all of them reach."
)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("runner")(serve)
    app.command("machines")(list_all)


def serve(
    tags: Annotated[
        str | None, typer.Option(help="What this machine has besides, with commas: gpu,big.")
    ] = None,
    name: Annotated[str, typer.Option(help="What it is called; else its name in the net.")] = "",
    as_json: AsJson = False,
) -> None:
    """Serve the queue from this machine, without pages, until it is stopped. Trainings go on."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    given = None if tags is None else identity.split(tags)
    with opened() as db:
        if db.path and (tags or name):
            raise InputError(ALONE)
        made = JobRunner(db, suggests=True, afterwards=rounds.Keeping(), tags=given, name=name)
        made.start()
        note(f"Serving {db.url}; Ctrl+C stops that, and trainings go on.")
        try:
            _wait(made, stopping)
        finally:
            made.stop()
    answer({"stopped": True}, as_json, "This machine serves no queue any more; trainings go on.")


def _wait(made: JobRunner, stopping: threading.Event) -> None:
    """Wait for the end, and say meanwhile why nothing is served, where that is so."""
    said = ""
    while not stopping.wait(1.0):
        if made.machine.trouble != said and (said := made.machine.trouble):
            note(said)


def list_all(as_json: AsJson = False) -> None:
    """List the machines that serve a shared database: what they have, what they run."""
    with opened() as db:
        rows = [_row(db, machine) for machine in machines.list_machines(db)]
    text = "\n".join(map(_line, rows)) or "One machine serves this database: this one."
    answer({"machines": rows}, as_json, text)


def _row(db: Database, machine: Machine) -> dict:
    at_work = [run.id for run in runs.active_runs(db) if run.machine == machine.id]
    return {**asdict(machine), "runs": at_work}


def _line(row: dict) -> str:
    state = "silent" if row["silent"] else "in trouble" if row["trouble"] else "serves"
    has = f"{row['cores']} cores, {row['memory'] / GIGABYTE:.0f} GB, {len(row['gpus'])} GPUs"
    tags = f", {','.join(row['tags'])}" if row["tags"] else ""
    doing = f"; runs {', '.join(map(str, row['runs']))}" if row["runs"] else ""
    return f"{row['name']}: {state}; {has}{tags}{doing}; heard of at {row['heard_at']}"
