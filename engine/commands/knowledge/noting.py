"""``notebook``: a project's rounds, what each brought, and what was learned."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.common import options
from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer
from engine.knowledge import rounds, writing
from engine.knowledge.writing import FORMATS, Notebook
from storage import tasks
from storage.knowledge import notebook as stored

Format = StrEnum("Format", [(name.upper(), name) for name in FORMATS])  # type: ignore[misc]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("notebook")(notebook)


def notebook(
    project: ProjectName,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.MARKDOWN,  # type: ignore[attr-defined]
    out: Annotated[Path | None, typer.Option(help="Write it into this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print or write a project's notebook: each round, what it brought, what was learned."""
    with opened() as db:
        found = options.find(db, project)
        if not db.barrier():
            rounds.settle(db, found.id)
        book = Notebook(found.name, stored.entries(db, found.id), tasks.words(found.task))
    text, payload = FORMATS[form](book), writing.payload(book)
    if out:
        write_whole(out, [text.encode("utf-8", "replace")])
        answer({**payload, "format": str(form), "file": str(out)}, as_json, f"Wrote {out}.")
    else:
        answer(payload, as_json, text.removesuffix("\n"))
