"""``export``: documents out of a project into a file."""

from pathlib import Path
from typing import Annotated

import typer

from engine import tasks
from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import (
    AsJson,
    ProjectName,
    answer,
    count,
    list_problems,
)
from engine.corpus import exporting
from engine.formats import Shape, writer_of
from storage.corpus import projects
from storage.errors import NotFoundError
from storage.journal import annotations
from storage.types import Split, Status


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("export")(export_project)


def export_project(
    project: ProjectName,
    output: Annotated[Path, typer.Argument(metavar="OUTPUT")],
    format: Annotated[
        str, typer.Option(help="Else conll for spans, and for others what OUTPUT is called.")
    ] = "",
    split: Annotated[Split | None, typer.Option(help="Only this split.")] = None,
    as_json: AsJson = False,
) -> None:
    """Export the documents that are done, with their newest labels."""
    with opened() as db:
        chosen = projects.find_project(db, project)
        if chosen is None:
            raise NotFoundError(f"There is no project {project!r}.")
        found = list(annotations.current(db, chosen.id, split=split, statuses=(Status.DONE,)))
    shape = Shape.of(tasks.get(chosen.task))
    usual = writer_of(output.name, shape).name if shape.whole and not format else "conll"
    exported = exporting.export(found, format or usual, task=chosen.task)
    write_whole(output, exported.chunks)
    list_problems(exported.problems)
    payload = {"project": project, "documents": len(found), "output": str(output)}
    answer(payload, as_json, f"{count(len(found), 'document')}, done → {output}")
