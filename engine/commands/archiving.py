"""``archive`` and ``unarchive``: a project, with all that belongs to it, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.common.opening import opened
from engine.commands.common.options import find
from engine.commands.common.terminal import AsJson, answer
from storage.archives import restoring, writing
from storage.errors import InputError


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("archive")(archive)
    app.command("unarchive")(unarchive)


def archive(
    project: Annotated[str, typer.Argument(help="The project's name.")],
    file: Annotated[Path, typer.Argument(help="The file to write, such as letters.whetstone.zip")],
    as_json: AsJson = False,
) -> None:
    """Write a project to one file: documents, labels, edits, runs, models, settings."""
    with opened() as db:
        found = find(db, project)
        try:
            counts = writing.write(db, found.id, file)
            size = file.stat().st_size
        except OSError as error:
            raise InputError(f"{file} cannot be written ({error.strerror}).") from error
    payload = {"project": project, "file": str(file), "bytes": size, "rows": counts}
    text = (
        f"{file} holds {project}: {counts['documents']:,} documents, {counts['journal']:,} edits "
        f"and {counts['runs']:,} runs in {size / 1e6:,.1f} MB."
    )
    answer(payload, as_json, text)


def unarchive(
    file: Annotated[
        Path, typer.Argument(help="A file that archive wrote, of this version or older.")
    ],
    name: Annotated[str, typer.Option("--name", help="What to call the project here.")] = "",
    as_json: AsJson = False,
) -> None:
    """Add the project of an archive to this home: all of it, or nothing."""
    with opened() as db:
        project = restoring.restore(db, file, name)
    payload = {"project": project.name, "id": project.id}
    answer(payload, as_json, f"The project {project.name} is here now, with all that it had.")
