"""``threads`` and ``ledger``: what people said to each other, and who did what on which day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer
from engine.commands.common.texts import Form, Format, Out, give
from engine.knowledge import threads as writing
from engine.knowledge.threads import FORMATS, Talk
from storage.collaboration import thread_lists
from storage.collaboration.thread_lists import State
from storage.collaboration.work import ledger as stored
from storage.collaboration.work.ledger import Ledger


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("threads")(threads)
    app.command("ledger")(ledger)


def threads(
    project: ProjectName,
    state: Annotated[State, typer.Option(help="Which of them.")] = State.ALL,
    form: Form = Format.MARKDOWN,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print or write what people said to each other in a project."""
    with opened() as db:
        found = options.find(db, project)
        talk = Talk(found.name, thread_lists.listed(db, found.id, state))
    text, payload = FORMATS[form](talk), writing.payload(talk)
    give(text, payload, form, out, as_json)


def ledger(project: ProjectName, as_json: AsJson = False) -> None:
    """Print who did what in a project, by name; with --json for each day."""
    with opened() as db:
        found = options.find(db, project)
        told = stored.read(db, found.id)
    days = [
        {"person": name, "day": day.isoformat(), **asdict(work)}
        for (name, day), work in told.days.items()
    ]
    changed = {name: asdict(each) for name, each in told.changed.items()}
    payload = {"project": found.name, "days": days, "changed_at_review": changed}
    answer(payload, as_json, "\n".join(_lines(told)) or "Nothing was labelled yet.")


def _lines(told: Ledger) -> Iterator[str]:
    for name in told.people:
        work = told.total(name)
        figures = f"{work.finished} documents, {work.edits} edits, {work.minutes} minutes"
        yield f"{name}: {figures}"
