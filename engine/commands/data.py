"""``export``: documents out of a project into a file."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status as Spinner

from engine import tasks
from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import (
    AsJson,
    ProjectName,
    answer,
    console,
    count,
    list_problems,
)
from engine.corpus import exporting
from engine.formats import Shape, writer_of
from storage.corpus import moment, projects
from storage.errors import NotFoundError
from storage.types import Document, Split, Status

# So many differences are told one by one.
EXAMPLES = 10


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
        shape = Shape.of(tasks.get(chosen.task))
        usual = writer_of(output.name, shape).name if shape.whole and not format else "conll"
        with moment.at(db, chosen.id) as now, Spinner("Writing", console=console) as spinner:

            def read(*, tokens: bool, checking: bool) -> Iterator[Document]:
                spinner.update("Reading back" if checking else "Writing")
                return now.answered(split, (Status.DONE,), tokens=tokens)

            exported, found = exporting.carry_out(
                read, partial(write_whole, output), output, format or usual, task=chosen.task
            )
    list_problems(exported.problems)
    payload: dict[str, object] = {"project": project, "documents": found.documents}
    payload |= {"output": str(output), "read_back": found.summary()}
    said = f"{count(found.documents, 'document')}, done → {output}\n{found.sentence()}"
    answer(payload, as_json, "\n".join([said, *found.examples[:EXAMPLES]]))
