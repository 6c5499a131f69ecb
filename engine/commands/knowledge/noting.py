"""``notebook``: a project's rounds, what each brought, and what was learned."""

from __future__ import annotations

import typer

from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName
from engine.commands.common.texts import Form, Format, Out, give
from engine.knowledge import rounds, writing
from engine.knowledge.writing import FORMATS, Notebook
from storage import tasks
from storage.knowledge import notebook as stored


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("notebook")(notebook)


def notebook(
    project: ProjectName,
    form: Form = Format.MARKDOWN,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print or write a project's notebook: each round, what it brought, what was learned."""
    with opened() as db:
        found = options.find(db, project)
        if not db.barrier():
            rounds.settle(db, found.id)
        book = Notebook(found.name, stored.entries(db, found.id), tasks.words(found.task))
    text, payload = FORMATS[form](book), writing.payload(book)
    give(text, payload, form, out, as_json)
